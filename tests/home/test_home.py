"""Home: what a person needs to see first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clearwork.authorizations import actions
from clearwork.authorizations.models import Authorization
from clearwork.authorizations.rules import State
from clearwork.database import scope
from clearwork.home.queries import Overview, overview
from tests.cast import Cast, Person
from tests.conftest import SignIn
from tests.results.reports import report, reports

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


def test_open_ones_are_counted_and_shown_newest_first(cast: Cast) -> None:
    made = [authorized(cast, cast.alice, state) for state in State]
    seen = overview_of(cast.alice)
    still_open = [State.SUBMITTED, State.DELIVERED, State.ACCEPTED, State.CHECKED_IN]
    expected = [a.pk for a, s in zip(made, State, strict=True) if s in still_open]
    assert [a.pk for a in seen.open] == expected[::-1]
    assert (seen.open_count, seen.checked_in_count) == (4, 1)


def test_only_six_are_shown_but_all_are_counted(cast: Cast) -> None:
    for _ in range(8):
        authorized(cast, cast.alice)
    seen = overview_of(cast.alice)
    assert (len(seen.open), seen.open_count) == (6, 8)


def test_results_of_the_last_seven_days_are_new(cast: Cast) -> None:
    for days in (0, 6, 8):
        report(cast.maria, cast.dallas, title=f"{days}", age=timedelta(days=days))
    report(cast.other_maria, cast.dallas, title="Southport's")
    seen = overview_of(cast.alice)
    assert [r.title for r in seen.reports] == ["0", "6", "8"]
    assert seen.week_count == 2


def test_view_only_sees_own_authorizations_and_no_results(cast: Cast, sign_in: SignIn) -> None:
    hers, his = authorized(cast, cast.alice), authorized(cast, cast.victor)
    report(cast.maria, cast.dallas, title="Secret title")
    seen = overview_of(cast.victor)
    assert [a.pk for a in seen.open] == [his.pk] and seen.open_count == 1
    assert (seen.reports, seen.week_count) == ([], 0)
    text = sign_in(cast.victor).get(HOME).content.decode()
    assert his.number in text and hers.number not in text
    assert "Secret title" not in text and "Latest results" not in text


def test_another_employer_sees_nothing_of_it(cast: Cast, sign_in: SignIn) -> None:
    hers = authorized(cast, cast.alice)
    report(cast.maria, cast.dallas, title="Secret title")
    text = sign_in(cast.bob).get(HOME).content.decode()
    assert hers.number not in text and "Secret title" not in text and "Maria" not in text
    assert overview_of(cast.bob) == Overview([], 0, 0, [], 0, 0)


def test_the_page_shows_the_numbers(cast: Cast, sign_in: SignIn) -> None:
    hers = authorized(cast, cast.alice, State.CHECKED_IN)
    report(cast.maria, cast.dallas, title="MEC DOT card")
    answer = sign_in(cast.alice).get(HOME)
    text = answer.content.decode()
    assert hers.number in text and "MEC DOT card" in text and "Northwind Freight" in text


def test_an_empty_home_says_what_to_do(cast: Cast, sign_in: SignIn) -> None:
    text = sign_in(cast.alice).get(HOME).content.decode()
    assert "Nothing is open" in text and "New authorization" in text


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
    assert cost() == few <= 12


def test_signed_out_leads_to_sign_in(db: None) -> None:
    answer = Client().get(HOME)
    assert answer.status_code == 302 and "/sign-in/" in answer["Location"]


def test_the_web_process_says_that_it_is_well(db: None) -> None:
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok")
