"""Results and Reports of an employer with 100,000 reports: the real view, its page rendered.

Requests go through the whole WSGI application in this process (django.test.Client), so
that what is measured is the server's time alone: no socket, no second process.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import LiteralString
from unittest.mock import patch

import psycopg
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks import network, stage
from benchmarks.table import Row
from clearwork.access.load import viewer_of
from clearwork.accounts.models import PortalAccess
from clearwork.api.actions import create_token
from clearwork.api.rules import Scope
from clearwork.database import address, embedded, fast, scope
from clearwork.database.paging import PAGE_SIZE
from clearwork.employers.models import Worksite
from clearwork.foundation import clock

_CENTERS = 24
_EMPLOYEES = 5_000
_REPORTS_FILE = Path(__file__).with_name("reports.sql")
PAGES = {
    "newest first": "all=1",
    "name prefix": "name=gar",
    "one person": "name=maria+garcia",
    "both names' starts": "name=mar+gar",
    "a name misspelt": "name=maria+gracia",
    "name, state and type": "name=ma&state=TX&kind=injury",
    "state and type": "state=TX&kind=injury",
    "born on a day": "date_of_birth=1960-06-01",
    "one center": "center={center}",
    "one worksite": "worksite={worksite}",
    "a rare type": "report_type=fit_test",
    "a rare type, archived": "report_type=fit_test&archived=on",
    "received in a week": "received_from={from}&received_until={until}&archived=all",
    "visits of a week": "visited_from={from}&visited_until={until}&archived=all",
    "not opened": "unread=on",
    "archived": "archived=on",
    "archived, by visit": "archived=on&sort=visited",
    "by visit": "sort=visited",
    "by name": "sort=name",
    "by name, a rare type": "sort=name&report_type=fit_test",
    "deep page": "all=1&after={deep}",
}

# The same searches by the API: what it answers is the page's rows as JSON.
BY_API = {"newest first": "", "name prefix": "name=gar", "by name": "sort=name"}


@dataclass(frozen=True)
class Size:
    rounds: int
    reports: int


FULL = Size(rounds=25, reports=100_000)
SMOKE = Size(rounds=2, reports=500)


@dataclass
class _Page:
    """One page's address, the SQL of its list, and milliseconds measured of each."""

    url: str
    sql: list[str]
    took: list[float] = field(default_factory=list)
    sql_took: list[float] = field(default_factory=list)


def measure(data: Path, *, smoke: bool) -> list[Row]:
    """The table's rows."""
    size = SMOKE if smoke else FULL
    full, empty = network.employer("400100"), network.employer("400200")
    _fill(data, full, size)
    reader, nobody = signed_in(full, "full"), signed_in(empty, "empty")
    named = facts(lambda: embedded.connect(data, address.DATABASE), full)
    urls = {name: f"/results/?{query.format(**named)}" for name, query in PAGES.items()}
    pages = {name: _Page(url, list_sql(reader, url)) for name, url in urls.items()}
    system, by_api = with_token(full, "system"), {name: list[float]() for name in BY_API}
    nothing: list[float] = []
    with psycopg.connect(address.url(data, "clearwork_app")) as raw:
        raw.execute("SELECT set_config('clearwork.scope', %s, false)", [_scope(full)])
        for _ in range(size.rounds):
            nothing.append(timed(lambda: get(nobody, "/results/?all=1")))
            for page in pages.values():
                page.took.append(timed(lambda url=page.url: get(reader, url)))
                page.sql_took.append(timed(lambda sql=page.sql: fetch(raw, sql)))
            for name, query in BY_API.items():
                by_api[name].append(timed(lambda q=query: get(system, f"/api/v1/results?{q}")))
    rows = [row for name, page in pages.items() for row in _rows(name, page, median(nothing))]
    rows += [
        Row(
            f"Search by the API, {name}",
            f"{median(took):.1f} ms",
            "its page",
            median(took) / median(pages[name].took),
        )
        for name, took in by_api.items()
    ]
    return [Row("Search page without rows", f"{median(nothing):.1f} ms"), *rows]


