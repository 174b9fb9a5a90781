"""Volume and turnaround of the last 12 weeks, by the week an authorization was made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Aggregate, Count, DateField, DurationField, F, Q
from django.db.models.functions import TruncWeek
from django.utils import timezone

from clearwork.access.decide import Viewer
from clearwork.authorizations import queries as authorizations
from clearwork.authorizations.rules import State
from clearwork.foundation import clock
from clearwork.home.rules import Bar, bars

WEEKS = 12
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Week:
    """`starts` is a Monday; `turnaround` the median from made to completed, None of none."""

    starts: date
    made: int
    completed: int
    turnaround: timedelta | None

    @property
    def days(self) -> float | None:
        return None if self.turnaround is None else self.turnaround / _DAY

    @property
    def words(self) -> str:
        """The turnaround as said in the table, such as 1.5 days."""
        if self.days is None:
            return ""
        hours = round(self.days * 24)
        if hours < 1:
            return "under an hour"
        if hours < 24:
            return f"{hours} hour" if hours == 1 else f"{hours} hours"
        return f"{self.days:.1f} days"


class _Median(Aggregate):
    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)%(filter)s"


def weeks(viewer: Viewer) -> list[Week]:
    """The last 12, this one included, the oldest first; of what this viewer may see."""
    this = clock.today() - timedelta(days=clock.today().weekday())
    first = this - timedelta(weeks=WEEKS - 1)
    done = Q(state=State.COMPLETED)
    rows = (
        authorizations.authorizations(viewer)
        .filter(created_at__gte=_midnight(first))
        .annotate(week=TruncWeek("created_at", output_field=DateField()))
        .values("week")
        .annotate(
            made=Count("pk"),
            completed=Count("pk", filter=done),
            turnaround=_Median(
                F("state_since") - F("created_at"), filter=done, output_field=DurationField()
            ),
        )
    )
    found = {row["week"]: row for row in rows.order_by()}
    return [_week(first + timedelta(weeks=number), found) for number in range(WEEKS)]


def _week(starts: date, found: Mapping[date, Mapping[str, Any]]) -> Week:
    row = found.get(starts, {})
    return Week(starts, row.get("made", 0), row.get("completed", 0), row.get("turnaround"))


def volume(found: Sequence[Week]) -> list[Bar]:
    return bars([week.made for week in found], [str(week.made or "") for week in found])


def turnaround(found: Sequence[Week]) -> list[Bar]:
    """In days."""
    said = ["" if week.days is None else _short(week.days) for week in found]
    return bars([week.days for week in found], said)


def _short(days: float) -> str:
    return "<0.1" if days < 0.1 else f"{days:.1f}"


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
