"""Telling Admin Users that drivers' certificates end: at 60, 30 and 7 days, each once.

Asked of the rows, not of the clock's tick: a run that comes late, or twice, finds what is left
to tell and no more. A mail says how many, never whose.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from django.conf import settings
from django.db.models import Min, OuterRef, Q, Subquery
from django.urls import reverse
from procrastinate.contrib.django import app
from procrastinate.types import JSONValue

from clearwork.access.load import viewer_of
from clearwork.accounts.models import PortalAccess, Role
from clearwork.database import scope
from clearwork.foundation import clock
from clearwork.foundation.text import sentence
from clearwork.messaging.mail import QUEUE, Mail
from clearwork.results import dot_queries
from clearwork.results.dot_models import DotCertificate
from clearwork.results.dot_rules import NOTICES, notice

_A_RUN = 20_000
_WHY = "You receive this because you are an Admin User of the portal."


class Job(StrEnum):
    """The jobs' names."""

    REMIND = "results.remind_of_dot_cards"
    MAIL = "results.mail_dot_reminder"


def remind() -> int:
    """Queue what Admin Users are to be told today; how many certificates it is about."""
    with scope.acting_as(scope.OPERATOR):
        ending: dict[UUID, list[DotCertificate]] = defaultdict(list)
        for certificate in _untold(clock.today()):
            ending[certificate.employer_id].append(certificate)
        for employer_id, certificates in ending.items():
            _tell(employer_id, certificates)
    return sum(map(len, ending.values()))


def mail(access: PortalAccess, ids: Collection[UUID]) -> Mail | None:
    """None where all were renewed meanwhile, or this person may not see them any more."""
    if not (access.is_active and access.user.is_active and access.role == Role.ADMIN):
        return None
    viewer = viewer_of(access, access.user, access.employer)
    days = [c.expires for c in dot_queries.certificates(viewer).filter(pk__in=ids)]
    within = Counter(filter(None, (notice(day, clock.today()) for day in days)))
    if not within:
        return None
    lines = [_line(count, days) for days, count in sorted(within.items())]
    return Mail(
        to=access.user.email,
        subject=f"{lines[0]}: {settings.ENVIRONMENT.network_name} employer portal",
        paragraphs=(
            *(sentence(f"{line} at {access.employer.legal_name}") for line in lines),
            "You can authorize the renewals from the list.",
            _WHY,
        ),
        link_words="Sign in and look at the DOT cards",
        link_path=f"{reverse('dot:list')}?show={max(within)}",
    )


def _untold(today: date) -> Iterator[DotCertificate]:
    """Last certificates that have come nearer than the notice given of them. Locked.

    Of a card that was corrected, or sent again, with the same last day, that of the one before.
    """
    furthest = today + timedelta(days=max(NOTICES))
    ending = DotCertificate.objects.filter(expires__gte=today, expires__lte=furthest)
    open_notice = Q(reminded=None) | Q(reminded__gt=min(NOTICES))
    found = ending.filter(open_notice, is_current=True, employee__is_active=True)
    same = DotCertificate.objects.filter(
        employer_id=OuterRef("employer_id"),
        employee=OuterRef("employee"),
        expires=OuterRef("expires"),
    )
    told = same.values("expires").annotate(nearest=Min("reminded")).values("nearest")
    locked = found.select_for_update(of=("self",)).order_by("expires", "id")
    locked = locked.annotate(told=Subquery(told))
    for certificate in locked[:_A_RUN]:
        within = notice(certificate.expires, today)
        if within and (certificate.told is None or within < certificate.told):
            certificate.reminded = within
            yield certificate


def _tell(employer_id: UUID, certificates: Collection[DotCertificate]) -> None:
    DotCertificate.objects.bulk_update(certificates, ("reminded",), batch_size=500)
    ids: list[JSONValue] = [str(certificate.pk) for certificate in certificates]
    admins = PortalAccess.objects.filter(employer_id=employer_id, role=Role.ADMIN, is_active=True)
    for access in admins.filter(user__is_active=True):
        app.configure_task(Job.MAIL, queue=QUEUE).defer(
            employer_id=str(employer_id), access_id=str(access.pk), certificate_ids=ids
        )


def _line(count: int, days: int) -> str:
    one = f"1 DOT card expires within {days} days"
    return one if count == 1 else f"{count} DOT cards expire within {days} days"
