"""Forgetting what the API no longer needs; mails before a token ends. Arguments are ids only."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db.models import Max
from procrastinate import JobContext
from procrastinate.contrib.django import app

from clearwork.api import expiry
from clearwork.api.expiry import Job
from clearwork.api.models import ApiToken, KeptAnswer, Requests
from clearwork.api.rules import KEEP_ANSWERS
from clearwork.database import scope
from clearwork.foundation import clock
from clearwork.messaging.mail import QUEUE, RETRY, send_once

_KEEP_COUNTS = timedelta(hours=1)


@app.periodic(cron="17 * * * *")
@app.task(name="api.forget_old", queueing_lock="api.forget_old")
def forget_old(timestamp: int) -> None:  # noqa: ARG001 - procrastinate names it
    with scope.acting_as(scope.OPERATOR):
        forget()


@app.periodic(cron="25 13 * * *")
@app.task(name=Job.REMIND, queueing_lock=Job.REMIND)
def remind(timestamp: int) -> None:  # noqa: ARG001 - procrastinate names it
    expiry.remind()


@app.task(name=Job.MAIL, queue=QUEUE, retry=RETRY, pass_context=True)
def mail_token_ends(context: JobContext, *, employer_id: str, token_id: str) -> None:
    with scope.acting_as(scope.employer(UUID(employer_id))):
        token = ApiToken.objects.select_related("answers_for", "employer").get(pk=token_id)
        mail = expiry.mail(token)
    send_once(context.job.id, mail)


def forget() -> None:
    """Counts of hours past, but for when a token was last used; answers of a day ago."""
    now = clock.now()
    old = Requests.objects.filter(minute__lt=now - _KEEP_COUNTS)
    for pk, last in old.values_list("token").annotate(last=Max("minute")).order_by():
        ApiToken.objects.filter(pk=pk).update(last_used_at=last)
    old.delete()
    KeptAnswer.objects.filter(made_at__lt=now - KEEP_ANSWERS).delete()
