"""What holds of reports in their list. Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from clearwork.foundation.choices import LabelledEnum

CURRENT_DAYS = 90


class Shelf(LabelledEnum):
    """Reports leave the current list 90 days after posting."""

    CURRENT = "", "Current"
    ARCHIVED = "on", "Archived"
    ALL = "all", "Current and archived"


class Sort(LabelledEnum):
    RECEIVED = "", "Newest first"
    VISITED = "visited", "Latest visit"
    NAME = "name", "Name, A to Z"


def is_archived(posted_at: datetime, restored_until: datetime | None, now: datetime) -> bool:
    if restored_until is not None and restored_until >= now:
        return False
    return posted_at < now - timedelta(days=CURRENT_DAYS)


def years_before(day: date, years: int) -> date:
    """The same day so many years ago; of Feb 29 in a common year, Feb 28."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)
