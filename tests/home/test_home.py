"""Home: what a person needs to see first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clearwork.authorizations import actions, deliveries
from clearwork.authorizations.models import Authorization, Delivery
from clearwork.authorizations.rules import State
from clearwork.centers.models import MedicalCenter
from clearwork.database import scope
from clearwork.foundation import clock
from clearwork.home.queries import Overview, overview
from clearwork.results.models import DotCertificate, Report
from clearwork.visits.models import WorkStatus
from clearwork.visits.queries import Show
from tests.cast import Cast, Person
from tests.conftest import SignIn
from tests.results.reports import report, reports
from tests.visits.conftest import Seen, seen

__all__ = ["seen"]

HOME = reverse("home")


def authorized(cast: Cast, by: Person, state: State = State.SUBMITTED) -> Authorization:
    with scope.acting_as(scope.employer(by.viewer.employer_id)):
        made = actions.authorize(cast.order(), by=by.viewer)
    with scope.acting_as(scope.OPERATOR):
        Authorization.objects.filter(pk=made.pk).update(state=state)
    return made


def overview_of(person: Person) -> Overview:
    with scope.acting_as(scope.employer(person.viewer.employer_id)):
        return overview(person.viewer)


def test_open_ones_are_counted_by_stage_and_shown_newest_first(cast: Cast) -> None:
    made = [authorized(cast, cast.alice, state) for state in State]
    seen = overview_of(cast.alice)
    still_open = [State.SUBMITTED, State.DELIVERED, State.ACCEPTED, State.CHECKED_IN]
    expected = [a.pk for a, s in zip(made, State, strict=True) if s in still_open]
    assert [a.pk for a in seen.open] == expected[::-1]
    assert [(state, count.number) for state, count in seen.stages] == [
        (state, 1) for state in still_open
    ]


def test_only_six_are_shown_but_all_are_counted(cast: Cast) -> None:
    for _ in range(8):
        authorized(cast, cast.alice)
    seen = overview_of(cast.alice)
    assert len(seen.open) == 6
    assert sum(count.number for _, count in seen.stages) == 8


LATE = [
    (State.SUBMITTED, "non_injury", timedelta(minutes=5)),
    (State.DELIVERED, "non_injury", timedelta(hours=4)),
    (State.CHECKED_IN, "non_injury", timedelta(hours=72)),
    (State.CHECKED_IN, "injury", timedelta(hours=4)),
]


@pytest.mark.parametrize(("state", "kind", "target"), LATE)
def test_what_is_later_than_its_target_needs_someone(
    cast: Cast, sign_in: SignIn, state: State, kind: str, target: timedelta
) -> None:
    made = authorized(cast, cast.alice, state)
    for over, expected in ((-timedelta(minutes=1), []), (timedelta(minutes=1), [made.pk])):
        since = clock.now() - target - over
        with scope.acting_as(scope.OPERATOR):
            Authorization.objects.filter(pk=made.pk).update(kind=kind, state_since=since)
        seen = overview_of(cast.alice)
        assert [each.authorization.pk for each in seen.needs] == expected
        assert seen.is_calm == (not expected)
        held = [each.stage.is_late(clock.now()) for each in seen.needs if each.stage]
        assert held == [True] * len(expected), "as its own page says"
    text = sign_in(cast.alice).get(HOME).content.decode()
    assert f"/help-with/authorization/{made.pk}/" in text


@pytest.mark.parametrize(
    ("kind", "first", "awaited"),
    [
        ("non_injury", None, "mec_dot_card"),
        ("injury", "first_notice_of_injury", "injury_activity_status"),
    ],
)
def test_what_its_center_answered_is_not_late_though_it_never_checks_out(
    cast: Cast, sign_in: SignIn, kind: str, first: str | None, awaited: str
) -> None:
    """Finishing ends it a week after its last report; until then nobody need call."""
    made = authorized(cast, cast.alice, State.CHECKED_IN)
    with scope.acting_as(scope.OPERATOR):
        since = clock.now() - timedelta(hours=80)
        Authorization.objects.filter(pk=made.pk).update(kind=kind, state_since=since)
    if first:
        report(cast.maria, cast.dallas, kind=first, authorization=made)
    paths = (f"/authorizations/{made.pk}/", f"/help-with/authorization/{made.pk}/")
    assert [one.authorization.pk for one in overview_of(cast.alice).needs] == [made.pk]
    assert "Over target" in sign_in(cast.alice).get(paths[0]).content.decode()
    came = report(cast.maria, cast.dallas, kind=awaited, authorization=made)
    assert overview_of(cast.alice).needs == []
    for path in paths:
        page = sign_in(cast.alice).get(path).content.decode()
        assert "its results are here" in page and "Over target" not in page
    with scope.acting_as(scope.OPERATOR):
        Report.objects.filter(pk=came.pk).update(withdrawn_at=clock.now())
    assert len(overview_of(cast.alice).needs) == 1


def test_what_waits_at_a_center_that_has_closed_needs_someone(cast: Cast, sign_in: SignIn) -> None:
    """Nobody sends the employee to a locked door: so Home, its page and whom to call say."""
    made = authorized(cast, cast.alice, State.ACCEPTED)
    authorized(cast, cast.alice, State.COMPLETED)
    pages = (HOME, f"/authorizations/{made.pk}/", f"/help-with/authorization/{made.pk}/")
    alice = sign_in(cast.alice)
    assert not any("has closed" in alice.get(path).content.decode() for path in pages)
    with scope.acting_as(scope.OPERATOR):
        MedicalCenter.objects.filter(pk=cast.dallas.pk).update(is_active=False)
    (waiting,) = overview_of(cast.alice).needs
    assert waiting.authorization.pk == made.pk and waiting.center_closed
    home, own, help_with = (alice.get(path).content.decode() for path in pages)
    assert "Dallas Medical Center has closed" in home and "Choose another center" in home
    assert "has closed and sees nobody any more" in own and "duplicate it" in own
    assert "This center has closed." in help_with and cast.dallas.phone not in help_with


def test_what_was_not_delivered_needs_someone(cast: Cast, sign_in: SignIn) -> None:
    made = authorized(cast, cast.alice)
    with scope.acting_as(scope.OPERATOR):
        Delivery.objects.filter(authorization=made).update(state="failed")
    (waiting,) = overview_of(cast.alice).needs
    assert waiting.authorization.pk == made.pk and waiting.not_delivered
    assert "could not be told" in sign_in(cast.alice).get(HOME).content.decode()
    assert overview_of(cast.victor).needs == []
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        assert deliveries.resend(made, by=cast.alice.viewer)
    assert overview_of(cast.alice).needs == [], "it is on its way again"


def test_what_expires_soon_is_counted(cast: Cast) -> None:
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        for days in (0, 3, 4):
            last = clock.today() + timedelta(days=days)
            actions.authorize(cast.order(expires=last), by=cast.alice.viewer)
    assert overview_of(cast.alice).ending.number == 2


def test_dot_cards_and_work_status_that_need_someone_are_counted(
    cast: Cast, wrong: Report, wrong_status: Report
) -> None:
    """The cards of two days ago: one for a year, a status for a week more."""
    assert overview_of(cast.alice).cards.number == 0
    with scope.acting_as(scope.OPERATOR):
        DotCertificate.objects.update(expires=clock.today() + timedelta(days=30))
        WorkStatus.objects.update(until=clock.today() - timedelta(days=1))
    seen = overview_of(cast.alice)
    assert (seen.cards.number, seen.status[Show.OVERDUE], seen.is_calm) == (1, 1, False)
    assert seen.status[Show.RESTRICTED] == 1
    assert not overview_of(cast.victor).status


def test_a_visit_whose_results_are_late_says_whom_to_call(
    cast: Cast, seen: Seen, sign_in: SignIn
) -> None:
    order = authorized(cast, cast.alice, State.CHECKED_IN)
    visit = seen(cast.maria, kind="non_injury", authorization_id=order.pk, ago=4)
    overdue = overview_of(cast.alice)
    assert (overdue.late, overdue.late_more, overdue.is_calm) == ([visit], False, False)
    page = sign_in(cast.alice).get(HOME).content.decode()
    assert "Late: the results" in page and f"tel:{cast.dallas.phone}" in page
    assert not overview_of(cast.victor).late, "who sees no visits"
    with scope.acting_as(scope.OPERATOR):
        report(cast.maria, cast.dallas, authorization=order)
    assert not overview_of(cast.alice).late


def test_results_are_new_since_the_last_sign_in(cast: Cast) -> None:
    for days in (0, 6, 8):
        report(cast.maria, cast.dallas, title=f"{days}", age=timedelta(days=days))
    report(cast.other_maria, cast.dallas, title="Southport's")
    reports(cast.maria, cast.dallas, 1)
    with scope.acting_as(scope.OPERATOR):
        corrected = Report.objects.get(title="0")
        Report.objects.filter(title="No. 0").update(superseded_by=corrected)
    seen = overview_of(cast.alice)
    assert [r.title for r in seen.reports] == ["0", "6", "8"]
    assert seen.new.number == 2, "without one, of the last seven days"
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        assert overview(cast.alice.viewer, clock.now() - timedelta(days=7)).new.number == 2
        assert overview(cast.alice.viewer, clock.now() - timedelta(days=5)).new.number == 1


def test_view_only_sees_own_authorizations_and_no_results(cast: Cast, sign_in: SignIn) -> None:
    hers, his = authorized(cast, cast.alice), authorized(cast, cast.victor)
    report(cast.maria, cast.dallas, title="Secret title")
    seen = overview_of(cast.victor)
    assert [a.pk for a in seen.open] == [his.pk]
    assert sum(count.number for _, count in seen.stages) == 1
    assert (seen.reports, seen.new.number) == ([], 0)
    text = sign_in(cast.victor).get(HOME).content.decode()
    assert his.number in text and hers.number not in text
    assert "Secret title" not in text and "Results and work status" not in text


def test_another_employer_sees_nothing_of_it(cast: Cast, sign_in: SignIn) -> None:
    hers = authorized(cast, cast.alice)
    report(cast.maria, cast.dallas, title="Secret title")
    text = sign_in(cast.bob).get(HOME).content.decode()
    assert hers.number not in text and "Secret title" not in text and "Maria" not in text
    seen = overview_of(cast.bob)
    assert (seen.open, seen.reports, seen.needs, seen.is_new) == ([], [], [], True)


def test_the_page_shows_the_numbers(cast: Cast, sign_in: SignIn) -> None:
    hers = authorized(cast, cast.alice, State.CHECKED_IN)
    report(cast.maria, cast.dallas, title="MEC DOT card")
    answer = sign_in(cast.alice).get(HOME)
    text = answer.content.decode()
    assert hers.number in text and "MEC DOT card" in text and "Northwind Freight" in text


def test_a_new_employer_is_told_where_to_begin(cast: Cast, sign_in: SignIn) -> None:
    text = sign_in(cast.alice).get(HOME).content.decode()
    for said in ("Start here", "Import your employees", "Invite your colleagues"):
        assert said in text
    victors = sign_in(cast.victor).get(HOME).content.decode()
    assert "Start here" in victors and "Invite your colleagues" not in victors


def test_when_nothing_is_open_home_says_what_to_do(cast: Cast, sign_in: SignIn) -> None:
    authorized(cast, cast.alice, State.COMPLETED)
    text = sign_in(cast.alice).get(HOME).content.decode()
    assert "Nothing is open" in text and "Nothing is late" in text


def test_home_costs_the_same_however_much_there_is(cast: Cast, sign_in: SignIn) -> None:
    alice = sign_in(cast.alice)

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert alice.get(HOME).status_code == 200
        return len(captured)

    def more(count: int, **_: Any) -> None:
        for _index in range(count):
            authorized(cast, cast.alice)
        reports(cast.maria, cast.dallas, count)

    more(3)
    cost()
    few = cost()
    more(9)
    assert cost() == few <= 18


def test_signed_out_leads_to_sign_in(db: None) -> None:
    answer = Client().get(HOME)
    assert answer.status_code == 302 and "/sign-in/" in answer["Location"]


def test_the_web_process_says_that_it_is_well(db: None) -> None:
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok")
