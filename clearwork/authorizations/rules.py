"""What may happen to an authorization, and who holds it meanwhile. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from clearwork.centers.rules import CENTRALIZED as CENTRALIZED
from clearwork.centers.rules import Kind as Kind
from clearwork.centers.rules import Modality as Modality
from clearwork.centers.rules import Reason as Reason
from clearwork.foundation.choices import LabelledEnum

NUMBER_PREFIX = "CW"
VALID_DAYS = 30


class State(LabelledEnum):
    SUBMITTED = "submitted", "Submitted"
    DELIVERED = "delivered", "Delivered"
    ACCEPTED = "accepted", "Accepted"
    REFUSED = "refused", "Refused"
    CHECKED_IN = "checked_in", "Checked in"
    COMPLETED = "completed", "Completed"
    EXPIRED = "expired", "Expired"
    NO_SHOW = "no_show", "No-show"
    CANCELLED = "cancelled", "Cancelled"


class DeliveryState(LabelledEnum):
    QUEUED = "queued", "Being sent"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    FAILED = "failed", "Not delivered"


_ENDED = frozenset({State.REFUSED, State.COMPLETED, State.EXPIRED, State.NO_SHOW, State.CANCELLED})
_NEXT: dict[State, frozenset[State]] = {
    State.SUBMITTED: frozenset(State) - {State.SUBMITTED},
    State.DELIVERED: frozenset(State) - {State.SUBMITTED, State.DELIVERED},
    State.ACCEPTED: frozenset(State)
    - {State.SUBMITTED, State.DELIVERED, State.ACCEPTED, State.REFUSED},
    State.CHECKED_IN: frozenset({State.COMPLETED}),
    # A person may come late, after the center gave up on them or the date had passed.
    State.NO_SHOW: frozenset({State.CHECKED_IN, State.COMPLETED}),
    State.EXPIRED: frozenset({State.CHECKED_IN, State.COMPLETED}),
}


def may_become(state: State, wanted: State) -> bool:
    """Whether `wanted` may follow `state`. Late or repeated news from a center may not."""
    return wanted in _NEXT.get(state, frozenset())


def may_cancel(state: State) -> bool:
    return may_become(state, State.CANCELLED)


def has_ended(state: State) -> bool:
    return state in _ENDED


@dataclass(frozen=True)
class Stage:
    """Who holds the case, since when, and by when it should move on (None: no target)."""

    holder: str
    doing: str
    since: datetime
    due: datetime | None

    @property
    def target_in_words(self) -> str:
        """The whole target, e.g. "72 hours"; "" where there is none."""
        if self.due is None:
            return ""
        minutes = round((self.due - self.since).total_seconds() / 60)
        hours, rest = divmod(minutes, 60)
        return f"{minutes} minutes" if rest else f"{hours} hours"

    def is_late(self, now: datetime) -> bool:
        return self.due is not None and now > self.due


_NON_INJURY_TARGET = timedelta(hours=72)
_DELIVERY_TARGET = timedelta(minutes=5)
_ANSWER_TARGET = timedelta(hours=4)
_CHECK_OUT_TARGET = timedelta(hours=4)


def stage(state: State, since: datetime, *, kind: Kind, center: str, employee: str) -> Stage | None:
    """The stage clock of an open authorization; None once it has ended.

    Targets: 72 hours for non-injury results; for an injury the status report comes
    at check-out.
    """
    result = _NON_INJURY_TARGET if kind == Kind.NON_INJURY else _CHECK_OUT_TARGET
    holders: dict[State, tuple[str, str, timedelta | None]] = {
        State.SUBMITTED: ("Clearwork", "sending the order to the center", _DELIVERY_TARGET),
        State.DELIVERED: (center, "reading the order", _ANSWER_TARGET),
        State.ACCEPTED: (employee, "expected at the center", None),
        State.CHECKED_IN: (center, "seeing the employee, then sending results", result),
    }
    if state not in holders:
        return None
    holder, doing, target = holders[state]
    return Stage(holder, doing, since, since + target if target else None)
