"""What a person may do at work, and what today asks of whoever plans their work. Pure."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from clearwork.foundation.choices import LabelledEnum

RESTRICTION_LENGTH = 200
MOST_RESTRICTIONS = 30
# Full duty again: worth telling for so long.
RECENT = timedelta(days=14)
# A status whose last day passed is overdue for so long, and one that is not known is worth
# reading up for so long; then it is history.
OVERDUE = timedelta(days=90)
SOON = timedelta(days=3)
# ICD-10-CM, such as S61.412A: what a restriction must never say.
_DIAGNOSIS = re.compile(r"[(\[]?\b[A-TV-Z][0-9][0-9A-Z]\.[0-9A-Z]{1,4}\b[)\]]?")


class Duty(LabelledEnum):
    """What a center says of someone's work: what is not known first, then the strictest."""

    UNKNOWN = "unknown", "Status not known"  # the report that says it has no coded value
    OFF = "off_work", "Off work"
    RESTRICTED = "restricted", "Restricted duty"
    FULL = "full_duty", "Full duty"


_BY_CODE = {
    "off": Duty.OFF,
    "off_work": Duty.OFF,
    "restricted": Duty.RESTRICTED,
    "restricted_duty": Duty.RESTRICTED,
    "modified_duty": Duty.RESTRICTED,
    "full": Duty.FULL,
    "full_duty": Duty.FULL,
    "regular_duty": Duty.FULL,
}


@dataclass(frozen=True)
class Status:
    """Work status as a center gives it. Days are included; `until` is None where it said none."""

    duty: Duty
    starts: date
    restrictions: tuple[str, ...] = ()
    until: date | None = None
    expected_return: date | None = None

    @property
    def last_day(self) -> date | None:
        """None where `until` is before the first day: after a slip nobody looks unlimited."""
        return self.until if self.until and self.until >= self.starts else None

    @property
    def fingerprint(self) -> str:
        """The same for the same words: news that is repeated adds nothing."""
        said = [self.duty, *map(str, (self.starts, self.until, self.expected_return))]
        text = json.dumps([*said, *self.restrictions], ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:32]


def duty(code: str) -> Duty | None:
    """The duty a center's code means, or None: then the report alone says it."""
    return _BY_CODE.get(re.sub(r"[\s-]+", "_", code.strip().lower()))


def plain(restrictions: Iterable[str]) -> tuple[str, ...]:
    """Restrictions as shown: on one line each, never the code of a diagnosis, none twice."""
    words = (" ".join(_DIAGNOSIS.sub("", each).split()) for each in restrictions)
    kept = dict.fromkeys(each[:RESTRICTION_LENGTH] for each in words if each)
    return tuple(kept)[:MOST_RESTRICTIONS]


def is_overdue(duty: str, until: date | None, today: date) -> bool:
    """Its last day is over, and the center has said nothing newer."""
    return duty != Duty.FULL and until is not None and until < today


def begins(starts: date, today: date) -> str:
    """That it does not hold yet, in words; "" once it does."""
    days = (starts - today).days
    if days <= 0:
        return ""
    return "Not yet: starts tomorrow" if days == 1 else f"Not yet: starts in {days} days"


def when(duty: str, until: date | None, today: date) -> str:
    """What matters today of a status' last day, in words; "" for nothing."""
    if duty == Duty.FULL or until is None:
        return ""
    days = (until - today).days
    if days < 0:
        ended = "yesterday" if days == -1 else f"{-days} days ago"
        return f"Ended {ended}, no new status"
    if days <= SOON.days:
        return {0: "Ends today", 1: "Ends tomorrow"}.get(days, f"Ends in {days} days")
    return ""
