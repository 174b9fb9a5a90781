"""Telling people that results leave their list: 14 and 3 days before, each once.

What is told is found by a watermark for each notice. A mail says how many, never whose; it
goes to those who want mails and have not downloaded them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from procrastinate.contrib.django import app

from clearwork.accounts.models import PortalAccess
from clearwork.audit.actions import Action
from clearwork.audit.models import AuditEvent
from clearwork.foundation.text import sentence
from clearwork.messaging.mail import QUEUE, Mail
from clearwork.messaging.watermark import Span, told, untold
from clearwork.results.messages import concerning
from clearwork.results.models import Report
from clearwork.results.rules import CURRENT_DAYS


class Job(StrEnum):
    """The jobs' names."""

    REMIND = "results.remind_of_archive"
    MAIL = "results.mail_archive_notice"


NOTICES = (14, 3)
_STILL_THERE = "You have not downloaded this yet. Afterwards it is still found under Archived."
_WHY = "You chose to be told by email. You can change that in the portal, under your account."


@dataclass(frozen=True)
class Leaving:
    """Reports posted in this span leave the list in `days` days."""

    posted: Span
    days: int


def remind() -> None:
    """Queue a mail for each person and notice that is due. As the operator."""
    for days in NOTICES:
        name = f"{Job.REMIND}:{days}"
        if (span := untold(name)) is not None:
            _queue(Leaving(_earlier(span, CURRENT_DAYS - days), days))
            told(name, span)


def notice(access: PortalAccess, leaving: Leaving) -> Mail | None:
    """None where nothing is left to download, or the person wants no mails any more."""
    if not (access.is_active and access.user.is_active) or access.notify == _NONE:
        return None
    count = _not_downloaded(access, leaving).count()
    if count == 0:
        return None
    what = "1 result leaves" if count == 1 else f"{count} results leave"
    return Mail(
        to=access.user.email,
        subject=f"Results leave your list in {leaving.days} days",
        paragraphs=(
            sentence(
                f"In {leaving.days} days {what} the current list of {access.employer.legal_name}"
            ),
            _STILL_THERE,
            _WHY,
        ),
        link_words=f"Sign in to the {settings.ENVIRONMENT.network_name} employer portal",
        link_path=reverse("results:list"),
    )


_NONE = PortalAccess.Notify.NONE


def _earlier(span: Span, days: int) -> Span:
    return Span(span.since - timedelta(days=days), span.until - timedelta(days=days))


def _not_downloaded(access: PortalAccess, leaving: Leaving) -> QuerySet[Report]:
    own = AuditEvent.objects.filter(
        employer_id=access.employer_id,
        subject_id=OuterRef("pk"),
        actor_id=access.user_id,
        action=Action.REPORT_DOWNLOADED,
    )
    standing = concerning(access).filter(**leaving.posted.of("posted_at"), superseded_by=None)
    return standing.filter(~Exists(own), withdrawn_at=None, destroyed_at=None)


def _queue(leaving: Leaving) -> None:
    since, until = leaving.posted.since.isoformat(), leaving.posted.until.isoformat()
    for access in _whom(leaving):
        app.configure_task(Job.MAIL, queue=QUEUE).defer(
            employer_id=str(access.employer_id),
            access_id=str(access.pk),
            since=since,
            until=until,
            days=leaving.days,
        )


def _whom(leaving: Leaving) -> Iterator[PortalAccess]:
    """Those who want mails, at employers with such reports."""
    posted = leaving.posted.of("posted_at")
    some = Report.objects.filter(employer_id=OuterRef("employer_id"), **posted)
    wanting = PortalAccess.objects.filter(is_active=True, user__is_active=True)
    return wanting.exclude(notify=_NONE).filter(Exists(some)).iterator()


def leaving_from(since: str, until: str, days: int) -> Leaving:
    """As the job's arguments say it."""
    return Leaving(Span(datetime.fromisoformat(since), datetime.fromisoformat(until)), days)
