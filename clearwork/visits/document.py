"""The supervisor's card as a PDF: one page, tagged (PDF/UA-1), without any reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from django.conf import settings

from clearwork.authorizations.rules import in_words
from clearwork.documents.typesetting import typeset
from clearwork.foundation import clock
from clearwork.people.models import Employee
from clearwork.visits.models import WorkStatus
from clearwork.visits.rules import Duty, begins

_TEMPLATE = Path(__file__).parent / "templates" / "card.typ"


def render(
    employee: Employee, statuses: Sequence[WorkStatus], *, employer: str, partial: bool = False
) -> bytes:
    """`statuses` are those in force, the strictest first; `partial`: there may be others."""
    return typeset(
        _TEMPLATE,
        {
            "network": settings.ENVIRONMENT.network_name,
            "person": str(employee),
            "job": employee.job_title,
            "employer": employer,
            "worksite": str(employee.worksite),
            "partial": partial,
            "printed": in_words(clock.today()),
            "statuses": [_facts(status) for status in statuses],
        },
    )


def _facts(status: WorkStatus) -> dict[str, object]:
    before = status.until_then
    return {
        "duty": status.get_duty_display(),
        "unknown": status.duty == Duty.UNKNOWN,
        "not_yet": begins(status.starts, clock.today()),
        "starts": in_words(status.starts),
        "until": _day(status.until),
        "back": _day(status.expected_return),
        "restrictions": status.restrictions,
        "ended": status.is_overdue,
        "until_then": before.get_duty_display() if before else "",
        "limits_then": before.restrictions if before else [],
    }


def _day(day: date | None) -> str:
    return in_words(day) if day else ""
