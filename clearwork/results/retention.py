"""Destroying reports that are past their retention: the document goes, an empty row stays.

What is on legal hold, the employer's own or the privacy officer's, or in question as received
in error, stays whole. "Employment plus 30 years" ends only for people of whom the portal knows
when they left.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from procrastinate.contrib.django import app

from clearwork.audit.actions import SYSTEM, Action, record
from clearwork.audit.models import AuditEvent
from clearwork.employers.report_types import FACTS, Retention
from clearwork.employers.rules import ReportType
from clearwork.foundation import clock
from clearwork.privacy.actions import QUEUE
from clearwork.privacy.queries import holding_reports
from clearwork.results.models import Report
from clearwork.results.removal import DESTROY_JOB
from clearwork.results.rules import years_before

A_RUN = 5_000
HELD = Q(held_at__isnull=False) | Q(holding_reports())
KEPT = HELD | Q(incident_id__isnull=False)


def retention(kind: ReportType) -> Retention:
    """The law's, or the network's own where that is longer (CLEARWORK_RETENTION_YEARS)."""
    law = FACTS[kind].retention
    own = settings.ENVIRONMENT.retention_years.get(kind.value, 0)
    return replace(law, years=own) if own > law.years else law


def due(kind: ReportType, day: date) -> QuerySet[Report]:
    """Reports of this type to be destroyed on a day, the oldest first. As the operator."""
    return over(kind, day).exclude(KEPT).order_by("visit_date", "id")


def over(kind: ReportType, day: date) -> QuerySet[Report]:
    """Reports of this type whose time is over by a day, the KEPT ones too. As the operator."""
    rule = retention(kind)
    last = years_before(day, rule.years)
    found = Report.objects.filter(report_type=kind, visit_date__lt=last, destroyed_at=None)
    if rule.after_employment:
        found = found.filter(Exists(_left(before=last)), employee__is_active=False)
        found = found.exclude(Exists(_left(since=last)))
    return found


def destroy_due() -> int:
    """Destroy what is due, at most A_RUN a run; how many. As the operator."""
    count = 0
    for kind in ReportType:
        for report in due(kind, clock.today())[: A_RUN - count]:
            count += _destroy(report)
    return count


@transaction.atomic
def _destroy(report: Report) -> bool:
    """A row without content from now on; the job destroys the document, and tries again.

    False where somebody has come to hold it since the run began.
    """
    if Report.objects.select_for_update(of=("self",)).filter(KEPT, pk=report.pk).exists():
        return False
    report.destroyed_at, report.link = clock.now(), ""
    report.title = ReportType(report.report_type).label
    report.save(update_fields=("destroyed_at", "link", "title"))
    record(Action.REPORT_DESTROYED, by=SYSTEM, employer_id=report.employer_id, subject_id=report.pk)
    ids = {"employer_id": str(report.employer_id), "report_id": str(report.pk)}
    app.configure_task(DESTROY_JOB, queue=QUEUE).defer(**ids)
    return True


def _left(*, before: date | None = None, since: date | None = None) -> QuerySet[AuditEvent]:
    """That the report's employee left, told before a day or on it and later."""
    events = AuditEvent.objects.filter(
        employer_id=OuterRef("employer_id"),
        subject_id=OuterRef("employee_id"),
        action=Action.EMPLOYEE_LEFT,
    )
    if before is not None:
        events = events.filter(at__lt=_start(before))
    return events.filter(at__gte=_start(since)) if since is not None else events


def _start(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
