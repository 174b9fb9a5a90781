"""Noting who saw reports, restoring archived ones, and legal holds."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import transaction

from clearwork.access.decide import Viewer
from clearwork.audit.actions import Action, record
from clearwork.foundation import clock
from clearwork.privacy import actions as privacy
from clearwork.results.models import Report
from clearwork.results.rules import CURRENT_DAYS

log = logging.getLogger(__name__)


def note_view(report: Report, *, by: Viewer) -> None:
    _note(Action.REPORT_VIEWED, report, by)


def note_download(report: Report, *, by: Viewer) -> None:
    _note(Action.REPORT_DOWNLOADED, report, by)


@transaction.atomic
def note_unreadable(report: Report, *, by: Viewer) -> None:
    """Its stored document is missing or damaged: support is told, once a document."""
    log.error("report %s: its document cannot be read", report.pk)
    own = Report.objects.filter(employer_id=report.employer_id, pk=report.pk)
    if list(own.select_for_update().values_list("pk")):
        privacy.report_unreadable(by=by.actor, employer_id=report.employer_id, report_id=report.pk)
    _note(Action.REPORT_UNREADABLE, report, by)


@transaction.atomic
def restore(report: Report, *, why: str, by: Viewer) -> None:
    """Back in the current list, for as long as a new report."""
    report.restored_until = clock.now() + timedelta(days=CURRENT_DAYS)
    report.restored_why = why
    report.save(update_fields=("restored_until", "restored_why"))
    _note(Action.REPORT_RESTORED, report, by)


@transaction.atomic
def hold(report: Report, *, why: str, by: Viewer) -> bool:
    """Keep it whatever its retention says, until the hold is ended; False where it is gone."""
    standing = Report.objects.filter(
        employer_id=report.employer_id, pk=report.pk, destroyed_at=None, incident_id=None
    )
    if not list(standing.select_for_update(of=("self",)).values_list("pk")):
        return False
    report.held_at, report.held_why = clock.now(), why
    report.save(update_fields=("held_at", "held_why"))
    _note(Action.REPORT_HELD, report, by)
    return True


@transaction.atomic
def end_hold(report: Report, *, why: str, by: Viewer) -> None:
    report.held_at, report.held_why = None, why
    report.save(update_fields=("held_at", "held_why"))
    _note(Action.REPORT_HOLD_ENDED, report, by)


def _note(action: Action, report: Report, by: Viewer) -> None:
    record(action, by=by.actor, employer_id=by.employer_id, subject_id=report.pk)
