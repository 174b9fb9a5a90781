"""Extending, changing and cancelling: what may be done, by whom, and by two at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from clearwork.audit.actions import Action
from clearwork.authorizations import actions, changes, queries
from clearwork.authorizations.models import Authorization, AuthorizationEvent
from clearwork.authorizations.rules import (
    LONGEST_EXTENSION_DAYS,
    WAITING,
    Change,
    State,
    why_not_until,
)
from clearwork.centers.models import MedicalCenter
from clearwork.database import scope
from clearwork.foundation import clock
from tests.cast import Cast, Person
from tests.conftest import SignIn
from tests.exchange.records import events, kept

UNTIL = clock.today() + timedelta(days=90)
EXTENDABLE = WAITING | {State.EXPIRED, State.NO_SHOW}


def authorize(cast: Cast, by: Person | None = None, **order: Any) -> Authorization:
    by = by or cast.alice
    with scope.acting_as(scope.employer(by.viewer.employer_id)):
        return actions.authorize(cast.order(**order), by=by.viewer)


def set_to(authorization: Authorization, **facts: object) -> None:
    with scope.acting_as(scope.OPERATOR):
        Authorization.objects.filter(pk=authorization.pk).update(**facts)


def fresh(authorization: Authorization) -> Authorization:
    with scope.acting_as(scope.OPERATOR):
        return Authorization.objects.get(pk=authorization.pk)


def as_northwind[T](cast: Cast, act: Callable[[], T]) -> T:
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        return act()


def extend(cast: Cast, made: Authorization, until: date = UNTIL, by: Person | None = None) -> str:
    viewer = (by or cast.alice).viewer
    return as_northwind(cast, lambda: changes.extend(made, until=until, by=viewer))


def page(name: str, made: Authorization) -> str:
    return reverse(f"authorizations:{name}", args=[made.pk])


# Extending


@pytest.mark.parametrize("state", list(State))
def test_what_waits_or_ended_unused_can_be_extended_and_nothing_else(
    cast: Cast, state: State
) -> None:
    made = authorize(cast)
    set_to(made, state=state)
    before = kept()
    problem = extend(cast, made)
    after = fresh(made)
    if state in EXTENDABLE:
        assert problem == "" and after.expires == UNTIL and after.state in WAITING
        with scope.acting_as(scope.OPERATOR):
            event = AuthorizationEvent.objects.latest("id")
        assert (event.change, event.state) == (Change.EXTENDED, after.state)
        assert len(events(Action.AUTHORIZATION_EXTENDED)) == 1
    else:
        assert problem and (after.state, after.expires) == (state, made.expires)
        assert kept() - before == {}


def test_a_cancelled_one_says_what_to_do_instead(cast: Cast, alice: Client) -> None:
    made = authorize(cast)
    set_to(made, state=State.CANCELLED)
    for answer in (
        alice.get(page("extend", made), follow=True),
        alice.post(page("extend", made), {"until": f"{UNTIL}"}, follow=True),
    ):
        said = answer.content.decode()
        assert "cannot be extended. It was cancelled. Make a new one instead" in said
    assert fresh(made).state == State.CANCELLED


def test_a_center_that_closed_takes_no_extension(cast: Cast) -> None:
    made = authorize(cast)
    with scope.acting_as(scope.OPERATOR):
        MedicalCenter.objects.filter(pk=cast.dallas.pk).update(is_active=False)
    assert "takes no orders any more" in extend(cast, made)


TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("until", "expires", "says"),
    [
        (TODAY, TODAY - timedelta(days=1), ""),
        (TODAY + timedelta(days=LONGEST_EXTENSION_DAYS), TODAY, ""),
        (TODAY - timedelta(days=1), TODAY - timedelta(days=9), "today or a later date"),
        (TODAY, TODAY, "valid until November 23, 2026 already"),
        (TODAY, TODAY + timedelta(days=9), "valid until December 2, 2026 already"),
        (TODAY + timedelta(days=LONGEST_EXTENSION_DAYS + 1), TODAY, "within the next 365 days"),
    ],
)
def test_the_new_day_makes_sense(until: date, expires: date, says: str) -> None:
    problem = why_not_until(until, expires=expires, today=TODAY)
    assert says in problem and bool(says) == bool(problem)


@pytest.mark.parametrize("until", ["", "soon", "2026-02-31", "0001-01-01", "9999-12-31"])
def test_a_day_that_cannot_be_is_said_at_the_field(alice: Client, cast: Cast, until: str) -> None:
    made = authorize(cast)
    answer = alice.post(page("extend", made), {"until": until})
    assert answer.status_code == 422 and "id_until_error" in answer.content.decode()
    assert fresh(made).expires == made.expires


def test_the_page_extends_and_shows_it(alice: Client, cast: Cast) -> None:
    made = authorize(cast)
    set_to(made, state=State.EXPIRED, expires=clock.today() - timedelta(days=3))
    assert "was valid until" in alice.get(page("extend", made)).content.decode()
    shown = alice.post(page("extend", made), {"until": f"{UNTIL}"}, follow=True).content.decode()
    assert "is valid until" in shown and "Extended" in shown
    assert "Clearwork" in shown  # live again: who holds it


# Own and others'


def test_a_view_only_user_changes_their_own_alone(cast: Cast, sign_in: SignIn) -> None:
    hers, his = authorize(cast), authorize(cast, by=cast.victor)
    assert extend(cast, hers, by=cast.victor) == changes.NOT_THERE
    victor = cast.victor.viewer
    both = as_northwind(cast, lambda: changes.cancel_many([hers.pk, his.pk], by=victor))
    assert [one.pk for one in both.done] == [his.pk]
    assert both.refused == {hers.pk: changes.NOT_THERE}
    assert fresh(hers).state == State.SUBMITTED


def test_another_employers_is_not_there(cast: Cast) -> None:
    made = authorize(cast)
    with scope.acting_as(scope.employer(cast.southport.pk)):
        assert changes.extend(made, until=UNTIL, by=cast.bob.viewer) == changes.NOT_THERE
        assert changes.cancel(made, by=cast.bob.viewer) == changes.NOT_THERE


def test_many_are_changed_and_the_others_say_why(cast: Cast) -> None:
    made = [authorize(cast) for _ in range(4)]
    set_to(made[0], state=State.COMPLETED)
    set_to(made[1], state=State.EXPIRED)
    ids, nobody = [one.pk for one in made], uuid4()
    viewer = cast.alice.viewer
    outcome = as_northwind(
        cast, lambda: changes.extend_many([*ids, nobody], until=UNTIL, by=viewer)
    )
    assert {one.pk for one in outcome.done} == set(ids[1:])
    assert outcome.refused == {ids[0]: "The visit is over.", nobody: changes.NOT_THERE}
    assert {fresh(one).state for one in made[1:]} == {State.SUBMITTED}


# Changing


def change(cast: Cast, made: Authorization, seen: int, **wanted: Any) -> str:
    viewer = cast.alice.viewer
    return as_northwind(
        cast, lambda: changes.change_order(made, cast.order(**wanted), by=viewer, seen=seen)
    )


@pytest.mark.parametrize("state", list(State))
def test_an_order_is_changed_until_its_center_has_accepted_it(cast: Cast, state: State) -> None:
    made = authorize(cast)
    set_to(made, state=state)
    problem = change(cast, made, 0, services=[cast.audiogram], center_note="Call first")
    possible = state in (State.SUBMITTED, State.DELIVERED)
    assert (problem == "") == possible
    after = as_northwind(cast, lambda: queries.in_full(cast.alice.viewer).get(pk=made.pk))
    assert list(after.services.all()) == [cast.audiogram if possible else cast.dot_physical]
    assert (after.center_note == "Call first", after.revision == 1) == (possible, possible)
    assert len(events(Action.AUTHORIZATION_EDITED)) == possible


def test_who_edits_what_another_changed_is_told(cast: Cast) -> None:
    made = authorize(cast)
    assert change(cast, made, 0, center_note="First") == ""
    assert change(cast, made, 0, center_note="Second") == changes.CHANGED_MEANWHILE
    assert fresh(made).center_note == "First"
    assert extend(cast, made) == ""
    assert change(cast, made, 1, center_note="Third") == changes.CHANGED_MEANWHILE
    assert fresh(made).expires == UNTIL, "the day before was in the editor's form"


# Two at once, on connections of their own


def at_once(*acts: Callable[[], str]) -> list[str]:
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], str]) -> str:
        start.wait()
        try:
            return act()
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


def test_extending_and_cancelling_at_once_leave_one_lawful_end(committed_cast: Cast) -> None:
    cast, viewer = committed_cast, committed_cast.alice.viewer
    for _ in range(6):
        made = authorize(cast)
        extended, cancelled = at_once(
            lambda made=made: extend(cast, made),  # type: ignore[misc]
            lambda made=made: as_northwind(cast, lambda: changes.cancel(made, by=viewer)),  # type: ignore[misc]
        )
        assert cancelled == "" and fresh(made).state == State.CANCELLED
        assert extended == "" or "was cancelled" in extended
        with scope.acting_as(scope.OPERATOR):
            told = AuthorizationEvent.objects.filter(authorization=made).order_by("id")
            states = [event.state for event in told]
        assert states[-1] == State.CANCELLED and states.count(State.CANCELLED) == 1


def test_two_who_extend_the_same_many_in_other_orders_both_end(committed_cast: Cast) -> None:
    cast, viewer = committed_cast, committed_cast.alice.viewer
    ids = [authorize(cast).pk for _ in range(20)]

    def extend_all(these: list[Any], days: int) -> str:
        until = UNTIL + timedelta(days=days)
        outcome = as_northwind(cast, lambda: changes.extend_many(these, until=until, by=viewer))
        return "".join(set(outcome.refused.values()))

    said = at_once(lambda: extend_all(ids, 0), lambda: extend_all(ids[::-1], 1))
    assert said[1] == "" and (said[0] == "" or "already" in said[0])
    with scope.acting_as(scope.OPERATOR):
        days = set(Authorization.objects.values_list("expires", flat=True))
    assert days == {UNTIL + timedelta(days=1)}


def test_two_who_edit_at_once_do_not_overwrite_each_other(committed_cast: Cast) -> None:
    cast, made = committed_cast, authorize(committed_cast)
    said = at_once(
        *(lambda note=note: change(cast, made, 0, center_note=note) for note in ("A", "B", "C"))
    )
    assert sorted(said) == ["", changes.CHANGED_MEANWHILE, changes.CHANGED_MEANWHILE]
    assert fresh(made).center_note == "ABC"[said.index("")]
