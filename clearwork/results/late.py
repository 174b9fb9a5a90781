"""Reports that are late by the stage clock: who wants it is mailed, once for each visit.

A non-injury visit's results are due 72 hours after the employee came, an injury's activity status
report when the employee has checked out. Asked of the rows: a run that comes late, or twice,
finds what is left to tell. A mail says that something is late, never whose or what.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from procrastinate.contrib.django import app

from clearwork.access.load import viewer_of
from clearwork.accounts.models import PortalAccess
from clearwork.authorizations.rules import Kind, State, target
from clearwork.database import scope
from clearwork.employers.rules import WORK_STATUS, ReportKind
from clearwork.foundation import clock
from clearwork.messaging.mail import QUEUE, Mail
from clearwork.results.models import Report
from clearwork.visits import actions as visit_actions
from clearwork.visits import queries as visits
from clearwork.visits.models import Visit

STATUS_TAKES = timedelta(hours=1)
"""What a check-out's own report may take to arrive."""
_FORGOTTEN = timedelta(days=14)  # what is older is asked about by phone, or not at all
_A_RUN = 500
_WHY = "You chose to be told by email. You can change that in the portal, under your account."


class Job(StrEnum):
    """The jobs' names."""

    TELL = "results.tell_of_late_reports"
    MAIL = "results.mail_late_report"


def late(own: QuerySet[Visit], now: datetime) -> QuerySet[Visit]:
    """Those of these visits whose report is due and has not come, or does not stand."""
    result_takes = target(State.CHECKED_IN, Kind.NON_INJURY) or timedelta()
    came = Report.objects.filter(
        employer_id=OuterRef("employer_id"),
        authorization_id=OuterRef("authorization_id"),
        posted_at__gte=OuterRef("arrived_at"),
        withdrawn_at=None,
        incident_id=None,
    )
    result = Q(kind=ReportKind.NON_INJURY, arrived_at__lt=now - result_takes) & ~Exists(came)
    status = Q(kind=ReportKind.INJURY, checked_out_at__lt=now - STATUS_TAKES) & ~Exists(
        came.filter(report_type__in=WORK_STATUS)
    )
    lately = own.filter(authorization__isnull=False, arrived_at__gte=now - _FORGOTTEN)
    return lately.filter(result | status)


def tell() -> int:
    """Queue a mail for each late report and each person who wants one; how many are late."""
    told = 0
    with scope.acting_as(scope.OPERATOR):
        for employer_id, wanting in _wanting().items():
            with scope.acting_as(scope.employer(employer_id)):
                told += _tell(employer_id, wanting)
    return told


def _wanting() -> dict[UUID, list[PortalAccess]]:
    found: dict[UUID, list[PortalAccess]] = defaultdict(list)
    wanting = PortalAccess.objects.filter(is_active=True, user__is_active=True, tell_late=True)
    for access in wanting.select_related("user", "employer"):
        found[access.employer_id].append(access)
    return found


def _tell(employer_id: UUID, wanting: Collection[PortalAccess]) -> int:
    untold = Visit.objects.filter(employer_id=employer_id, incident_id=None, late_told_at=None)
    untold = untold.select_for_update(skip_locked=True, no_key=True)  # another run has the others
    cases = set(late(untold, clock.now()).values_list("pk", flat=True)[:_A_RUN])
    for access in wanting if cases else ():
        for visit_id in _seen(access).filter(pk__in=cases).values_list("pk", flat=True):
            app.configure_task(Job.MAIL, queue=QUEUE).defer(
                employer_id=str(employer_id), access_id=str(access.pk), visit_id=str(visit_id)
            )
    visit_actions.note_told(employer_id=employer_id, visits=cases)
    return len(cases)


def mail(access: PortalAccess, visit_id: UUID) -> Mail | None:
    """None where it came meanwhile, or this person may not see it or wants no mail any more."""
    wants = access.is_active and access.user.is_active and access.tell_late
    if not wants or not late(_seen(access).filter(pk=visit_id), clock.now()).exists():
        return None
    return Mail(
        to=access.user.email,
        subject=f"A report is late: {settings.ENVIRONMENT.network_name} employer portal",
        paragraphs=(
            f"A report for {access.employer.legal_name} should have come by now.",
            "The page says which, since when, and the medical center's phone number.",
            _WHY,
        ),
        link_words="Sign in and look at it",
        link_path=reverse("visits:visit", kwargs={"pk": visit_id}),
    )


def missing(visit: Visit, now: datetime) -> str:
    """What is late of this visit, in words; "" for nothing."""
    if not late(Visit.objects.filter(employer_id=visit.employer_id, pk=visit.pk), now).exists():
        return ""
    if visit.kind == ReportKind.INJURY:
        return "The activity status report was due when the employee checked out."
    return "Results were due 72 hours after the visit."


def _seen(access: PortalAccess) -> QuerySet[Visit]:
    return visits.visits(viewer_of(access, access.user, access.employer))
