"""Sending links and codes. Arguments are ids only."""

from __future__ import annotations

from contextlib import suppress
from smtplib import SMTPRecipientsRefused
from uuid import UUID

from procrastinate import JobContext
from procrastinate.contrib.django import app

from clearwork.access.decide import Viewer
from clearwork.access.load import viewer_of
from clearwork.accounts.models import PortalAccess
from clearwork.authorizations import queries as authorizations
from clearwork.database import scope
from clearwork.messaging.mail import QUEUE, RETRY, Message, is_in_doubt, send_once
from clearwork.passes import actions, messages
from clearwork.passes.messages import Job
from clearwork.passes.models import Sending
from clearwork.passes.queries import has_been_sent
from clearwork.passes.rules import Channel, NothingToSend, Recipient, TooManySends

_NOT_THEIRS = "The access of who sent it had ended before it went out."

_IN_DOUBT = "We were interrupted while it went out: it may not have arrived. Send it again."


@app.task(name=Job.DELIVER, queue=QUEUE, retry=RETRY, pass_context=True)
def deliver(
    context: JobContext, *, employer_id: str, sending_id: str, user_id: str | None = None
) -> None:
    """`user_id`: who sends the link; a code is sent for whoever holds it."""
    employer, pk = scope.employer(UUID(employer_id)), UUID(sending_id)
    with scope.acting_as(employer):
        if user_id and not _may_still_send(pk, UUID(user_id)):
            actions.sending_pointless(pk, why=_NOT_THEIRS)
            return
        message, channel = _composed(pk)
        if message is None:
            actions.sending_pointless(pk, why="It had ended before it went out.")
            return
    try:
        send_once(context.job.id, message)
    except Exception as error:
        last = context.job.attempts >= (RETRY.max_attempts or 0)
        with scope.acting_as(employer):
            actions.sending_failed(pk, error=_in_words(error, channel), last=last)
        raise
    in_doubt = context.job.id is not None and is_in_doubt(context.job.id)
    with scope.acting_as(employer):
        if in_doubt:
            actions.sending_failed(pk, error=_IN_DOUBT, last=True)
        else:
            actions.sending_done(pk)


@app.task(name=Job.TO_EMPLOYEE, queue=QUEUE, retry=RETRY, pass_context=True)
def send_to_employee(
    _: JobContext, *, employer_id: str, authorization_id: str, user_id: str
) -> None:
    """Send a new authorization to the address on the employee's record, where there is one and
    the sender may still see it."""
    with scope.acting_as(scope.employer(UUID(employer_id))):
        by = _sender(UUID(employer_id), UUID(user_id))
        if by is None:
            return
        found = authorizations.authorizations(by).filter(pk=authorization_id)
        authorization = found.select_related("employee").first()
        if authorization is None or has_been_sent(authorization):
            return  # by this job, too, where its worker died just after
        with suppress(NothingToSend, TooManySends):
            actions.send_to_record(by=by, authorization=authorization)


@app.task(name=Job.UNDELIVERED, queue=QUEUE, retry=RETRY, pass_context=True)
def tell_undelivered(context: JobContext, *, employer_id: str, sending_id: str) -> None:
    """Tell who sent a link that it came back, while they may still see what it was for."""
    with scope.acting_as(scope.employer(UUID(employer_id))):
        sending = Sending.objects.select_related("of__made_by").get(pk=sending_id)
        by = _sender(UUID(employer_id), sending.of.made_by_id)
        visible = by and authorizations.authorizations(by).filter(pk=sending.of.authorization_id)
        told = messages.undelivered(sending) if visible and visible.exists() else None
    send_once(context.job.id, told)


def _sender(employer_id: UUID, user_id: UUID) -> Viewer | None:
    accesses = PortalAccess.objects.select_related("user", "employer").filter(
        employer_id=employer_id, user_id=user_id, is_active=True, user__is_active=True
    )
    access = accesses.first()
    return viewer_of(access, access.user, access.employer) if access else None


def _may_still_send(sending_id: UUID, user_id: UUID) -> bool:
    """The employee's pass goes out whoever sent it: the order stands, and they need it.

    To whom else it was disclosed was one person's word: that ends with what they may see.
    """
    issued = Sending.objects.select_related("of").get(pk=sending_id).of
    if issued.recipient == Recipient.EMPLOYEE:
        return True
    by = _sender(issued.employer_id, user_id)
    visible = by and authorizations.authorizations(by).filter(pk=issued.authorization_id)
    return bool(visible and visible.exists())


def _composed(sending_id: UUID) -> tuple[Message | None, str]:
    related = "of__employer", "of__authorization__employee"
    sending = Sending.objects.select_related(*related).get(pk=sending_id)
    actions.renew_secret(sending.of)
    return messages.message(sending), sending.of.channel


def _in_words(error: Exception, channel: str) -> str:
    """For the sender: no address, no text of a server's."""
    if isinstance(error, SMTPRecipientsRefused):
        return "The mail server refused this address."
    if channel == Channel.TEXT:
        return "The text message could not be handed over."
    return "The mail server could not be reached."
