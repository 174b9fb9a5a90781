"""Authorizing care: one commit for the row, its audit event and its delivery."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from clearwork.audit.actions import SYSTEM, Action, Actor, event
from clearwork.audit.models import AuditEvent
from clearwork.authorizations import actions, changes, deliveries, moves
from clearwork.authorizations.models import Authorization, Delivery
from clearwork.authorizations.rules import NUMBER_PREFIX, Modality, State, has_ended, may_become
from clearwork.database import scope
from clearwork.foundation import clock
from clearwork.foundation.ids import check_character, read_number
from tests.cast import Cast, Person
from tests.exchange.records import events, jobs, kept

MADE = {"authorizations": 1, "changes": 1, "deliveries": 1, "events": 2, "jobs": 1}


def authorize(cast: Cast, by: Person | None = None, **changes: Any) -> Authorization:
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        return actions.authorize(cast.order(**changes), by=(by or cast.alice).viewer)


def state_of(authorization: Authorization) -> State:
    with scope.acting_as(scope.OPERATOR):
        return State(Authorization.objects.get(pk=authorization.pk).state)


def force(authorization: Authorization, state: State) -> None:
    with scope.acting_as(scope.OPERATOR):
        Authorization.objects.filter(pk=authorization.pk).update(state=state)


# One commit


def test_authorizing_saves_and_queues(cast: Cast) -> None:
    before = kept()
    made = authorize(cast)
    assert kept() - before == MADE
    (job,) = jobs(deliveries.DELIVER_JOB)
    with scope.acting_as(scope.OPERATOR):
        delivery = Delivery.objects.get()
    assert job.args == {"employer_id": str(cast.northwind.pk), "delivery_id": str(delivery.pk)}
    assert (job.queue_name, job.status, delivery.authorization_id) == ("delivery", "todo", made.pk)


def test_the_job_and_the_row_are_of_one_transaction(committed_cast: Cast) -> None:
    before = kept()
    with contextlib.suppress(ZeroDivisionError), scope.acting_as(scope.OPERATOR):
        actions.authorize(committed_cast.order(), by=committed_cast.alice.viewer)
        assert len(jobs(deliveries.DELIVER_JOB)) == 1
        raise ZeroDivisionError
    assert {**(kept() - before), "documents": 0} == {"documents": 0}
    authorize(committed_cast)
    assert len(jobs(deliveries.DELIVER_JOB)) == 1


@contextmanager
def _no_audit(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The database refuses each new event: its id is there already."""
    with scope.acting_as(scope.OPERATOR):
        (known := event(Action.SIGNED_IN, by=SYSTEM)).save(force_insert=True)
    with monkeypatch.context() as broken:
        broken.setattr(AuditEvent._meta.pk, "get_default", lambda: known.pk)
        yield


def as_northwind(cast: Cast, change: Callable[[], object]) -> None:
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        change()


