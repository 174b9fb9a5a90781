"""Telling an Admin User that an integration's token ends: 14 and 3 days before, each once.

Asked of the rows, so that a run that comes late, or twice, tells nothing twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from procrastinate.contrib.django import app

from clearwork.accounts.models import PortalAccess, Role
from clearwork.api.models import ApiToken
from clearwork.database import scope
from clearwork.foundation import clock
from clearwork.messaging.mail import QUEUE, Mail

NOTICES = (14, 3)


class Job(StrEnum):
    """The jobs' names."""

    REMIND = "api.remind_of_tokens"
    MAIL = "api.mail_token_ends"


def remind() -> int:
    """Queue what is to be told today; of how many tokens."""
    with scope.acting_as(scope.OPERATOR):
        ending = list(_untold(clock.today()))
        ApiToken.objects.bulk_update(ending, ("reminded",))
        for token in ending:
            ids = {"employer_id": str(token.employer_id), "token_id": str(token.pk)}
            app.configure_task(Job.MAIL, queue=QUEUE).defer(**ids)
    return len(ending)


def mail(token: ApiToken) -> Mail | None:
    """To the Admin User in whose name it acts; None where it ended, or they are none any more."""
    if token.revoked_at or token.expires < clock.today() or not _is_admin(token):
        return None
    days = (token.expires - clock.today()).days
    when = {0: "today", 1: "tomorrow"}.get(days, f"in {days} days")
    return Mail(
        to=token.answers_for.email,
        subject=f"A token ends {when}: {settings.ENVIRONMENT.network_name} employer portal",
        paragraphs=(
            f"A system of {token.employer.legal_name} uses the portal by a token that ends {when}.",
            "From the day after it is let in no more. Make a new token and give it to the system.",
            "You receive this because the token works in your name.",
        ),
        link_words="Sign in and look at the tokens",
        link_path=reverse("integrations:list"),
    )


def _untold(today: date) -> Iterator[ApiToken]:
    """Those that have come nearer than the notice given of them. Locked."""
    near = today + timedelta(days=max(NOTICES))
    open_notice = Q(reminded=None) | Q(reminded__gt=min(NOTICES))
    found = ApiToken.objects.filter(open_notice, expires__range=(today, near), revoked_at=None)
    for token in found.select_for_update().order_by("id"):
        within = min(days for days in NOTICES if token.expires <= today + timedelta(days=days))
        if token.reminded is None or within < token.reminded:
            token.reminded = within
            yield token


def _is_admin(token: ApiToken) -> bool:
    admins = PortalAccess.objects.filter(employer_id=token.employer_id, role=Role.ADMIN)
    own = admins.filter(user=token.answers_for_id, is_active=True, user__is_active=True)
    return own.exists()
