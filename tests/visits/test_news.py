"""What centers say becomes visits and work status, in whatever order and however often."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from clearwork.audit.actions import SYSTEM
from clearwork.authorizations.actions import authorize
from clearwork.authorizations.models import Authorization
from clearwork.database import scope
from clearwork.employers.rules import ReportKind
from clearwork.exchange import inbound, matching
from clearwork.exchange.hl7.ack import read_ack
from clearwork.exchange.models import HeldResult
from clearwork.results import versions
from clearwork.results.models import Report
from clearwork.visits import actions, queries
from clearwork.visits.actions import News
from clearwork.visits.models import Visit, WorkStatus
from clearwork.visits.rules import Duty, Status
from tests.cast import Cast
from tests.conftest import SignIn
from tests.exchange import wire
from tests.visits.conftest import Seen
from tests.visits.words import days, hl7, restricted, said, work_status

DAY = datetime(2026, 11, 1, tzinfo=UTC).date()


@pytest.fixture
def hurt(cast: Cast) -> Authorization:
    """Alice authorized care for Maria's hand."""
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        return authorize(cast.injury_order(), by=cast.alice.viewer)


def tell(*messages: bytes) -> None:
    for raw in messages:
        (answer,) = inbound.receive([raw])
        assert answer is not None and read_ack(answer).code == "AA"


def visits() -> list[Visit]:
    with scope.acting_as(scope.OPERATOR):
        return list(Visit.objects.order_by("visited_on", "id"))


def statuses() -> list[WorkStatus]:
    with scope.acting_as(scope.OPERATOR):
        return list(WorkStatus.objects.order_by("id"))


def in_force(cast: Cast) -> list[WorkStatus]:
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        return queries.of_employee(cast.alice.viewer, cast.maria)


def at(hour: int, minute: int = 0) -> datetime:
    """On the day of the messages, in their zone (UTC-6)."""
    return datetime(2026, 11, 1, hour + 6, minute, tzinfo=UTC)


def test_a_check_in_makes_a_visit_and_a_check_out_ends_it(cast: Cast, hurt: Authorization) -> None:
    tell(wire.status(hurt.number, cast.dallas, "SC", "IP"))
    (visit,) = visits()
    assert visit.employee_id == cast.maria.pk and visit.authorization_id == hurt.pk
    assert visit.kind == ReportKind.INJURY and visit.center_id == cast.dallas.pk
    assert visit.arrived_at == at(10) and visit.checked_out_at is None
    tell(wire.status(hurt.number, cast.dallas, "SC", "CM").replace(b"100000-0600", b"111500-0600"))
    (visit,) = visits()
    assert visit.arrived_at == at(10) and visit.checked_out_at == at(11, 15)


def test_a_no_show_a_refusal_and_an_acceptance_are_no_visit(
    cast: Cast, hurt: Authorization
) -> None:
    for control, order_status in (("OK", ""), ("SC", "DC"), ("UA", "")):
        tell(wire.status(hurt.number, cast.dallas, control, order_status))
    assert visits() == []


def test_in_any_order_and_twice_the_news_makes_the_same_visit(
    cast: Cast, hurt: Authorization
) -> None:
    news: tuple[Callable[[], bytes], ...] = (
        lambda: wire.status(hurt.number, cast.dallas, "SC", "IP"),
        lambda: wire.status(hurt.number, cast.dallas, "SC", "CM"),
        lambda: work_status(hurt, cast.dallas, *restricted(DAY)),
    )
    for order in permutations(news):
        with scope.acting_as(scope.OPERATOR):
            WorkStatus.objects.all().delete()
            Visit.objects.all().delete()
        tell(*(make() for make in order), *(make() for make in order))
        (visit,), (status,) = visits(), in_force(cast)
        assert visit.arrived_at == at(9, 30) and visit.checked_out_at == at(10)
        assert status.visit_id == visit.pk and status.duty == Duty.RESTRICTED


