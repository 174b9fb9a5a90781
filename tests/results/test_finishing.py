"""Orders whose results came without a check-out."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clearwork.authorizations.actions import authorize
from clearwork.authorizations.models import Authorization, AuthorizationEvent
from clearwork.authorizations.rules import State
from clearwork.database import scope
from clearwork.foundation import clock
from clearwork.foundation.ids import uuid7
from clearwork.results.finishing import QUIET, finish
from clearwork.results.models import Report
from tests.cast import Cast
from tests.results.reports import report

LONG_AGO = QUIET + timedelta(hours=1)


@pytest.fixture
def visited(cast: Cast) -> Authorization:
    """Maria was checked in over a week ago, and her card came the same day."""
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        order = authorize(cast.order(), by=cast.alice.viewer)
    then = clock.now() - LONG_AGO
    came = report(cast.maria, cast.dallas, age=LONG_AGO, authorization=order)
    assert came.authorization_id == order.pk
    with scope.acting_as(scope.OPERATOR):
        own = Authorization.objects.filter(pk=order.pk)
        own.update(state=State.CHECKED_IN, state_since=then)
        return own.get()


def state_of(order: Authorization) -> str:
    with scope.acting_as(scope.OPERATOR):
        return Authorization.objects.get(pk=order.pk).state


def test_a_week_after_its_last_report_it_is_completed_once(visited: Authorization) -> None:
    assert (finish(), finish()) == (1, 0)
    assert state_of(visited) == State.COMPLETED
    with scope.acting_as(scope.OPERATOR):
        last = AuthorizationEvent.objects.filter(authorization=visited).latest("at")
    assert (last.state, "no check-out" in last.note) == (State.COMPLETED, True)


def test_a_later_report_keeps_it_open(cast: Cast, visited: Authorization) -> None:
    report(cast.maria, cast.dallas, authorization=visited)
    assert finish() == 0


@pytest.mark.parametrize("fact", [{"withdrawn_at": clock.now()}, {"incident_id": uuid7()}])
def test_a_report_that_does_not_stand_ends_nothing(
    visited: Authorization, fact: dict[str, object]
) -> None:
    with scope.acting_as(scope.OPERATOR):
        Report.objects.filter(authorization=visited).update(**fact)
    assert (finish(), state_of(visited)) == (0, State.CHECKED_IN)


def test_nobody_is_done_who_has_not_come(visited: Authorization) -> None:
    with scope.acting_as(scope.OPERATOR):
        Authorization.objects.filter(pk=visited.pk).update(state=State.ACCEPTED)
    assert finish() == 0
