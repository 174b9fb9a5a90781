"""The list of an employer with 200,000 authorizations: each filter, its plan, its page.

Beside each stands the page of an employer with as many worksites and users and no
authorization, measured as in search.py. Each filter's SQL is explained as the page sent it, by
the role and under the policies the page has; a plan that reads the whole table stops it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from statistics import median

import psycopg
from django.test import Client

from benchmarks import network, stage
from benchmarks.search import get, list_sql, signed_in, timed
from benchmarks.table import Row
from clearwork.accounts.models import PortalAccess, Role, User
from clearwork.authorizations.models import Authorization
from clearwork.centers.models import Service
from clearwork.database import address, embedded, paging, scope
from clearwork.employers.models import Contact, Worksite
from clearwork.foundation import clock

LIST = "/authorizations/"
_CENTERS, _SERVICES, _CREATORS = 40, 60, 20
_OTHERS = 5
_FILE = Path(__file__).with_name("orders.sql")
_TABLE = "authorizations_authorization"
# Not what a policy asks for a center only ("parent").
_SCANNED = re.compile(rf"Seq Scan on {_TABLE}\b(?! parent)")
# Not those the policy on employees looks at ("ordered"): it asks for a center only.
_INDEX = re.compile(
    r"(?:using|Bitmap Index Scan on) ((?:authoriz|employee_)\w+)(?! on \w+ ordered)\b"
)
_TARGET = 1.5


@dataclass(frozen=True)
class Size:
    rounds: int
    orders: int


FULL = Size(rounds=25, orders=200_000)
SMOKE = Size(rounds=2, orders=600)


@dataclass
class _Page:
    """One page's address, how its rows are found, and milliseconds measured."""

    url: str
    indexes: list[str]
    took: list[float] = field(default_factory=list)


def measure(data: Path, *, smoke: bool) -> list[Row]:
    """The table's rows."""
    size = SMOKE if smoke else FULL
    full, empty = network.employer("600100"), network.employer("600200")
    reader, nobody = signed_in(full, "orders"), signed_in(empty, "no-orders")
    _fill(data, full, empty, size)
    urls = _urls(full)
    with psycopg.connect(address.url(data, "clearwork_app")) as raw:
        own = scope.employer(full.employer_id).text
        raw.execute("SELECT set_config('clearwork.scope', %s, false)", [own])
        pages = {name: _page(raw, reader, url, smoke=smoke) for name, url in urls.items()}
    nothing: list[float] = []
    for _ in range(size.rounds):
        nothing.append(timed(lambda: get(nobody, f"{LIST}?all=1")))
        for page in pages.values():
            page.took.append(timed(lambda url=page.url: get(reader, url)))
    base = median(nothing)
    rows = [row for name, page in pages.items() for row in _rows(name, page, base)]
    return [Row("Authorizations page without rows", f"{base:.1f} ms"), *rows]


def _fill(data: Path, full: Worksite, empty: Worksite, size: Size) -> None:
    """The empty employer has as many worksites and users, so that its page asks as much."""
    network.centers("OR", _CENTERS)
    with scope.acting_as(scope.OPERATOR):
        Service.objects.bulk_create(
            Service(code=f"B-{n}", name=f"Service {n}", kind="non_injury") for n in range(_SERVICES)
        )
    others = [network.employer(f"60030{n}") for n in range(_OTHERS)]
    for place, (worksite, orders) in enumerate(
        [(empty, 0), (full, size.orders), *((other, size.orders // 10) for other in others)]
    ):
        _creators(worksite, place)
        _fill_one(data, worksite, place, orders)
    stage.analyze(data)


def _creators(worksite: Worksite, place: int) -> None:
    own = {"employer_id": worksite.employer_id}
    with scope.acting_as(scope.OPERATOR):
        for number in range(_CREATORS):
            name = f"creator-{place}-{number}"
            user = User.objects.create(email=f"{name}@example.com", name=name, is_demo=True)
            contact = Contact.objects.create(**own, first_name=name, last_name="C")
            PortalAccess.objects.create(**own, user=user, contact=contact, role=Role.VIEW_ONLY)


def _fill_one(data: Path, worksite: Worksite, place: int, orders: int) -> None:
    facts = {
        "employer": worksite.employer_id,
        "worksite": worksite.pk,
        "prefix": f"{place}-",
        "orders": orders,
        "span": max(orders, 1),
        "employees": max(orders // 10, 20),
        "centers": _CENTERS,
        "services": _SERVICES,
        "creators": _CREATORS,
    }
    with embedded.connect(data, address.DATABASE) as owner, owner.transaction():
        for statement in _FILE.read_text().split(";\n"):
            psycopg.ClientCursor(owner).execute(statement, facts)  # type: ignore[arg-type]


def _urls(full: Worksite) -> dict[str, str]:
    """Each filter by itself, and some together."""
    with scope.acting_as(scope.employer(full.employer_id)):
        orders = Authorization.objects.filter(employer_id=full.employer_id).order_by("-created_at")
        one = orders[len(orders) // 2]
        services = one.services.order_by("-name").first()
    old = clock.today() - timedelta(days=400)
    days = f"made_from={old}&made_until={old + timedelta(days=3)}"
    after = paging.cursor(one.created_at, one.pk).replace("+", "%2B")
    queries = {
        "newest first": "all=1",
        "open": "state=open",
        "submitted": "state=submitted",
        "completed": "state=completed",
        "expiring soon": "state=ending",
        "name prefix": "q=gar",
        "one person's name": "q=maria+garcia0",
        "a person": f"employee={one.employee_id}",
        "number": f"q={one.number}",
        "worksite": f"worksite={one.worksite_id}",
        "center": f"center={one.center_id}",
        "service": f"service={services.pk if services else ''}",
        "creator": f"creator={one.created_by_id}",
        "mine": "mine=on",
        "three days": days,
        "all together": f"state=completed&worksite={one.worksite_id}&center={one.center_id}"
        f"&creator={one.created_by_id}&made_from={old}",
        "nothing fits": f"state=submitted&worksite={one.worksite_id}&{days}",
        "deep page": f"after={after}",
    }
    return {name: f"{LIST}?{query}" for name, query in queries.items()}


def _page(raw: psycopg.Connection[tuple[str]], reader: Client, url: str, *, smoke: bool) -> _Page:
    asked = list_sql(reader, url, _TABLE)
    plans = [raw.execute(f"EXPLAIN {sql}").fetchall() for sql in asked]  # type: ignore[call-overload]
    plan = "\n".join(line for each in plans for (line,) in each)
    if not smoke and _SCANNED.search(plan):
        raise RuntimeError(f"{url} reads the whole table:\n{plan}")
    return _Page(url, list(dict.fromkeys(_INDEX.findall(plan))))


def _rows(name: str, page: _Page, base: float) -> list[Row]:
    took = median(page.took)
    indexes = ", ".join(page.indexes) or "-"
    return [
        Row(f"List, {name}", f"{took:.1f} ms", "page without rows", took / base, f"≤{_TARGET}"),
        Row(f"  by {indexes}", ""),
    ]