def test_work_status_is_what_the_coded_segments_say(cast: Cast, hurt: Authorization) -> None:
    coded = (
        *restricted(DAY + timedelta(days=6), "Lifting: up to 15 lb", "Ladders \\T\\ roofs: none"),
        said("FROM", "20261102", "DT"),
        said("RETURN", "20261112", "DT"),
        said("NEXTAPPT", "20261107083000-0600", "TS"),
        said("SERVICE", "INJ^Injury care^99X", "CE"),
        said("SERVICE", "Wound dressing"),
    )
    tell(work_status(hurt, cast.dallas, *coded))
    (visit,), (status,) = visits(), statuses()
    assert visit.services == ["Injury care", "Wound dressing"]
    assert visit.next_appointment == datetime(2026, 11, 7, 14, 30, tzinfo=UTC)
    assert status.restrictions == ["Lifting: up to 15 lb", "Ladders & roofs: none"]
    assert (status.starts, status.until) == (DAY + timedelta(days=1), DAY + timedelta(days=6))
    assert status.expected_return == DAY + timedelta(days=11)
    assert status.kind == ReportKind.INJURY and status.issued_at == at(9, 30)


@pytest.mark.parametrize("code", ["LIGHT", "", "unfit", "restricted or not"])
def test_a_code_nobody_knows_is_left_to_the_report(
    code: str, cast: Cast, hurt: Authorization
) -> None:
    tell(work_status(hurt, cast.dallas, said("WORKSTATUS", code)))
    assert statuses() == [] and len(visits()) == 1
    with scope.acting_as(scope.OPERATOR):
        assert Report.objects.count() == 1


@pytest.mark.parametrize("until", ["20261399", "20161107"])  # the wrong year: over before it began
def test_values_that_cannot_be_read_do_not_cost_the_report(
    until: str, cast: Cast, hurt: Authorization
) -> None:
    bad = (said("UNTIL", until, "DT"), said("FROM", "soon"), said("NEXTAPPT", "Tuesday"))
    tell(work_status(hurt, cast.dallas, *restricted(None), *bad))
    (status,) = statuses()
    assert status.until is None and status.starts == DAY
    assert visits()[0].next_appointment is None


def test_a_diagnosis_code_is_never_kept(cast: Cast, hurt: Authorization) -> None:
    limits = ("No lifting (S61.412A)", "M54.5", "Seated work, 4 h")
    tell(work_status(hurt, cast.dallas, *restricted(DAY, *limits)))
    assert statuses()[0].restrictions == ["No lifting", "Seated work, 4 h"]


def test_only_an_activity_status_report_gives_work_status(cast: Cast, hurt: Authorization) -> None:
    parts = wire.document(hurt.number, kind="patient_referral", title="Referral")
    tell(wire.message(cast.dallas, wire.person(cast.maria), *parts, *restricted(DAY)))
    assert statuses() == [] and len(visits()) == 1


def test_full_duty_has_no_restrictions_and_no_end(cast: Cast, hurt: Authorization) -> None:
    full = said("WORKSTATUS", "FULL")
    coded = (full, said("UNTIL", hl7(days(5))), said("RESTRICTION", "None"))
    tell(work_status(hurt, cast.dallas, *coded))
    (status,) = statuses()
    assert (status.duty, status.restrictions, status.until) == (Duty.FULL, [], None)


def test_a_walk_in_is_a_visit_once_it_is_known_whose(cast: Cast, hurt: Authorization) -> None:
    raw = work_status(hurt, cast.dallas, *restricted(DAY), number="", account="200100")
    tell(raw)
    assert visits() == []
    with scope.acting_as(scope.OPERATOR):
        held = HeldResult.objects.get()
    assert matching.file_if_certain(held.pk)
    (visit,), (status,) = visits(), statuses()
    assert visit.authorization_id is None and visit.employee_id == cast.maria.pk
    assert visit.visited_on == DAY and status.until == DAY
    assert status.restrictions == ["Lifting: up to 15 lb"]


