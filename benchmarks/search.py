"""Results and Reports of an employer with 100,000 reports: the real view, its page rendered.

Requests go through the whole WSGI application in this process (django.test.Client), so
that what is measured is the server's time alone: no socket, no second process.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import psycopg
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks import network, stage
from benchmarks.table import Row
from clearwork.database import address, embedded, scope
from clearwork.employers.models import Worksite

_CENTERS = 24
_EMPLOYEES = 5_000
_REPORTS_FILE = Path(__file__).with_name("reports.sql")
PAGES = {
    "newest first": "/results/",
    "name prefix": "/results/?name=gar",
    "one person": "/results/?name=maria+garcia",
    "name, state and type": "/results/?name=ma&state=TX&kind=injury",
    "state and type": "/results/?state=TX&kind=injury",
    "deep page": "/results/?after={deep}",
}


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
    sql: str
    took: list[float] = field(default_factory=list)
    sql_took: list[float] = field(default_factory=list)


def measure(data: Path, *, smoke: bool) -> list[Row]:
    """The table's rows."""
    size = SMOKE if smoke else FULL
    full, empty = network.employer("400100"), network.employer("400200")
    _fill(data, full, size)
    reader, nobody = signed_in(full, "full"), signed_in(empty, "empty")
    deep = _deep_cursor(data, full)
    pages = {name: _page(reader, url.format(deep=deep)) for name, url in PAGES.items()}
    nothing: list[float] = []
    with psycopg.connect(address.url(data, "clearwork_app")) as raw:
        raw.execute("SELECT set_config('clearwork.scope', %s, false)", [_scope(full)])
        for _ in range(size.rounds):
            nothing.append(timed(lambda: get(nobody, "/results/")))
            for page in pages.values():
                page.took.append(timed(lambda url=page.url: get(reader, url)))
                page.sql_took.append(timed(lambda sql=page.sql: raw.execute(sql).fetchall()))
    rows = [row for name, page in pages.items() for row in _rows(name, page, median(nothing))]
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


def _deep_cursor(data: Path, worksite: Worksite) -> str:
    """Where one is after paging through half of the default list."""
    query = """
        SELECT posted_at, id FROM results_report
        WHERE employer_id = %s AND posted_at > now() - interval '90 days'
        ORDER BY posted_at DESC, id DESC
        OFFSET (SELECT count(*) / 3 FROM results_report) LIMIT 1
    """
    with embedded.connect(data, address.DATABASE) as owner:
        row = owner.execute(query, [worksite.employer_id]).fetchone()
    if row is None:
        raise RuntimeError("There are no reports to page through.")
    return f"{row[0].isoformat()}_{row[1]}".replace("+", "%2B")


def _page(reader: Client, url: str) -> _Page:
    with CaptureQueriesContext(connection) as queries:
        get(reader, url)
    (listed,) = [query["sql"] for query in queries if 'FROM "results_report"' in query["sql"]]
    return _Page(url, listed)


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
