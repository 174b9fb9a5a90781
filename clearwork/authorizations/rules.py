"""What may happen to an authorization, and who holds it meanwhile. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

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
    WITHDRAWN = "withdrawn", "Withdrawn"


class Control(LabelledEnum):
    """What a delivery asks of the center: HL7 order control, ORC-1 (table 0119)."""

    NEW = "NW", "Order"
    CHANGE = "XO", "Change"
    CANCEL = "CA", "Cancellation"


class CancelReason(LabelledEnum):
    NOT_NEEDED = "not_needed", "No longer needed"
    MISTAKE = "mistake", "Made by mistake"
    REPLACED = "replaced", "Replaced by another authorization"
    LEFT = "left", "The employee has left or was not hired"
    OTHER = "other", "Another reason"


class Change(LabelledEnum):
    """What a line of the timeline tells beside, or instead of, a new state."""

    EXTENDED = "extended", "Extended"
    CHANGED = "changed", "Order changed"
    CANCEL_DONE = "cancel_done", "The center cancelled it, as asked"
    CANCEL_REFUSED = "cancel_no", "The center could not cancel it"
    CHANGE_DONE = "change_done", "The center took over the change"
    CHANGE_REFUSED = "change_no", "The center could not make the change"


LONGEST_EXTENSION_DAYS = 365
# Nobody has been seen yet: these end by themselves, and may be cancelled or extended.
WAITING = frozenset({State.SUBMITTED, State.DELIVERED, State.ACCEPTED})
OPEN = WAITING | {State.CHECKED_IN}
LAPSED = frozenset({State.EXPIRED, State.NO_SHOW})
_ENDED = frozenset({State.REFUSED, State.COMPLETED, State.CANCELLED}) | LAPSED
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
_TOO_LATE = {
    State.REFUSED: "The medical center refused it. Make a new one for another center.",
    State.CHECKED_IN: "The employee is at the medical center already: call the center.",
    State.COMPLETED: "The visit is over.",
    State.CANCELLED: "It was cancelled. Make a new one instead; Duplicate copies what it says.",
}


def may_become(state: State, wanted: State) -> bool:
    """Whether `wanted` may follow `state`. Late or repeated news from a center may not."""
    return wanted in _NEXT.get(state, frozenset())


def has_ended(state: State) -> bool:
    return state in _ENDED


def why_not_cancel(state: State) -> str:
    """Why it cannot be cancelled, in words for whoever tries; "" where it can."""
    if state in LAPSED:
        return "It is no longer valid as it is."
    return "It is cancelled already." if state == State.CANCELLED else _TOO_LATE.get(state, "")


def why_not_extend(state: State, *, center_is_open: bool = True) -> str:
    """Why its days cannot be extended; "" where they can: it is waiting, or ended unused."""
    if not center_is_open:
        return "The medical center takes no orders any more. Make a new one for another center."
    return _TOO_LATE.get(state, "")


def why_not_until(until: date, *, expires: date, today: date) -> str:
    """What is wrong with this last day for one that expires then; "" for nothing."""
    if until < today:
        return "Choose today or a later date."
    if until <= expires:
        return f"It is valid until {in_words(expires)} already: choose a later date."
    if until > today + timedelta(days=LONGEST_EXTENSION_DAYS):
        return f"Choose a date within the next {LONGEST_EXTENSION_DAYS} days."
    return ""


def why_not_change(state: State) -> str:
    """Why the order cannot be edited; "" until the medical center has accepted it."""
    if state == State.ACCEPTED:
        return (
            "The medical center has accepted it: call the center, or cancel it and make a new one."
        )
    if state in LAPSED:
        return "It is no longer valid. Extend it first, or make a new one."
    return _TOO_LATE.get(state, "")


def extended(state: State, *, center_has_it: bool) -> State:
    """The state after an extension: one that ended unused is where it was, to be accepted anew."""
    if state not in LAPSED:
        return state
    return State.DELIVERED if center_has_it else State.SUBMITTED


def news_of_change(*, known: bool, queued_tried: Sequence[bool]) -> Control | None:
    """How a center hears that an order changed. `queued_tried`: of each delivery on its way.

    None where one that was never tried will tell: its message is made when it goes.
    """
    if not all(queued_tried):
        return None
    return Control.CHANGE if known or queued_tried else Control.NEW


def lapsed(state: State) -> State:
    """What a waiting one becomes after its last day: a no-show where someone was expected."""
    return State.NO_SHOW if state == State.ACCEPTED else State.EXPIRED


def in_words(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"


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


def target(state: State, kind: Kind) -> timedelta | None:
    """How long a medical center's part may take in this state; None where nothing is set."""
    result = _NON_INJURY_TARGET if kind == Kind.NON_INJURY else _CHECK_OUT_TARGET
    targets = {
        State.SUBMITTED: _DELIVERY_TARGET,
        State.DELIVERED: _ANSWER_TARGET,
        State.CHECKED_IN: result,
    }
    return targets.get(state)


def stage(
    state: State,
    since: datetime,
    *,
    kind: Kind,
    center: str,
    employee: str,
    unsent_since: datetime | None = None,
    has_results: bool = False,
) -> Stage | None:
    """The stage clock of an open authorization; None once it has ended.

    `center` is "" for centralized care, which waits for the employee alone. Targets: 72
    hours for non-injury results; for an injury the status report comes at check-out.
    `unsent_since`: when sending the order was given up, if it was. One that `has_results` is late
    no more, though no check-out came.
    """
    if unsent_since and state == State.SUBMITTED:
        return Stage("Your company", "sending it again, or calling the center", unsent_since, None)
    if has_results and state == State.CHECKED_IN:
        return Stage(center, "saying that the visit is over: its results are here", since, None)
    holders: dict[State, tuple[str, str]] = {
        State.SUBMITTED: ("Clearwork", "sending the order to the center"),
        State.DELIVERED: (center, "reading the order"),
        State.ACCEPTED: (employee, "expected at the center"),
        State.CHECKED_IN: (center, "seeing the employee, then sending results"),
    }
    limit = target(state, kind)
    if not center:
        holders[State.SUBMITTED] = (employee, "getting in touch as the instructions say")
        limit = limit if state == State.CHECKED_IN else None
    if state not in holders:
        return None
    return Stage(*holders[state], since, since + limit if limit else None)
