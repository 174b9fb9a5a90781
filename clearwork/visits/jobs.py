"""Mailing supervisors. Arguments are ids only."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from procrastinate import JobContext
from procrastinate.contrib.django import app

from clearwork.database import scope
from clearwork.messaging.mail import QUEUE, RETRY, Mail, send_once
from clearwork.visits import messages
from clearwork.visits.link_models import SupervisorLink
from clearwork.visits.links import Job


@app.task(name=Job.MAIL_LINK, queue=QUEUE, retry=RETRY, pass_context=True)
def mail_link(context: JobContext, *, employer_id: str, link_id: str) -> None:
    _mail(context, messages.link_mail, employer_id, link_id)


@app.task(name=Job.MAIL_CODE, queue=QUEUE, retry=RETRY, pass_context=True)
def mail_code(context: JobContext, *, employer_id: str, link_id: str) -> None:
    _mail(context, messages.code_mail, employer_id, link_id)


def _mail(
    context: JobContext,
    writes: Callable[[SupervisorLink], Mail | None],
    employer_id: str,
    link_id: str,
) -> None:
    with scope.acting_as(scope.employer(UUID(employer_id))):
        found = SupervisorLink.objects.select_related("employer", "employee")
        link = found.get(pk=link_id)
        mail = writes(link) if link.employee.is_active else None
    send_once(context.job.id, mail)
