"""Searching among ten million reports: a small employer's pages and the largest one's.

Two portals on one PostgreSQL, one with a hundredth of the reports; a process each, which
measure in turn. Not part of a run of everything: filling them takes some ten minutes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import stage
from benchmarks.large_seed import Size
from benchmarks.table import Row
from clearwork.database import address, embedded

_BEFORE = "clearwork_before"  # the database with a hundredth
# Not a module by name: processes that it starts would begin with importing that.
_MAIN = "import django; django.setup(); from benchmarks import large_portal; large_portal.main()"
_MINUTES, _EMPTY_PAGES, _BARE, _GROWTH, _MILLISECONDS = 15, 1.5, 3, 1.3, 100
# A FHIR server's answers a second at 8 clients, and how much more is asked of the portal.
_FHIR, _TIMES = 98, {"API": 4, "page": 2}


@dataclass(frozen=True)
class Plan:
    """`each`: requests of each of the 8 clients to each page. Without `before`: one portal."""

    size: Size
    rounds: int
    each: int
    before: Size | None = None


FULL = Plan(
    Size(reports=10_000_000, employers=20_000, largest=200_000),
    rounds=9,
    each=25,
    before=Size(reports=100_000, employers=200, largest=2_000),
)
SMOKE = Plan(Size(reports=2_000, employers=8, largest=500), rounds=1, each=1)


class Portal:
    """The other process, see large_portal.py."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def ask(self, task: str, *arguments: int) -> Any:
        """Its answer. RuntimeError where the process has ended."""
        if self.process.stdin is None or self.process.stdout is None:
            raise RuntimeError("The portal's process has no pipes.")
        self.process.stdin.write(json.dumps([task, *arguments]) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"The portal's process ended at {task}.")
        return json.loads(answer)


def measure(data: Path, *, smoke: bool) -> list[Row]:
    """The table's rows."""
    plan = SMOKE if smoke else FULL
    with ExitStack() as stack:
        early = late = stack.enter_context(portal(data, address.DATABASE))
        if plan.before:
            embedded.create_roles_and_database(data, _BEFORE)
            early = stack.enter_context(portal(data, _BEFORE))
            early.ask("fill", *astuple(plan.before))
        started = time.monotonic()
        late.ask("fill", *astuple(plan.size))
        took = f"{(time.monotonic() - started) / 60:.1f} min"
        what = f"Large: filling {plan.size.reports:,} reports"
        return [Row(what, took, target=f"≤{_MINUTES} min"), *compare(early, late, plan)]


def compare(early: Portal, late: Portal, plan: Plan) -> list[Row]:
    """Everything but filling, of two portals that are filled."""
    for each in dict.fromkeys((early, late)):
        each.ask("ready")
        if plan.rounds > 1:  # one to warm up
            each.ask("round")
    rounds = [(early.ask("round"), late.ask("round")) for _ in range(plan.rounds)]
    return [*_pages(rounds), *_crowd(late.ask("crowd", plan.each)), *_lists(late.ask("lists"))]


@contextmanager
def portal(data: Path, database: str) -> Iterator[Portal]:
    """A process for the portal in this database, its tables made."""
    urls = {
        "DATABASE_URL": address.url(data, "clearwork_app", database),
        "CLEARWORK_OWNER_DATABASE_URL": address.url(data, "clearwork_owner", database),
        "CLEARWORK_API_REQUESTS_A_MINUTE": "1000000",
    }
    environment = {**os.environ, **urls}
    subprocess.run(
        stage.manage_command("migrate", "--database=owner", "--verbosity=0"),
        env=environment,
        check=True,
    )
    process = subprocess.Popen(
        [sys.executable, "-c", _MAIN],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Portal(process)
    finally:
        process.communicate()


def _pages(rounds: list[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> Iterator[Row]:
    nothing = median(each for _, late in rounds for each in late["nothing"])
    yield Row("Large: page without rows", f"{nothing:.1f} ms")
    for name in rounds[0][1]["pages"]:
        pairs = [(early["pages"][name], late["pages"][name]) for early, late in rounds]
        page, sql, bare = (median(late[at] for _, late in pairs) for at in range(3))
        before = median(early[0] for early, _ in pairs)
        yield Row(
            f"Large: {name}",
            f"{page:.1f} ms",
            "page without rows",
            page / nothing,
            f"≤{_EMPTY_PAGES}",
        )
        yield Row("  its SQL", f"{sql:.2f} ms", "without policies", sql / bare, f"≤{_BARE}")
        yield Row("  grown", f"{before:.1f} ms", "a hundredth", page / before, f"≤{_GROWTH}")


def _crowd(found: Mapping[str, tuple[float, float]]) -> Iterator[Row]:
    for name, (rate, slowest) in found.items():
        how = name.split(",")[0]
        target = f"≤{_MILLISECONDS} ms"
        yield Row(f"Large: {name}, 8 clients, p95", f"{slowest:.0f} ms", target=target)
        if how in _TIMES:
            beside, wanted = f"{_FHIR}/s", f"≥{_TIMES[how]}"
            yield Row("  name prefix, 90 days", f"{rate:,.0f}/s", beside, rate / _FHIR, wanted)


def _lists(found: Mapping[str, list[str]]) -> Iterator[Row]:
    scanned = {url: tables for url, tables in found.items() if tables}
    yield Row(f"Large: {len(found)} lists that scan a table", f"{len(scanned)}", target="0")
    for url, tables in scanned.items():
        yield Row(f"  {url}", ", ".join(tables))
