"""What a file says of its own contents: the first pages of a combined PDF."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.conf import settings

from clearwork.access.decide import Viewer
from clearwork.documents.merging import Entry
from clearwork.documents.typesetting import typeset
from clearwork.exports.rules import Reason
from clearwork.foundation import clock
from clearwork.results.models import Report

_TEMPLATE = Path(__file__).parent / "templates" / "contents.typ"


@dataclass
class LeftOut:
    """`unavailable`: of how many not even the names may be told."""

    rows: list[tuple[Report, Reason]]
    unavailable: int


def facts(
    viewer: Viewer, entries: Sequence[tuple[Report, Entry]], left_out: LeftOut
) -> dict[str, object]:
    """All that the page says."""
    environment = settings.ENVIRONMENT
    return {
        "title": f"{len(entries)} report{'s' if len(entries) != 1 else ''}",
        "network": environment.network_name,
        "employer": viewer.employer_name,
        "made": _day(clock.today()),
        "entries": [{**_facts(report), "first": entry.first} for report, entry in entries],
        "left_out": [{**_facts(row), "why": reason.label} for row, reason in left_out.rows],
        "unavailable": left_out.unavailable,
        "support_phone": environment.support_phone,
    }


def page(said: Mapping[str, object]) -> bytes:
    """The contents as PDF; see merging.LINK."""
    return typeset(_TEMPLATE, said)


def expected(reports: Iterable[Report]) -> list[tuple[Report, Entry]]:
    """The entries where every report is sound and as long as it was said to be."""
    first, found = 0, []
    for report in reports:
        found.append((report, Entry(title_of(report), first)))
        first += report.pages
    return found


def title_of(report: Report) -> str:
    """A bookmark: whose, what, and of which visit."""
    return " · ".join(_facts(report).values())


def person_of(report: Report) -> str:
    return f"{report.employee.last_name}, {report.employee.first_name}"


def _facts(report: Report) -> dict[str, str]:
    return {
        "person": person_of(report),
        "report": report.title,
        "day": _day(report.visit_date),
    }


def _day(day: date) -> str:
    return f"{day:%b} {day.day}, {day.year}"
