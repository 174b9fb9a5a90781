"""What the retention job would destroy by a day, without destroying anything. As the operator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Max, Min, QuerySet

from clearwork.employers.report_types import Retention
from clearwork.employers.rules import ReportType
from clearwork.results.models import Report
from clearwork.results.retention import HELD, KEPT, over, retention


@dataclass(frozen=True)
class OfType:
    """Of one type of report: how many would go, with the days of their first and last visit.

    `held` are past their time, too, and kept by a legal hold; `in_question` by an incident.
    """

    kind: ReportType
    rule: Retention
    count: int
    held: int
    in_question: int
    oldest: date | None
    latest: date | None


def by_type(day: date) -> Sequence[OfType]:
    """Every type of which something is past its time by that day."""
    found = (_of_type(kind, day) for kind in ReportType)
    return [each for each in found if each.count or each.held or each.in_question]


def by_employer(kind: ReportType, day: date) -> QuerySet[Report, Any]:
    """Whose reports of one type would go: _EMPLOYER and _COUNTED of each."""
    going: QuerySet[Any, Any] = over(kind, day).exclude(KEPT)
    listed: QuerySet[Report, Any] = going.values("employer_id", *_EMPLOYER)
    return listed.annotate(**_COUNTED).order_by(*_EMPLOYER, "employer_id")


_EMPLOYER = ("employer__legal_name", "employer__account_number")
_COUNTED = {"count": Count("pk"), "oldest": Min("visit_date"), "latest": Max("visit_date")}


def _of_type(kind: ReportType, day: date) -> OfType:
    past = over(kind, day)
    going = past.exclude(KEPT).aggregate(**_COUNTED)
    kept = past.filter(KEPT).aggregate(all=Count("pk"), held=Count("pk", filter=HELD))
    return OfType(
        kind=kind,
        rule=retention(kind),
        held=kept["held"],
        in_question=kept["all"] - kept["held"],
        **going,
    )
