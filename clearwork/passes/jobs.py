"""Sending links and codes. Arguments are ids only."""

from __future__ import annotations

from smtplib import SMTPRecipientsRefused
from uuid import UUID

from procrastinate import JobContext
from procrastinate.contrib.django import app

from clearwork.database import scope
from clearwork.messaging.mail import QUEUE, RETRY, Message, send_once
from clearwork.passes import actions, messages
from clearwork.passes.messages import Job
from clearwork.passes.models import Sending
from clearwork.passes.rules import Channel


@app.task(name=Job.DELIVER, queue=QUEUE, retry=RETRY, pass_context=True)
def deliver(context: JobContext, *, employer_id: str, sending_id: str) -> None:
    employer, pk = scope.employer(UUID(employer_id)), UUID(sending_id)
    with scope.acting_as(employer):
        message, channel = _composed(pk)
        if message is None:
            actions.sending_pointless(pk)
            return
    try:
        send_once(context.job.id, message)
    except Exception as error:
        last = context.job.attempts >= (RETRY.max_attempts or 0)
        with scope.acting_as(employer):
            actions.sending_failed(pk, error=_in_words(error, channel), last=last)
        raise
    with scope.acting_as(employer):
        actions.sending_done(pk)


def _composed(sending_id: UUID) -> tuple[Message | None, str]:
    related = "of__employer", "of__authorization__employee"
    sending = Sending.objects.select_related(*related).get(pk=sending_id)
    return messages.message(sending), sending.of.channel


def _in_words(error: Exception, channel: str) -> str:
    """For the sender: no address, no text of a server's."""
    if isinstance(error, SMTPRecipientsRefused):
        return "The mail server refused this address."
    if channel == Channel.TEXT:
        return "The text message could not be handed over."
    return "The mail server could not be reached."
