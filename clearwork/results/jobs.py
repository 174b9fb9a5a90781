"""Background work of results: telling people what is new. Arguments are ids and times only."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from procrastinate import JobContext
from procrastinate.contrib.django import app

from clearwork.accounts.models import PortalAccess
from clearwork.database import scope
from clearwork.messaging.mail import QUEUE, RETRY, send_once
from clearwork.results import dot_jobs, keeping_jobs, late_jobs, messages, removal_jobs
from clearwork.results.messages import Job

__all__ = [
    "announce",
    "digest",
    "dot_jobs",
    "keeping_jobs",
    "late_jobs",
    "mail_digest",
    "mail_new_result",
    "removal_jobs",
]


@app.periodic(cron="* * * * *")
@app.task(name=Job.EACH, queueing_lock=Job.EACH)
def announce(timestamp: int) -> None:  # noqa: ARG001 - procrastinate names it
    with scope.acting_as(scope.OPERATOR):
        messages.announce()


@app.periodic(cron="*/5 * * * *")
@app.task(name=Job.DAILY, queueing_lock=Job.DAILY)
def digest(timestamp: int) -> None:  # noqa: ARG001 - procrastinate names it
    with scope.acting_as(scope.OPERATOR):
        messages.digest()


@app.task(name=Job.MAIL_EACH, queue=QUEUE, retry=RETRY, pass_context=True)
def mail_new_result(
    context: JobContext, *, employer_id: str, access_id: str, report_id: str
) -> None:
    with scope.acting_as(scope.employer(UUID(employer_id))):
        mail = messages.new_result(_access(access_id), UUID(report_id))
    send_once(context.job.id, mail)


@app.task(name=Job.MAIL_DAILY, queue=QUEUE, retry=RETRY, pass_context=True)
def mail_digest(
    context: JobContext, *, employer_id: str, access_id: str, since: str, until: str
) -> None:
    times = datetime.fromisoformat(since), datetime.fromisoformat(until)
    with scope.acting_as(scope.employer(UUID(employer_id))):
        mail = messages.daily(_access(access_id), *times)
    send_once(context.job.id, mail)


def _access(access_id: str) -> PortalAccess:
    return PortalAccess.objects.select_related("user", "employer").get(pk=access_id)
