"""Background work of DOT cards. Arguments are ids only."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone
from procrastinate import JobContext
from procrastinate.contrib.django import app

from clearwork.accounts.models import PortalAccess
from clearwork.database import scope
from clearwork.messaging.mail import QUEUE, RETRY, send_once
from clearwork.results import dot_reminders
from clearwork.results.dot_reminders import Job

# In the network's time: nobody is reminded of anything at night.
REMINDS_FROM_HOUR = 7


@app.periodic(cron="15 * * * *")
@app.task(name=Job.REMIND, queueing_lock=Job.REMIND)
def remind(timestamp: int) -> None:  # noqa: ARG001 - procrastinate names it
    """Each hour of the day, though once a day would do: it tells nothing twice."""
    if timezone.localtime().hour >= REMINDS_FROM_HOUR:
        dot_reminders.remind()


@app.task(name=Job.MAIL, queue=QUEUE, retry=RETRY, pass_context=True)
def mail_reminder(
    context: JobContext, *, employer_id: str, access_id: str, certificate_ids: list[str]
) -> None:
    with scope.acting_as(scope.employer(UUID(employer_id))):
        access = PortalAccess.objects.select_related("user", "employer").get(pk=access_id)
        mail = dot_reminders.mail(access, [UUID(pk) for pk in certificate_ids])
    send_once(context.job.id, mail)
