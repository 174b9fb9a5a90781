"""Destroying reports that are past their retention: the document goes, an empty row stays.

What is on legal hold, the employer's own or the privacy officer's, or in question as received
in error, stays whole, and so does what is in the current list: it may have come, or been restored,
last night. "Employment plus 30 years" ends only for people of whom the portal knows when they left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import batched

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from procrastinate.contrib.django import app

from clearwork.audit.actions import SYSTEM, Action, record
from clearwork.audit.models import AuditEvent
from clearwork.database import scope
from clearwork.employers.report_types import FACTS, Retention
from clearwork.employers.rules import ReportType
from clearwork.foundation import clock
from clearwork.privacy.actions import QUEUE
from clearwork.privacy.queries import hold_still, holding_reports
from clearwork.results.models import DotCertificate, Report
from clearwork.results.removal import DESTROY_JOB
from clearwork.results.rules import CURRENT_DAYS, years_before
from clearwork.visits import actions as visits

A_RUN = 5_000
AT_ONCE = 100  # whoever places a hold waits for no more than these
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
    last = last.replace(month=1, day=1) if rule.after_year else last
    found = Report.objects.filter(report_type=kind, visit_date__lt=last, destroyed_at=None)
    if rule.after_employment:
        found = found.filter(Exists(_left_before(last)), employee__is_active=False)
        found = found.exclude(Exists(_employed_since(last)))
    if rule.until_next:
        found = found.filter(Exists(_next_of(kind)) | Q(employee__is_active=False))
    return found.exclude(_in_current_list(day))


def _next_of(kind: ReportType) -> QuerySet[Report]:
    return Report.objects.filter(
        employer_id=OuterRef("employer_id"),
        employee_id=OuterRef("employee_id"),
        report_type=kind,
        visit_date__gt=OuterRef("visit_date"),
        superseded_by=None,
        withdrawn_at=None,
        incident_id=None,
        destroyed_at=None,
    )


def destroy_due() -> int:
    """Destroy what is due, at most A_RUN a run, in transactions of AT_ONCE; how many."""
    with scope.acting_as(scope.OPERATOR):
        found: list[Report] = []
        for kind in ReportType:
            found += due(kind, clock.today())[: A_RUN - len(found)]
    return sum(_destroy_all(some) for some in batched(found, AT_ONCE))


def _destroy_all(some: Sequence[Report]) -> int:
    with scope.acting_as(scope.OPERATOR):
        hold_still()
        return sum(map(_destroy, some))


def _destroy(report: Report) -> bool:
    """A row without content from now on; the job destroys the document, and tries again.

    What it said of work is forgotten but for what still holds: else limits would end unsaid.

    False where somebody has come to hold it since the run began.
    """
    standing = Report.objects.filter(pk=report.pk, destroyed_at=None).exclude(KEPT)
    if not list(standing.select_for_update(of=("self",)).values_list("pk")):
        return False
    report.destroyed_at, report.link = clock.now(), ""
    report.title = ReportType(report.report_type).label
    report.outcome, report.outcome_until = "", None
    report.save(update_fields=("destroyed_at", "link", "title", "outcome", "outcome_until"))
    DotCertificate.objects.filter(employer_id=report.employer_id, report=report).delete()
    visits.forget(employer_id=report.employer_id, report_id=report.pk)
    record(Action.REPORT_DESTROYED, by=SYSTEM, employer_id=report.employer_id, subject_id=report.pk)
    ids = {"employer_id": str(report.employer_id), "report_id": str(report.pk)}
    app.configure_task(DESTROY_JOB, queue=QUEUE).defer(**ids)
    return True


def _in_current_list(day: date) -> Q:
    posted = _start(day - timedelta(days=CURRENT_DAYS))
    return Q(posted_at__gte=posted) | Q(
        restored_until__isnull=False, restored_until__gte=_start(day)
    )


def _left_before(day: date) -> QuerySet[AuditEvent]:
    """That the report's employee left."""
    return _told().filter(action=Action.EMPLOYEE_LEFT, at__lt=_start(day))


def _employed_since(day: date) -> QuerySet[AuditEvent]:
    """That they left on that day or later; or that two records were made one, of which the one
    that is gone may have told so."""
    told = (Action.EMPLOYEE_LEFT, Action.EMPLOYEES_MERGED)
    return _told().filter(action__in=told, at__gte=_start(day))


def _told() -> QuerySet[AuditEvent]:
    own = {"employer_id": OuterRef("employer_id"), "subject_id": OuterRef("employee_id")}
    return AuditEvent.objects.filter(**own)


def _start(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
