"""What arrives over two lines in the same instant, in transactions that do not see each other.

All are held up before or at their commit, where a key is checked against the employee's locked
row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import partial

import pytest

from clearwork.audit.actions import SYSTEM
from clearwork.authorizations.actions import Order, authorize
from clearwork.authorizations.models import Authorization
from clearwork.database import scope
from clearwork.exchange.inbound import receive
from clearwork.exchange.matching import file_if_certain
from clearwork.exchange.models import HeldResult
from clearwork.people.models import Employee
from clearwork.privacy.models import PrivacyIncident
from clearwork.results import removal
from clearwork.results.models import DotCertificate, Report
from clearwork.visits.models import Visit, WorkStatus
from tests.cast import Cast
from tests.races import in_flight_together
from tests.visits.words import days, dot_card, restricted, work_status

DAY = date(2026, 11, 1)


@contextmanager
def held_up(employee: Employee) -> Iterator[None]:
    """Nothing new about this employee is committed meanwhile, and no known visit changed."""
    with scope.acting_as(scope.OPERATOR):
        Employee.objects.select_for_update().get(pk=employee.pk)
        list(Visit.objects.select_for_update().filter(employee=employee))
        yield


def ordered(cast: Cast, order: Order) -> Authorization:
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        return authorize(order, by=cast.alice.viewer)


def letter(hurt: Authorization, cast: Cast, as_what: str, sent: int, **more: str) -> bytes:
    """A report of a visit of its own that says nothing of work: no row and no trigger in common.

    An order's versions have to wait for each other by themselves.
    """
    day = DAY + timedelta(sent)
    raw = work_status(hurt, cast.dallas, as_what=as_what, sent=sent, visited=day, **more)
    return raw.replace(b"injury_activity_status", b"state_injury_report")


def over_a_line_each(cast: Cast, *messages: bytes) -> None:
    answers = in_flight_together(
        held_up(cast.maria), *(partial(receive, [message]) for message in messages)
    )
    assert all(answer and b"MSA|AA" in answer for (answer,) in answers)


def standing() -> list[tuple[bool, int]]:
    """Of the reports in force: whether a correction, and the minute it was sent."""
    with scope.acting_as(scope.OPERATOR):
        found = Report.objects.filter(superseded_by=None)
        return [(each.corrects, each.sent_at.minute) for each in found if each.sent_at]


@pytest.mark.parametrize("first", [0, 1], ids=["original first", "correction first"])
def test_a_correction_beside_its_original_takes_its_place(committed_cast: Cast, first: int) -> None:
    cast, hurt = committed_cast, ordered(committed_cast, committed_cast.injury_order())
    versions = [letter(hurt, cast, "F", 0), letter(hurt, cast, "C", 1)]
    over_a_line_each(cast, versions[first], versions[1 - first])
    assert standing() == [(True, 1)]


@pytest.mark.parametrize("minutes", [(1, 2), (2, 1)])
def test_of_two_corrections_side_by_side_the_last_one_sent_stands(
    committed_cast: Cast, minutes: tuple[int, int]
) -> None:
    cast, hurt = committed_cast, ordered(committed_cast, committed_cast.injury_order())
    receive([letter(hurt, cast, "F", 0)])
    over_a_line_each(cast, *(letter(hurt, cast, "C", sent) for sent in minutes))
    assert standing() == [(True, 2)]


def test_a_walk_in_s_correction_filed_beside_its_original_takes_its_place(
    committed_cast: Cast,
) -> None:
    cast, hurt = committed_cast, ordered(committed_cast, committed_cast.injury_order())
    for sent, as_what in enumerate("FC"):
        receive([letter(hurt, cast, as_what, sent, number="", account="200100")])
    with scope.acting_as(scope.OPERATOR):
        waiting = [held.pk for held in HeldResult.objects.order_by("sent_at")]
    filings = (partial(file_if_certain, held) for held in waiting)
    assert in_flight_together(held_up(cast.maria), *filings) == [True, True]
    assert standing() == [(True, 1)]


def test_a_correction_beside_the_removal_of_its_original_is_out_of_sight(
    committed_cast: Cast,
) -> None:
    """And beside the decision that it is theirs after all, in sight."""
    cast, hurt = committed_cast, ordered(committed_cast, committed_cast.injury_order())
    receive([letter(hurt, cast, "F", 0)])

    def remove() -> None:
        with scope.acting_as(scope.employer(cast.northwind.pk)):
            removal.remove(Report.objects.get(), words="Not ours", by=cast.alice.viewer)

    def put_back() -> None:
        with scope.acting_as(scope.OPERATOR):
            removal.put_back(PrivacyIncident.objects.get(), reason="Theirs", by=SYSTEM)

    for sent, act, in_sight in ((1, remove, 0), (2, put_back, 3)):
        receiving: Callable[[], object] = partial(receive, [letter(hurt, cast, "C", sent)])
        in_flight_together(held_up(cast.maria), act, receiving)
        with scope.acting_as(scope.OPERATOR):
            assert Report.objects.count() == sent + 1
            assert Report.objects.filter(incident_id=None).count() == in_sight


@pytest.mark.parametrize("later_first", [False, True])
def test_of_two_statuses_side_by_side_the_later_one_alone_is_in_force(
    committed_cast: Cast, *, later_first: bool
) -> None:
    cast = committed_cast
    orders = [ordered(cast, cast.injury_order()) for _ in range(2)]
    days_of_visits = [DAY + timedelta(later_first), DAY + timedelta(not later_first)]
    over_a_line_each(
        cast,
        *(
            work_status(order, cast.dallas, *restricted(None), visited=day)
            for order, day in zip(orders, days_of_visits, strict=True)
        ),
    )
    with scope.acting_as(scope.OPERATOR):
        (current,) = WorkStatus.objects.filter(is_current=True)
        assert (WorkStatus.objects.count(), current.starts) == (2, max(days_of_visits))


@pytest.mark.parametrize("later_first", [False, True])
def test_of_two_cards_side_by_side_the_later_one_alone_is_in_force(
    committed_cast: Cast, *, later_first: bool
) -> None:
    cast = committed_cast
    certified = sorted((days(-2), days(-1)), reverse=later_first)
    orders = [ordered(cast, cast.order()) for _ in range(2)]
    over_a_line_each(
        cast,
        *(
            dot_card(order, cast.dallas, day, day + timedelta(364))
            for order, day in zip(orders, certified, strict=True)
        ),
    )
    with scope.acting_as(scope.OPERATOR):
        (current,) = DotCertificate.objects.filter(is_current=True)
        assert (DotCertificate.objects.count(), current.certified_from) == (2, max(certified))