def test_an_error_in_the_audit_undoes_everything(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    with _no_audit(monkeypatch):
        before = kept()
        with pytest.raises(DatabaseError):
            authorize(cast)
    assert {**(kept() - before), "documents": 0} == {"documents": 0}
    made = authorize(cast)
    for change in (
        lambda: changes.cancel(made, by=cast.alice.viewer),
        lambda: _news(cast, made, State.ACCEPTED),
    ):
        with _no_audit(monkeypatch):
            before = kept()
            with pytest.raises(DatabaseError):
                as_northwind(cast, change)
        assert kept() - before == {} and state_of(made) == State.SUBMITTED


def test_a_submission_is_authorized_once(cast: Cast) -> None:
    order = cast.order()
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        actions.authorize(order, by=cast.alice.viewer)
        with pytest.raises(IntegrityError), scope.acting_as(scope.employer(cast.northwind.pk)):
            actions.authorize(order, by=cast.alice.viewer)
    assert kept().authorizations == 1 and kept().jobs == 1


def test_another_employers_people_cannot_be_authorized(committed_cast: Cast) -> None:
    """The database itself refuses it, whatever the form let through."""
    for wrong in (
        {"employee": committed_cast.other_maria},
        {"worksite": committed_cast.yard},
    ):
        with pytest.raises(IntegrityError):
            authorize(committed_cast, **wrong)
    assert kept().authorizations == 0


# The number


def test_the_number_can_be_read_out_and_checked(cast: Cast) -> None:
    number = authorize(cast).number
    assert read_number(NUMBER_PREFIX, number) == number
    digits = number.removeprefix("CW-").replace("-", "")
    assert check_character(digits[:-1]) == digits[-1]
    wrong = next(c for c in "0123456789" if c != number[-1])
    assert read_number(NUMBER_PREFIX, number[:-1] + wrong) is None


def test_centralized_care_has_no_delivery(cast: Cast) -> None:
    made = authorize(cast, modality=Modality.TELEMED, center=None)
    assert not jobs(deliveries.DELIVER_JOB)
    assert made.center_id is None


# Cancelling and sending again


@pytest.mark.parametrize("state", list(State))
def test_cancelling_is_for_those_nobody_has_seen(cast: Cast, state: State) -> None:
    made = authorize(cast)
    force(made, state)
    before = kept()
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        cancelled = not changes.cancel(made, by=cast.alice.viewer)
    possible = state in (State.SUBMITTED, State.DELIVERED, State.ACCEPTED)
    assert cancelled == possible
    assert state_of(made) == (State.CANCELLED if possible else state)
    assert kept() - before == ({"changes": 1, "events": 1} if possible else {})


def test_a_stale_page_cannot_cancel_what_has_begun(cast: Cast) -> None:
    made = authorize(cast)
    force(made, State.CHECKED_IN)
    assert made.state == State.SUBMITTED  # what the page still shows
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        assert changes.cancel(made, by=cast.alice.viewer)
    assert state_of(made) == State.CHECKED_IN


def test_only_a_failed_delivery_is_sent_again(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    made = authorize(cast)

    def resend() -> bool:
        with scope.acting_as(scope.employer(cast.northwind.pk)):
            return deliveries.resend(made, by=cast.alice.viewer)

    assert not resend()  # still on its way
    with scope.acting_as(scope.OPERATOR):
        deliveries.delivery_attempt_failed(Delivery.objects.get(), error="No.", last=True)
    with _no_audit(monkeypatch):
        before = kept()
        with pytest.raises(DatabaseError):
            resend()
    assert kept() - before == {}
    assert resend() and not resend()
    with scope.acting_as(scope.OPERATOR):
        ids = Delivery.objects.values_list("control_id", flat=True)
        assert len(set(ids)) == 2


# News from the center


def _news(cast: Cast, made: Authorization, state: State, note: str = "") -> bool:
    by = Actor("center", cast.dallas.pk)
    with scope.acting_as(scope.center(cast.dallas.pk)):
        return changes.hear_from_center(
            made, state, by=by, actor="Dallas", note=note, at=clock.now()
        )


def test_late_and_repeated_news_change_nothing(cast: Cast) -> None:
    made = authorize(cast)
    assert _news(cast, made, State.CHECKED_IN)
    before = kept()
    for late in (State.CHECKED_IN, State.ACCEPTED, State.DELIVERED, State.REFUSED, State.NO_SHOW):
        assert not _news(cast, made, late), late
    assert kept() - before == {}
    assert _news(cast, made, State.COMPLETED, note="n" * 900)
    with scope.acting_as(scope.OPERATOR):
        last = made.events.latest("id")
    assert (last.state, last.actor, len(last.note)) == (State.COMPLETED, "Dallas", 500)
    assert len(events(Action.AUTHORIZATION_CHANGED)) == 2


_TOLD = [State.ACCEPTED, State.REFUSED, State.CHECKED_IN, State.COMPLETED, State.NO_SHOW]


@hypothesis_settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(told=st.lists(st.sampled_from([*_TOLD, "cancel", "acknowledge"]), max_size=8))
def test_whatever_is_told_in_whatever_order_the_timeline_is_a_lawful_one(
    cast: Cast, told: list[State | str]
) -> None:
    made = authorize(cast)
    tell: dict[str, Callable[[], object]] = {
        "cancel": lambda: changes.cancel(made, by=cast.alice.viewer),
        "acknowledge": lambda: moves.change_state(made, State.DELIVERED, actor="Dallas"),
    }
    for news in told:
        before = state_of(made)
        if isinstance(news, State):
            _news(cast, made, news)
        else:
            with scope.acting_as(scope.employer(cast.northwind.pk)):
                tell[news]()
        after = state_of(made)
        assert after == before or may_become(before, after)
        if before in (State.COMPLETED, State.REFUSED, State.CANCELLED):
            assert after == before
    with scope.acting_as(scope.OPERATOR):
        line = [State(e.state) for e in made.events.order_by("id")]
    assert line[0] == State.SUBMITTED and line[-1] == state_of(made)
    assert all(may_become(a, b) for a, b in pairwise(line))
    assert len(set(line)) == len(line)


def test_an_ended_state_knows_that_it_is() -> None:
    ended = {s for s in State if has_ended(s)}
    assert ended == {
        State.REFUSED,
        State.COMPLETED,
        State.EXPIRED,
        State.NO_SHOW,
        State.CANCELLED,
    }


def test_the_audit_holds_ids_only(cast: Cast) -> None:
    made = authorize(cast)
    (event,) = events(Action.AUTHORIZATION_CREATED)
    assert (event.actor_id, event.employer_id) == (cast.alice.user.pk, cast.northwind.pk)
    assert (event.subject_id, event.detail) == (made.pk, {})
    assert event.at - clock.now() < timedelta(minutes=1)
