"""Nothing is lost and nothing happens twice, whoever is killed and whenever.

Authorizations are made while the worker, the listener and the clinic are ended with
SIGKILL at random moments. What each side has in the end is compared: the portal's
rows with the clinic's own records.
"""

from __future__ import annotations

import hashlib
import random
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import cycle, islice

import pytest
from django.db import connection, connections

from clearwork.authorizations import actions
from clearwork.authorizations.models import Authorization, Delivery
from clearwork.authorizations.rules import DeliveryState, State
from clearwork.database import scope
from clearwork.documents.storage import read_document
from clearwork.exchange.models import HeldResult
from clearwork.results.models import Report
from tests.cast import Cast
from tests.journeys.processes import Portal

pytestmark = [pytest.mark.journey, pytest.mark.patient]
AUTHORIZATIONS = 500
KILLS = 40
RECOVERY_SECONDS = 60.0
SEED = "clearwork kill test"
VICTIMS = ("worker", "listener", "clinic")
_BETWEEN_ORDERS = 0.07
_SHOWN = 12
_REPORTS_OF = {
    "DOT-PHYS": ("non_injury_activity_status", "mec_dot_card"),
    "AUDIO": ("non_injury_activity_status", "audiogram"),
    "INJ-CARE": ("injury_activity_status",),
}


def test_500_authorizations_survive_40_kills(
    committed_cast: Cast, open_portal: Callable[..., Portal]
) -> None:
    portal = open_portal(*VICTIMS, pace=0.1)
    creator = Creator(committed_cast)
    creator.start()
    killed = _kill_at_random(portal)
    ended = time.monotonic()
    creator.finish()
    seconds = _wait_for_the_end(ended)
    print(f"{KILLS} kills ({dict(killed)}), all settled {seconds:.0f} s after the last")
    everything = Everything.read(portal)
    assert set(everything.traces) <= set(creator.expected), "authorizations nobody made"
    problems = [*everything.lost(creator.expected), *everything.doubled(), *everything.unsound()]
    assert not problems, _in_words(problems)
    assert seconds <= RECOVERY_SECONDS, f"recovery took {seconds:.0f} s"


class Creator(threading.Thread):
    """Authorizes in the portal's own way, as Alice, while the killing goes on."""

    def __init__(self, cast: Cast) -> None:
        super().__init__(name="creator", daemon=True)
        self.cast = cast
        self.expected: dict[str, tuple[str, ...]] = {}
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            for order in islice(cycle(self._orders()), AUTHORIZATIONS):
                self._authorize(order)
                time.sleep(_BETWEEN_ORDERS)
        except Exception as error:  # noqa: BLE001 - told by finish(), in the test's own thread
            self.error = error
        finally:
            connections.close_all()

    def finish(self) -> None:
        self.join(timeout=60)
        assert not self.is_alive(), f"only {len(self.expected)} authorizations were made"
        assert self.error is None, f"authorizing failed: {self.error!r}"
        assert len(self.expected) == AUTHORIZATIONS

    def _authorize(self, order: Callable[[], actions.Order]) -> None:
        wanted = order()
        with scope.acting_as(scope.employer(self.cast.northwind.pk)):
            made = actions.authorize(wanted, by=self.cast.alice.viewer)
        self.expected[made.number] = _REPORTS_OF[wanted.services[0].code]

    def _orders(self) -> list[Callable[[], actions.Order]]:
        cast = self.cast
        return [
            cast.order,
            lambda: cast.order(center=cast.mesa, services=[cast.audiogram]),
            lambda: cast.injury_order(employee=cast.wei, center=cast.mesa),
            lambda: cast.order(employee=cast.wei),
            cast.injury_order,
        ]


def _kill_at_random(portal: Portal) -> Counter[str]:
    dice = random.Random(SEED)
    killed: Counter[str] = Counter()
    for _ in range(KILLS):
        time.sleep(dice.uniform(0.1, 1.7))
        victim = portal.processes[dice.choice(VICTIMS)]
        victim.kill()
        killed[victim.child.name] += 1
        time.sleep(dice.uniform(0, 0.6))
        victim.start()
    return killed


def _wait_for_the_end(since: float) -> float:
    """Seconds until everything was settled, or until it has taken too long."""
    while _unsettled() and time.monotonic() - since <= RECOVERY_SECONDS:
        time.sleep(0.25)
    return time.monotonic() - since


def _unsettled() -> bool:
    with scope.acting_as(scope.OPERATOR):
        return (
            Authorization.objects.exclude(state=State.COMPLETED).exists()
            or Delivery.objects.filter(state=DeliveryState.QUEUED).exists()
        )


@dataclass(frozen=True)
class Trace:
    """What both sides know of one authorization."""

    number: str
    state: str
    events: tuple[str, ...]
    deliveries: tuple[Delivery, ...]
    reports: tuple[str, ...]
    clinic: tuple[str, str] | None  # control id, stage

    def __str__(self) -> str:
        sent = [(d.control_id, str(d.state), d.attempts, d.last_error) for d in self.deliveries]
        return (
            f"{self.number}: {self.state}, deliveries {sent}, at the clinic {self.clinic}, "
            f"reports {list(self.reports)}, events {list(self.events)}"
        )


