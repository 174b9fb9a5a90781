"""What a center says of a report it posted before: a correction, or that it was an error."""

from __future__ import annotations

from django.db import transaction

from clearwork.audit.actions import Action, Actor, record
from clearwork.authorizations.models import Authorization
from clearwork.employers.rules import WORK_STATUS
from clearwork.foundation import clock
from clearwork.results.models import Report
from clearwork.visits import actions as visits

NO_REASON = "The medical center gave no reason."
_LONGEST_REASON = 300


def latest(authorization: Authorization, filler_number: str, report_type: str) -> Report | None:
    """The last version of what the center posted with this number and type."""
    found = Report.objects.filter(
        employer_id=authorization.employer_id,
        authorization_id=authorization.pk,
        center_id=authorization.center_id,
        filler_number=filler_number,
        report_type=report_type,
        superseded_by=None,
    )
    return found.order_by("-posted_at", "-id").first()


@transaction.atomic
def supersede(correction: Report, *, by: Actor) -> None:
    """Make this report the version in force, in place of what it corrects, if that is here."""
    earlier = Report.objects.filter(
        employer_id=correction.employer_id,
        authorization=correction.authorization,
        center_id=correction.center_id,
        filler_number=correction.filler_number,
        report_type=correction.report_type,
        superseded_by=None,
        posted_at__lte=correction.posted_at,
    )
    for report in earlier.exclude(pk=correction.pk):
        Report.objects.filter(pk=report.pk).update(superseded_by=correction)
        if report.incident_id:  # received in error: so is what corrects it, see removal.py
            Report.objects.filter(pk=correction.pk).update(incident_id=report.incident_id)
        _note(Action.REPORT_CORRECTED, report, by)


@transaction.atomic
def withdraw(report: Report, *, why: str, by: Actor) -> None:
    """Nobody reads it any more; that it was there, and why not any more, stays."""
    if report.withdrawn_at is not None:
        return
    report.withdrawn_at, report.withdrawn_why = clock.now(), why[:_LONGEST_REASON] or NO_REASON
    report.save(update_fields=("withdrawn_at", "withdrawn_why"))
    if report.report_type in WORK_STATUS:
        _take_back_status(report)
    _note(Action.REPORT_WITHDRAWN, report, by)


def _take_back_status(report: Report) -> None:
    same = ("employer_id", "employee_id", "center_id", "authorization_id")
    key = {name: getattr(report, name) for name in same}
    visits.take_back(visit={**key, "visited_on": report.visit_date})


def _note(action: Action, report: Report, by: Actor) -> None:
    record(
        action,
        by=by,
        employer_id=report.employer_id,
        center_id=report.center_id,
        subject_id=report.pk,
    )
