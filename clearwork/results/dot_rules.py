"""How long a driver is medically certified. Pure.

49 CFR 391.45(b): a driver is examined anew within 24 months at most. 49 CFR 391.43(h): the
certificate names the day it expires; the driver is certified through that day.
"""

from __future__ import annotations

from datetime import date, timedelta

from clearwork.foundation.choices import LabelledEnum

# 24 months, and the days by which months differ.
LONGEST = timedelta(days=2 * 366 + 1)
NOTICES = (7, 30, 60)
"""Days before the last one at which Admin Users are told, the nearest first."""
LIMITATION_LENGTH = 120
MOST_LIMITATIONS = 20
REGISTRY_LENGTH = 20


class Due(LabelledEnum):
    """Where a certificate stands today."""

    EXPIRED = "dot_expired", "Expired"
    WITHIN_7 = "dot_7", "Within 7 days"
    WITHIN_30 = "dot_30", "Within 30 days"
    WITHIN_60 = "dot_60", "Within 60 days"
    VALID = "dot_valid", "Valid"


_WITHIN = dict(zip(NOTICES, (Due.WITHIN_7, Due.WITHIN_30, Due.WITHIN_60), strict=True))


def notice(expires: date, today: date) -> int | None:
    """The nearest of NOTICES that its last day lies within; None when far off, or over."""
    left = (expires - today).days
    return next((days for days in NOTICES if 0 <= left <= days), None)


def due(expires: date, today: date) -> Due:
    if expires < today:
        return Due.EXPIRED
    within = notice(expires, today)
    return _WITHIN[within] if within else Due.VALID


def is_plausible(certified_from: date, expires: date, today: date) -> bool:
    """Whether a certificate can be of these days; else a person has to read the card.

    One of the future, but for a clock ahead of ours, would outlast all that are true.
    """
    is_ahead = certified_from > today + timedelta(days=1)
    return not is_ahead and certified_from < expires <= certified_from + LONGEST
