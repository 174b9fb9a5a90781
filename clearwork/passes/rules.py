"""What a pass shows and for how long, and what people type at it. Pure."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from clearwork.authorizations.rules import State
from clearwork.foundation.choices import LabelledEnum

TRIES = 5
# An authorization may be extended after it expired: its link is then still known.
GRACE = timedelta(days=30)
LINKS_AN_HOUR = 3
CODES_AN_HOUR = 5
CODE_LASTS = timedelta(minutes=10)
DEVICE_LASTS = timedelta(minutes=30)
HOUR = timedelta(hours=1)
_OLDEST, _CENTURY = 120, 100
_NOT_DIGITS = re.compile(r"[\s().\-/\u2010-\u2015]")
_E164 = re.compile(r"\+[1-9]\d{7,14}")
_NORTH_AMERICAN = re.compile(r"1?([2-9]\d{2}[2-9]\d{6})")


class Recipient(LabelledEnum):
    EMPLOYEE = "employee", "The employee"
    NAMED = "named", "A named person"


class Channel(LabelledEnum):
    EMAIL = "email", "Email"
    TEXT = "text", "Text message"


class Purpose(LabelledEnum):
    LINK = "link", "The link"
    CODE = "code", "A code to open it"


class SendingState(LabelledEnum):
    QUEUED = "queued", "On its way"
    SENT = "sent", "Sent"
    FAILED = "failed", "Not sent"
    BOUNCED = "bounced", "Could not be delivered"


LOST = (SendingState.BOUNCED, SendingState.FAILED)


class Standing(LabelledEnum):
    """What the authorization behind a pass is worth today."""

    VALID = "valid", "Valid"
    CANCELLED = "cancelled", "Cancelled"
    EXPIRED = "expired", "Expired"
    COMPLETED = "completed", "Completed"
    CLOSED = "closed", "The medical center has closed"


class TooManySends(Exception):
    """So many to one address within the hour already."""


class NothingToSend(Exception):
    """The authorization has ended: there is nothing to come for."""


def is_usable(*, revoked: bool, tries_left: int, expires: date, today: date) -> bool:
    """Whether the link answers at all. Valid or not is then the pass's to say."""
    return not revoked and tries_left > 0 and today <= expires + GRACE


def standing(state: State, expires: date, today: date, *, center_is_open: bool = True) -> Standing:
    """A center may still see who comes late; a pass says what the employer agreed to.

    `today` is the day where the care would be. Not `center_is_open`: it has closed for good.
    """
    if state in (State.CANCELLED, State.REFUSED):
        return Standing.CANCELLED
    if state == State.COMPLETED:
        return Standing.COMPLETED
    if state == State.EXPIRED or today > expires:
        return Standing.EXPIRED
    return Standing.VALID if center_is_open else Standing.CLOSED


def code_is_fresh(asked_at: datetime | None, now: datetime) -> bool:
    return asked_at is not None and now - asked_at < CODE_LASTS


def mobile_number(typed: str) -> str | None:
    """The number in E.164, such as +12145550100; None where it cannot be one.

    Without a + it is of the North American plan: ten digits, or eleven that begin with 1.
    """
    bare = _NOT_DIGITS.sub("", typed)
    if _E164.fullmatch(bare):
        return bare
    own = _NORTH_AMERICAN.fullmatch(bare)
    return f"+1{own[1]}" if own else None


def birth_date(year: int, month: int, day: int, today: date) -> date | None:
    """The date as typed; a year of two digits is the latest one past. None where there is none."""
    if 0 <= year < _CENTURY:
        year += today.year // _CENTURY * _CENTURY
        year -= _CENTURY if year > today.year else 0
    try:
        born = date(year, month, day)
    except ValueError:
        return None
    return born if today.year - _OLDEST <= born.year and born <= today else None
