"""Reports as papers of a file: their original bytes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from clearwork.access.decide import Viewer
from clearwork.audit.actions import Action
from clearwork.database import scope
from clearwork.documents.crypto import SealBroken
from clearwork.documents.storage import read_document
from clearwork.employers.rules import ReportKind
from clearwork.exports.papers import Content, Paper
from clearwork.exports.rules import Form, Reason
from clearwork.results import minimum
from clearwork.results.actions import note_unreadable
from clearwork.results.models import Report

_FIELDS = (
    *("pk", "employee__last_name", "employee__first_name", "employee__date_of_birth"),
    *("title", "kind", "center__name", "visit_date", "posted_at", "pages", "document", "link"),
)


class Reports:
    noun, plural, route = "report", "reports", "results:report"
    columns = ("Employee", "Report", "Visit")
    header: tuple[str, ...] = (
        *("Employee", "Date of birth", "Report", "Type of visit", "Medical center", "Visit"),
        "Received",
    )
    downloaded = Action.REPORT_DOWNLOADED
    at_once, at_a_time = 25, 500

    def visible(self, viewer: Viewer) -> QuerySet[Report]:
        return minimum.readable(viewer).select_related(None)

    def papers(self, viewer: Viewer, ids: Sequence[UUID]) -> dict[UUID, Paper]:
        rows = self.visible(viewer).filter(pk__in=ids).values(*_FIELDS)
        return {row["pk"]: _paper(row) for row in rows}

    def contents(self, viewer: Viewer, papers: Sequence[Paper], form: Form) -> Iterator[Content]:
        for paper in papers:
            yield [paper], Reason.LINK if paper.link else _read(paper, viewer)


def _paper(row: Mapping[str, Any]) -> Paper:
    last, first = row["employee__last_name"], row["employee__first_name"]
    return Paper(
        pk=row["pk"],
        last_name=last,
        first_name=first,
        title=row["title"],
        day=row["visit_date"],
        facts=(
            f"{last}, {first}",
            row["employee__date_of_birth"],
            row["title"],
            ReportKind(row["kind"]).label,
            row["center__name"],
            row["visit_date"],
            timezone.localtime(row["posted_at"]).date(),
        ),
        pages=row["pages"],
        document=row["document"],
        link=row["link"],
    )


def _read(paper: Paper, viewer: Viewer) -> bytes | Reason:
    try:
        return read_document(paper.document)
    except (OSError, SealBroken):
        with scope.acting_as(scope.employer(viewer.employer_id)):
            note_unreadable(Report(employer_id=viewer.employer_id, pk=paper.pk), by=viewer)
        return Reason.UNREADABLE
