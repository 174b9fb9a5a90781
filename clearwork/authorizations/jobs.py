"""Background work of authorizations: what ends by itself. Arguments are ids only."""

from __future__ import annotations

from collections.abc import Callable, Collection
from uuid import UUID

from django.utils import timezone
from procrastinate import JobContext
from procrastinate.contrib.django import app

from clearwork.accounts.models import PortalAccess
from clearwork.authorizations import drafts, ending, messages
from clearwork.authorizations.ending import Job
from clearwork.database import scope
from clearwork.messaging.mail import QUEUE, RETRY, Mail, send_once

# In the network's time: nobody is reminded of anything at night.
REMINDS_FROM_HOUR = 7

type _Writes = Callable[[PortalAccess | None, Collection[UUID]], Mail | None]


@app.periodic(cron="*/10 * * * *")
@app.task(name=Job.END, queueing_lock=Job.END)
def end_overdue(timestamp: int) -> None:  # noqa: ARG001 - procrastinate names it
    ending.end_overdue()


@app.periodic(cron="5 * * * *")
@app.task(name=Job.REMIND, queueing_lock=Job.REMIND)
def remind(timestamp: int) -> None:  # noqa: ARG001 - procrastinate names it
    if timezone.localtime().hour >= REMINDS_FROM_HOUR:
        ending.remind()


@app.periodic(cron="40 3 * * *")
@app.task(name="authorizations.forget_drafts", queueing_lock="authorizations.forget_drafts")
def forget_drafts(timestamp: int) -> None:  # noqa: ARG001 - procrastinate names it
    with scope.acting_as(scope.OPERATOR):
        drafts.forget_old()


@app.task(name=Job.MAIL_ENDED, queue=QUEUE, retry=RETRY, pass_context=True)
def mail_ended(
    context: JobContext, *, employer_id: str, user_id: str, authorization_ids: list[str]
) -> None:
    _mail(context, messages.ended, employer_id, user_id, authorization_ids)


@app.task(name=Job.MAIL_REMINDER, queue=QUEUE, retry=RETRY, pass_context=True)
def mail_reminder(
    context: JobContext, *, employer_id: str, user_id: str, authorization_ids: list[str]
) -> None:
    _mail(context, messages.reminder, employer_id, user_id, authorization_ids)


def _mail(
    context: JobContext, writes: _Writes, employer_id: str, user_id: str, ids: list[str]
) -> None:
    with scope.acting_as(scope.employer(UUID(employer_id))):
        access = PortalAccess.objects.select_related("user", "employer")
        own = access.filter(employer_id=employer_id, user_id=user_id).first()
        mail = writes(own, [UUID(pk) for pk in ids])
    send_once(context.job.id, mail)
