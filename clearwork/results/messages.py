"""Telling people of new results by mail: that there are some, never whose or which.

What is new is found by a watermark, so that intake does nothing for it; whom it
concerns is asked of the queries their pages use.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django import app

from clearwork.access.load import viewer_of
from clearwork.accounts.models import PortalAccess
from clearwork.database import scope
from clearwork.employers.models import Employer, ReportSubscription
from clearwork.employers.queries import subscriptions_in_force
from clearwork.foundation.text import sentence
from clearwork.messaging.mail import QUEUE, Mail
from clearwork.messaging.watermark import Span, told, untold
from clearwork.results import minimum, queries
from clearwork.results.models import Report


class Job(StrEnum):
    """The jobs that mail, by name; the first two are also the names of their watermarks."""

    EACH = "results.announce"
    DAILY = "results.digest"
    MAIL_EACH = "results.mail_new_result"
    MAIL_DAILY = "results.mail_digest"


def announce() -> None:
    """Queue a mail for each new result and each person who wants one. As the operator."""
    span = untold(Job.EACH)
    if span is None:
        return
    for access in _wanting(PortalAccess.Notify.EACH, span):
        with scope.acting_as(scope.employer(access.employer_id)):
            reports = concerning(access).filter(**span.of("posted_at"))
            for report_id in reports.values_list("pk", flat=True):
                _queue(Job.MAIL_EACH, access, report_id=report_id)
    told(Job.EACH, span)


def digest() -> None:
    """Once a day after the set hour: queue one mail for each person who wants it so."""
    span = untold(Job.DAILY)
    if span is None or not span.since < _todays_hour() <= span.until:
        return
    times = {"since": span.since.isoformat(), "until": span.until.isoformat()}
    for access in _wanting(PortalAccess.Notify.DAILY, span):
        _queue(Job.MAIL_DAILY, access, **times)
    told(Job.DAILY, span)


def concerning(access: PortalAccess) -> QuerySet[Report]:
    """The reports this person may open, of those they receive; all, where nothing is set."""
    employer = Employer.objects.get(pk=access.employer_id)
    viewer = viewer_of(access, access.user, employer)
    seen = queries.reports(viewer).exclude(report_type__in=minimum.withheld(viewer))
    own = {"employer_id": access.employer_id, "contact_id": access.contact_id}
    if not ReportSubscription.objects.filter(**own).exists():
        return seen
    received = subscriptions_in_force(access.employer_id).filter(
        contact_id=access.contact_id,
        report_type=OuterRef("report_type"),
        worksite_id=OuterRef("employee__worksite_id"),
    )
    return seen.filter(Exists(received))


def new_result(access: PortalAccess, report_id: UUID) -> Mail | None:
    """None where the person may no longer see it, or wants no such mail any more."""
    if not _wants(access, PortalAccess.Notify.EACH):
        return None
    if not concerning(access).filter(pk=report_id).exists():
        return None
    return Mail(
        to=access.user.email,
        subject=f"New result in the {settings.ENVIRONMENT.network_name} employer portal",
        paragraphs=(sentence(f"There is a new result for {access.employer.legal_name}"), _WHY),
        link_words="Sign in and read it",
        link_path=reverse("results:report", kwargs={"pk": report_id}),
    )


def daily(access: PortalAccess, since: datetime, until: datetime) -> Mail | None:
    """How many results came between the two times; None for none."""
    if not _wants(access, PortalAccess.Notify.DAILY):
        return None
    count = concerning(access).filter(**Span(since, until).of("posted_at")).count()
    if count == 0:
        return None
    there = "There is 1 new result" if count == 1 else f"There are {count} new results"
    return Mail(
        to=access.user.email,
        subject=f"New results in the {settings.ENVIRONMENT.network_name} employer portal",
        paragraphs=(sentence(f"{there} for {access.employer.legal_name}"), _WHY),
        link_words="Sign in and read",
        link_path=reverse("results:list"),
    )


_WHY = "You chose to be told by email. You can change that in the portal, under your account."


def _wants(access: PortalAccess, notify: str) -> bool:
    return access.is_active and access.user.is_active and access.notify == notify


def _wanting(notify: str, span: Span) -> Iterator[PortalAccess]:
    """Who wants such mails, at employers that have new results."""
    fresh = Report.objects.filter(employer_id=OuterRef("employer_id"), **span.of("posted_at"))
    wanting = PortalAccess.objects.filter(is_active=True, user__is_active=True, notify=notify)
    return wanting.filter(Exists(fresh)).select_related("user").iterator()


def _todays_hour() -> datetime:
    hour = settings.ENVIRONMENT.digest_hour
    return timezone.localtime().replace(hour=hour, minute=0, second=0, microsecond=0)


def _queue(job: Job, access: PortalAccess, **arguments: Any) -> None:
    ids = {"employer_id": access.employer_id, "access_id": access.pk, **arguments}
    app.configure_task(job, queue=QUEUE).defer(**{k: str(v) for k, v in ids.items()})