@dataclass
class Everything:
    """All that is there when the dust has settled."""

    traces: dict[str, Trace]
    clinic_only: set[str]
    second_control_ids: list[tuple[str, str]]
    refused_at_the_portal: list[str]
    held: int
    jobs: list[tuple[str, str, int]]
    broken_documents: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, portal: Portal) -> Everything:
        orders, seconds, refused = _clinic(portal)
        with scope.acting_as(scope.OPERATOR):
            traces = {trace.number: trace for trace in _traces(orders)}
            return cls(
                traces=traces,
                clinic_only=set(orders) - set(traces),
                second_control_ids=seconds,
                refused_at_the_portal=refused,
                held=HeldResult.objects.count(),
                jobs=_unfinished_jobs(),
                broken_documents=_broken_documents(),
            )

    def lost(self, expected: dict[str, tuple[str, ...]]) -> Iterator[str]:
        for number, reports in expected.items():
            trace = self.traces.get(number)
            if trace is None:
                yield f"LOST: authorization {number} is gone"
            elif trace.clinic is None:
                yield f"LOST: the clinic never had the order of {trace}"
            elif set(reports) - set(trace.reports):
                yield f"LOST: reports {set(reports) - set(trace.reports)} of {trace}"
            elif trace.state != State.COMPLETED:
                yield f"NOT COMPLETED: {trace}"
            elif set(trace.reports) - set(reports):
                yield f"NOT ORDERED: {set(trace.reports) - set(reports)} of {trace}"

    def doubled(self) -> Iterator[str]:
        yield from (f"TWICE at the clinic: {n}, also as {c}" for c, n in self.second_control_ids)
        for trace in self.traces.values():
            for report, times in Counter(trace.reports).items():
                if times > 1:
                    yield f"TWICE: report {report}, {times} times, of {trace}"
            for event, times in Counter(trace.events).items():
                if times > 1:
                    yield f"TWICE: event {event}, {times} times, of {trace}"
            if len(trace.deliveries) != 1:
                yield f"{len(trace.deliveries)} deliveries of {trace}"

    def unsound(self) -> Iterator[str]:
        yield from (f"NOT AUTHORIZED: the clinic has an order {n}" for n in self.clinic_only)
        yield from (f"REFUSED: the portal did not take {c}" for c in self.refused_at_the_portal)
        yield from (f"NOT READABLE: the document of {n}" for n in self.broken_documents)
        yield from (f"JOB not done: {name} is {s}, {n} attempts" for name, s, n in self.jobs)
        if self.held:
            yield f"HELD: {self.held} results wait for a person"
        for trace in self.traces.values():
            ids = [delivery.control_id for delivery in trace.deliveries]
            acknowledged = [d.state == DeliveryState.ACKNOWLEDGED for d in trace.deliveries]
            if not all(acknowledged) or (trace.clinic and trace.clinic[0] not in ids):
                yield f"NOT ACKNOWLEDGED under its own control id: {trace}"


def _traces(orders: dict[str, tuple[str, str]]) -> Iterator[Trace]:
    for row in Authorization.objects.prefetch_related("events", "deliveries", "reports"):
        yield Trace(
            number=row.number,
            state=row.state,
            events=tuple(event.state for event in row.events.all()),
            deliveries=tuple(row.deliveries.all()),
            reports=tuple(report.report_type for report in row.reports.all()),
            clinic=orders.get(row.number),
        )


def _clinic(portal: Portal) -> tuple[dict[str, tuple[str, str]], list[tuple[str, str]], list[str]]:
    """The clinic's records: its orders, control ids that came second, messages refused."""
    with closing(sqlite3.connect(portal.clinic_records)) as records:
        orders = records.execute("SELECT number, control_id, stage FROM orders").fetchall()
        seconds = records.execute("SELECT control_id, number FROM duplicates").fetchall()
        refused = records.execute("SELECT control_id FROM outbox WHERE state = 'refused'")
        refused_ids = [control_id for (control_id,) in refused]
    assert len(orders) == len({number for number, *_ in orders})
    return (
        {number: (control_id, stage) for number, control_id, stage in orders},
        seconds,
        refused_ids,
    )


def _unfinished_jobs() -> list[tuple[str, str, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT task_name, status::text, attempts FROM procrastinate_jobs"
            " WHERE task_name = 'exchange.deliver' AND status <> 'succeeded'"
        )
        return list(cursor.fetchall())


def _broken_documents() -> list[str]:
    """Reports whose stored bytes are not those that were received."""
    return [
        report.authorization.number if report.authorization else str(report.pk)
        for report in Report.objects.select_related("authorization")
        if hashlib.sha256(read_document(report.document)).digest() != bytes(report.sha256)
    ]


def _in_words(problems: list[str]) -> str:
    more = len(problems) - _SHOWN
    shown = problems[:_SHOWN] + ([f"… and {more} more"] if more > 0 else [])
    return "\n".join([f"{len(problems)} problems", *shown])
