"""Background work of keeping reports. Arguments are ids and times only."""

from __future__ import annotations

from uuid import UUID

from procrastinate import JobContext
from procrastinate.contrib.django import app

from clearwork.accounts.models import PortalAccess
from clearwork.database import scope
from clearwork.messaging.mail import QUEUE, RETRY, send_once
from clearwork.results import archiving, retention
from clearwork.results.archiving import Job

DESTROY_DUE = "results.destroy_due"


@app.periodic(cron="15 6 * * *")
@app.task(name=Job.REMIND, queueing_lock=Job.REMIND)
def remind(timestamp: int) -> None:  # noqa: ARG001 - procrastinate names it
    with scope.acting_as(scope.OPERATOR):
        archiving.remind()


@app.periodic(cron="45 2 * * *")
@app.task(name=DESTROY_DUE, queueing_lock=DESTROY_DUE)
def destroy_due(timestamp: int) -> None:  # noqa: ARG001 - procrastinate names it
    retention.destroy_due()


@app.task(name=Job.MAIL, queue=QUEUE, retry=RETRY, pass_context=True)
def mail_notice(
    context: JobContext, *, employer_id: str, access_id: str, since: str, until: str, days: int
) -> None:
    with scope.acting_as(scope.employer(UUID(employer_id))):
        access = PortalAccess.objects.select_related("user", "employer").get(pk=access_id)
        mail = archiving.notice(access, archiving.leaving_from(since, until, days))
    send_once(context.job.id, mail)
