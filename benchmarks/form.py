"""One authorization by the form, as eight people send it: the real server, in turn with its limits.

Beside it stand a page without rows (what any signed-in request costs), and the raw limit: one
fsynced insert of a small row each, from as many connections, with no web server at all.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from statistics import median
from urllib.parse import urlencode
from uuid import UUID

import psycopg
from django.conf import settings
from django.test import Client

from benchmarks import browser, crowd, network, stage
from benchmarks.table import Row
from clearwork.authorizations.models import Authorization, AuthorizationEvent, Delivery
from clearwork.centers.models import MedicalCenter, Service
from clearwork.database import address, embedded, scope
from clearwork.employers.models import Worksite
from clearwork.foundation import clock
from clearwork.foundation.ids import uuid7

CLIENTS = 8
WORKERS, THREADS = 2, 4  # as docs/operations.md advises
GOAL = 300
WARM_UP = 20
PAGE = "/authorizations/"  # of an employer who has none
_HOST = "127.0.0.1"
_TABLE = """
    CREATE TABLE raw_form (id uuid PRIMARY KEY, name text NOT NULL);
    GRANT INSERT ON raw_form TO clearwork_app
"""


@dataclass(frozen=True)
class Size:
    """Rounds, and what each client sends in a round."""

    rounds: int
    each: int


FULL = Size(rounds=6, each=100)
SMOKE = Size(rounds=1, each=3)


@dataclass(frozen=True)
class Person:
    """Someone signed in, at an employer of their own, and whom they authorize."""

    cookie: str
    token: str
    employee: UUID
    worksite: UUID
    service: UUID
    center: UUID


@dataclass
class _Figures:
    form: list[float] = field(default_factory=list)
    page: list[float] = field(default_factory=list)
    raw: list[float] = field(default_factory=list)
    took: list[float] = field(default_factory=list)


def measure(data: Path, *, smoke: bool) -> list[Row]:
    """The table's rows. RuntimeError where one authorization is not whole afterwards."""
    size, figures = SMOKE if smoke else FULL, _Figures()
    with embedded.connect(data, address.DATABASE) as owner:
        owner.execute(_TABLE)
    (center,) = network.centers("FORM", 1)
    service = _service(center)
    people = [_person(number, service, center) for number in range(CLIENTS)]
    readers = [_person(CLIENTS + number, service, center) for number in range(CLIENTS)]
    stage.analyze(data)
    with web() as port:
        browser.ask(_posts(port, people, WARM_UP))
        for _ in range(size.rounds):
            _round(figures, data, _posts(port, people, size.each), readers)
    _verify(WARM_UP * CLIENTS + size.rounds * CLIENTS * size.each)
    return _rows(figures)


def _posts(port: int, people: list[Person], count: int) -> list[browser.Visit]:
    return [browser.Visit(port, [_post(p, _typed(p)) for _ in range(count)], 302) for p in people]


def _round(
    figures: _Figures, data: Path, posts: list[browser.Visit], readers: list[Person]
) -> None:
    port, each = posts[0].port, len(posts[0].requests)
    pages = [browser.Visit(port, [_get(PAGE, reader)] * each, 200) for reader in readers]
    sent = browser.ask(posts)
    figures.form.append(sent.rate)
    figures.took.append(sent.took * 1000)
    figures.page.append(browser.ask(pages).rate)
    figures.raw.append(CLIENTS * each / crowd.threads(_inserting, [(data, each)] * CLIENTS))


def _service(center: MedicalCenter) -> Service:
    with scope.acting_as(scope.OPERATOR):
        service = Service.objects.create(code="FORM", name="Physical", kind="non_injury")
        center.services.add(service)
    return service


def _person(number: int, service: Service, center: MedicalCenter) -> Person:
    site: Worksite = network.employer(f"FORM-{number}")
    user = network.admin(site, f"form{number}")
    client = Client(SERVER_NAME=_HOST)
    with scope.acting_as(scope.ANONYMOUS):
        client.force_login(user)
    client.get("/authorizations/new/")
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    employee = network.employees(site, 1)[0]
    return Person(
        cookie="; ".join(f"{name}={value}" for name, value in cookies.items()),
        token=cookies[settings.CSRF_COOKIE_NAME],
        employee=employee.pk,
        worksite=site.pk,
        service=service.pk,
        center=center.pk,
    )


def _typed(person: Person) -> dict[str, object]:
    """What a browser sends of the form."""
    return {
        "csrfmiddlewaretoken": person.token,
        "submission": uuid7(),
        "who": "existing",
        "employee": person.employee,
        "worksite": person.worksite,
        "kind": "non_injury",
        "reason": "pre_placement",
        "services": person.service,
        "modality": "in_center",
        "center": person.center,
        "valid_from": clock.today(),
        "expires": clock.today() + timedelta(days=30),
        "center_note": "Fasting since midnight",
        "billing_note": "Cost center 4100",
    }


def _post(person: Person, typed: dict[str, object]) -> bytes:
    body = urlencode(typed).encode()
    head = (
        f"POST /authorizations/new/ HTTP/1.1\r\nHost: {_HOST}\r\nCookie: {person.cookie}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _get(path: str, person: Person) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: {_HOST}\r\nCookie: {person.cookie}\r\n\r\n".encode()


@contextmanager
def _inserting(part: tuple[Path, int]) -> Iterator[Callable[[], None]]:
    data, count = part
    with psycopg.connect(address.url(data, "clearwork_app"), autocommit=True) as connection:
        connection.execute("SELECT 1")
        yield lambda: _insert(connection, count)


def _insert(connection: psycopg.Connection, count: int) -> None:
    for number in range(count):
        connection.execute("INSERT INTO raw_form VALUES (gen_random_uuid(), %s)", [f"{number}"])


@contextmanager
def web() -> Iterator[int]:
    """The web server as in production; its port."""
    with socket.create_server((_HOST, 0)) as probe:
        port: int = probe.getsockname()[1]
    command = [sys.executable, "-m", "granian", "--interface=wsgi", f"--host={_HOST}"]
    command += [f"--port={port}", f"--workers={WORKERS}", f"--blocking-threads={THREADS}"]
    command += ["--http=1", "--no-ws", "--log-level=warning", "clearwork.config.wsgi:application"]
    process = subprocess.Popen(command, env=os.environ)
    try:
        _wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int) -> None:
    for _ in range(300):
        try:
            socket.create_connection((_HOST, port)).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("The web server did not start.")


def _verify(count: int) -> None:
    """Every form made one authorization, with its event and its delivery."""
    with scope.acting_as(scope.OPERATOR):
        made = Authorization.objects.filter(services__code="FORM")
        parts = [
            made.count(),
            AuthorizationEvent.objects.filter(authorization__in=made).count(),
            Delivery.objects.filter(authorization__in=made).count(),
        ]
    if parts != [count] * 3:
        raise RuntimeError(f"{count} forms were sent, {parts} are there.")


def _rows(figures: _Figures) -> list[Row]:
    form, page, raw = median(figures.form), median(figures.page), median(figures.raw)
    who = f"{CLIENTS} clients"
    return [
        Row(f"Page without rows, {who}", f"{page:,.0f}/s"),
        Row(f"One insert each, {who}", f"{raw:,.0f}/s"),
        Row(
            f"Form: authorizations, {who}", f"{form:,.0f}/s", "the page", form / page, f"≥{GOAL}/s"
        ),
        Row("  the same", f"{form:,.0f}/s", "one insert", form / raw),
        Row("Form: sent to answered", f"{median(figures.took):.1f} ms"),
    ]