def _fill(data: Path, worksite: Worksite, size: Size) -> None:
    network.centers("SE", _CENTERS)
    facts = {"employer": worksite.employer_id, "worksite": worksite.pk}
    counts = {"employees": min(_EMPLOYEES, size.reports), "reports": size.reports}
    with embedded.connect(data, address.DATABASE) as owner, owner.transaction():
        for statement in _REPORTS_FILE.read_text().split(";\n"):
            psycopg.ClientCursor(owner).execute(statement, {**facts, **counts})  # type: ignore[arg-type]
    stage.analyze(data)


def signed_in(worksite: Worksite, name: str) -> Client:
    """A browser in which an Admin User of this employer is signed in."""
    client, user = Client(SERVER_NAME="127.0.0.1"), network.admin(worksite, name)
    with scope.acting_as(scope.ANONYMOUS):
        client.force_login(user)
    return client


def with_token(worksite: Worksite, name: str) -> Client:
    """A system of this employer's, that holds a token."""
    user = network.admin(worksite, name)
    with scope.acting_as(scope.employer(worksite.employer_id)):
        access = PortalAccess.objects.select_related("employer").get(user=user)
        viewer = viewer_of(access, user, access.employer)
        expires = clock.today() + timedelta(days=1)
        _, text = create_token(by=viewer, name="HR", scopes=[Scope.RESULTS_READ], expires=expires)
    return Client(SERVER_NAME="127.0.0.1", headers={"Authorization": f"Bearer {text}"})


def facts(connect: Callable[[], psycopg.Connection], worksite: Worksite) -> dict[str, object]:
    """What the addresses name: a center, a week, and the report half-way down the list."""
    query = """
        WITH listed AS (
            SELECT id, center_id, posted_at FROM results_report
            WHERE employer_id = %s AND posted_at > now() - interval '90 days'
        )
        SELECT id, center_id FROM listed ORDER BY posted_at DESC, id DESC
        OFFSET (SELECT count(*) / 2 FROM listed) LIMIT 1
    """
    with connect() as owner:
        row = owner.execute(query, [worksite.employer_id]).fetchone()
    if row is None:
        raise RuntimeError("There are no reports to page through.")
    today = clock.today()
    week = {"from": today - timedelta(days=47), "until": today - timedelta(days=40)}
    return {"deep": row[0], "center": row[1], "worksite": worksite.pk, **week}


def list_sql(reader: Client, url: str, table: str = "results_report") -> list[str]:
    """What PostgreSQL is asked for this page's list: who is named so, and what is theirs."""
    with CaptureQueriesContext(connection) as queries, _noting_names() as named:
        get(reader, url)
    return named + [query["sql"] for query in queries if _is_list(query["sql"], table)]


@contextmanager
def _noting_names() -> Iterator[list[str]]:
    """What is asked of people in the block, beside Django's cursors."""
    asked: list[str] = []
    execute = fast.execute

    def noting(query: LiteralString, params: Sequence[object]) -> fast.Cursor:
        if "FROM people_employee" in query:
            asked.append(psycopg.ClientCursor(connection.connection).mogrify(query, params))
        return execute(query, params)

    with patch.object(fast, "execute", noting):
        yield asked


def fetch(raw: psycopg.Connection, statements: Sequence[str]) -> None:
    for statement in statements:
        raw.execute(statement).fetchall()  # type: ignore[call-overload]


def _is_list(sql: str, table: str) -> bool:
    return f'FROM "{table}"' in sql and f"LIMIT {PAGE_SIZE + 1}" in sql


def get(client: Client, url: str) -> None:
    response = client.get(url)
    if response.status_code != 200:
        raise RuntimeError(f"{url} answers {response.status_code}.")


def timed(act: Callable[[], object]) -> float:
    before = time.perf_counter()
    act()
    return (time.perf_counter() - before) * 1000


def _scope(worksite: Worksite) -> str:
    return scope.employer(worksite.employer_id).text


def _rows(name: str, page: _Page, nothing: float) -> list[Row]:
    took, sql_took = median(page.took), median(page.sql_took)
    return [
        Row(f"Search, {name}", f"{took:.1f} ms", "page without rows", took / nothing),
        Row("  its SQL alone", f"{sql_took:.1f} ms", "its page", sql_took / took),
    ]
