"""Background work of the stage clock: its alerts, and what it need not watch any more.

Arguments are ids only.
"""

from __future__ import annotations

from uuid import UUID

from procrastinate import JobContext
from procrastinate.contrib.django import app

from clearwork.accounts.models import PortalAccess
from clearwork.database import scope
from clearwork.messaging.mail import QUEUE, RETRY, send_once
from clearwork.results import finishing, late
from clearwork.results.late import Job


@app.periodic(cron="*/10 * * * *")
@app.task(name=Job.TELL, queueing_lock=Job.TELL)
def tell(timestamp: int) -> None:  # noqa: ARG001 - procrastinate names it
    late.tell()


@app.periodic(cron="35 * * * *")
@app.task(name=finishing.JOB, queueing_lock=finishing.JOB)
def finish(timestamp: int) -> None:  # noqa: ARG001 - procrastinate names it
    finishing.finish()


@app.task(name=Job.MAIL, queue=QUEUE, retry=RETRY, pass_context=True)
def mail_late(context: JobContext, *, employer_id: str, access_id: str, visit_id: str) -> None:
    with scope.acting_as(scope.employer(UUID(employer_id))):
        access = PortalAccess.objects.select_related("user", "employer").get(pk=access_id)
        mail = late.mail(access, UUID(visit_id))
    send_once(context.job.id, mail)
