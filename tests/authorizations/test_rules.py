"""What may happen to an authorization, and the stage clock. No database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearwork.authorizations.rules import (
    Kind,
    State,
    has_ended,
    may_become,
    stage,
    why_not_cancel,
)

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
FINAL = {State.COMPLETED, State.REFUSED, State.CANCELLED}
states = st.sampled_from(list(State))


@given(state=states)
def test_nothing_becomes_what_it_is(state: State) -> None:
    assert not may_become(state, state)


@given(state=states, wanted=states)
def test_a_final_state_stays(state: State, wanted: State) -> None:
    if state in FINAL:
        assert not may_become(state, wanted)


@given(state=states)
def test_nothing_goes_back_to_submitted(state: State) -> None:
    assert not may_become(state, State.SUBMITTED)


@given(path=st.lists(states, max_size=12))
def test_no_history_visits_a_state_twice(path: list[State]) -> None:
    visited = [State.SUBMITTED]
    for wanted in path:
        if may_become(visited[-1], wanted):
            visited.append(wanted)
    assert len(visited) == len(set(visited))


def test_who_comes_late_is_still_seen() -> None:
    for given_up in (State.NO_SHOW, State.EXPIRED):
        assert has_ended(given_up)
        assert {s for s in State if may_become(given_up, s)} == {State.CHECKED_IN, State.COMPLETED}


def test_one_may_cancel_until_someone_is_seen() -> None:
    cancellable = {state for state in State if not why_not_cancel(state)}
    assert cancellable == {State.SUBMITTED, State.DELIVERED, State.ACCEPTED}


@pytest.mark.parametrize(
    ("state", "kind", "holder", "target"),
    [
        (State.SUBMITTED, Kind.NON_INJURY, "Clearwork", "5 minutes"),
        (State.DELIVERED, Kind.NON_INJURY, "Dallas", "4 hours"),
        (State.ACCEPTED, Kind.NON_INJURY, "Maria", ""),
        (State.CHECKED_IN, Kind.NON_INJURY, "Dallas", "72 hours"),
        (State.CHECKED_IN, Kind.INJURY, "Dallas", "4 hours"),
    ],
)
def test_the_clock_says_who_holds_it_and_by_when(
    state: State, kind: Kind, holder: str, target: str
) -> None:
    now = stage(state, NOON, kind=kind, center="Dallas", employee="Maria")
    assert now and (now.holder, now.target_in_words, now.since) == (holder, target, NOON)
    assert not now.is_late(NOON)
    assert now.is_late(NOON + timedelta(days=30)) == (target != "")
    if now.due:
        assert not now.is_late(now.due) and now.is_late(now.due + timedelta(seconds=1))


def test_an_ended_one_has_no_clock() -> None:
    for state in filter(has_ended, State):
        assert stage(state, NOON, kind=Kind.INJURY, center="", employee="") is None
    for state in (state for state in State if not has_ended(state)):
        assert stage(state, NOON, kind=Kind.INJURY, center="", employee="")