def test_what_was_told_late_is_noted_of_the_employers_own_visits(cast: Cast, seen: Seen) -> None:
    own, other, _ = seen(cast.maria), seen(cast.other_maria), seen(cast.wei)
    with scope.acting_as(scope.OPERATOR):
        actions.note_told(employer_id=own.employer_id, visits=[own.pk, other.pk])
        assert list(Visit.objects.exclude(late_told_at=None)) == [own]


def test_two_days_are_two_visits(cast: Cast, hurt: Authorization) -> None:
    tell(work_status(hurt, cast.dallas, visited=DAY - timedelta(days=3)))
    tell(work_status(hurt, cast.dallas))
    assert [visit.visited_on for visit in visits()] == [DAY - timedelta(days=3), DAY]
    tell(wire.status(hurt.number, cast.dallas, "SC", "CM"))
    assert [visit.checked_out_at for visit in visits()] == [None, at(10)]


def test_a_check_out_after_midnight_ends_the_visit_that_was_begun(
    cast: Cast, hurt: Authorization
) -> None:
    tell(wire.status(hurt.number, cast.dallas, "SC", "IP"))
    late = wire.status(hurt.number, cast.dallas, "SC", "CM").replace(
        b"|20261101100000", b"|20261102003000"
    )
    tell(late)
    (visit,) = visits()
    assert visit.visited_on == DAY and visit.checked_out_at is not None


def test_the_visit_a_check_out_ends_is_its_authorizations(
    cast: Cast, hurt: Authorization, seen: Seen
) -> None:
    begun = seen(cast.maria, authorization_id=hurt.pk, ago=3).visited_on
    walked_in = seen(cast.maria, ago=2).visited_on
    for said_day, ends in ((walked_in, begun), (begun - timedelta(days=1),) * 2):
        with scope.acting_as(scope.OPERATOR):
            assert actions.day_to_check_out(hurt.pk, hurt.employer_id, said_day) == ends


def test_a_center_writes_no_visit_of_another_center(cast: Cast, hurt: Authorization) -> None:
    news = News(
        employer_id=hurt.employer_id,
        employee_id=hurt.employee_id,
        center_id=cast.dallas.pk,
        kind="injury",
        day=DAY,
        authorization_id=hurt.pk,
        arrived_at=at(9),
        status=Status(Duty.OFF, starts=DAY),
    )
    with (
        pytest.raises(Exception, match="row-level security"),
        scope.acting_as(scope.center(cast.mesa.pk)),
    ):
        actions.note([news])
    assert visits() == []


def test_a_withdrawn_report_takes_its_status_back(
    cast: Cast, hurt: Authorization, sign_in: SignIn
) -> None:
    earlier = DAY - timedelta(days=2)
    tell(work_status(hurt, cast.dallas, *restricted(None, "Seated work only"), visited=earlier))
    tell(work_status(hurt, cast.dallas, *restricted(None, "No lifting")))
    card = f"/visits/card/{cast.maria.pk}/"
    assert b"No lifting" in sign_in(cast.alice).get(card).content
    with scope.acting_as(scope.OPERATOR):
        wrong = Report.objects.get(visit_date=DAY)
        versions.withdraw(wrong, why="Of another patient", by=SYSTEM)
    page = sign_in(cast.alice).get(card).content
    assert b"No lifting" not in page and b"Seated work only" in page
    tell(work_status(hurt, cast.dallas, *restricted(None, "No lifting")))
    assert b"No lifting" in sign_in(cast.alice).get(card).content, "said anew"


def test_a_later_report_without_a_code_ends_what_was_known(cast: Cast, hurt: Authorization) -> None:
    tell(work_status(hurt, cast.dallas, *restricted(days(30))), work_status(hurt, cast.dallas))
    assert [status.duty for status in statuses()] == [Duty.RESTRICTED], "the same visit's"
    tell(work_status(hurt, cast.dallas, visited=DAY + timedelta(days=2)))
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        (status,) = queries.current(cast.alice.viewer)
    assert status.duty == Duty.UNKNOWN
