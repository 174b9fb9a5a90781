"""Posting reports, and noting who saw them."""

from __future__ import annotations

from clearwork.access.decide import Viewer
from clearwork.audit.actions import Action, record
from clearwork.results.models import Report


def note_view(report: Report, *, by: Viewer) -> None:
    _note(Action.REPORT_VIEWED, report, by)


def note_download(report: Report, *, by: Viewer) -> None:
    _note(Action.REPORT_DOWNLOADED, report, by)


def _note(action: Action, report: Report, by: Viewer) -> None:
    record(action, by=by.actor, employer_id=by.employer_id, subject_id=report.pk)
