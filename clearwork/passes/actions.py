"""The employer's side: sending passes, sending them again, taking them back.

Each action is one transaction with its audit event inside; its subject is the authorization.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from procrastinate.contrib.django import app as jobs

from clearwork.access.decide import Viewer
from clearwork.audit.actions import SYSTEM, Action, Actor, record
from clearwork.authorizations.models import Authorization
from clearwork.foundation import clock
from clearwork.foundation.ids import uuid7
from clearwork.messaging.mail import QUEUE
from clearwork.messaging.texts import can_text
from clearwork.passes import queries, tokens
from clearwork.passes.models import Pass, Sending
from clearwork.passes.rules import (
    HOUR,
    LINKS_AN_HOUR,
    Channel,
    NothingToSend,
    Purpose,
    Recipient,
    SendingState,
    TooManySends,
    mobile_number,
)
from clearwork.people.models import Employee

DELIVER_JOB = "passes.deliver"
UNDELIVERED_JOB = "passes.undelivered"


@dataclass(frozen=True)
class Addressee:
    """Who gets a link and where: the employee, or the named person with their interest."""

    channel: Channel
    address: str
    name: str = ""
    interest: str = ""
    shows_services: bool = True

    @property
    def recipient(self) -> Recipient:
        return Recipient.NAMED if self.name else Recipient.EMPLOYEE


@transaction.atomic
def send(*, by: Viewer, authorization: Authorization, to: Addressee) -> Pass:
    """Queue a link; the one this person already has at this address, where it still works.

    Raises NothingToSend, TooManySends.
    """
    _hold(authorization)
    issued = _in_force(authorization, to, by)
    if issued is not None and _is_on_its_way(issued):
        return issued  # Send was pressed twice
    _check_limit(authorization, to.address)
    if issued is None:
        issued = _make(authorization, to, by)
    send_by_job(issued, Purpose.LINK, by=by)
    _audit(Action.PASS_SENT, issued, by.actor, channel=to.channel.value)
    return issued


def send_to_record(*, by: Viewer, authorization: Authorization) -> Pass | None:
    """Send it to the address on the employee's record, without a form; None where there is none.

    Raises NothingToSend, TooManySends.
    """
    to = on_record(authorization.employee)
    return None if to is None else send(by=by, authorization=authorization, to=to)


@transaction.atomic
def resend(*, by: Viewer, issued: Pass) -> Pass:
    """The same link once more; a new one where too many wrong tries ended it, or someone did.

    Raises NothingToSend, TooManySends.
    """
    _hold(issued.authorization)
    _check_limit(issued.authorization, issued.address)
    to = addressee(issued)
    found = _in_force(issued.authorization, to, by) or _make(issued.authorization, to, by)
    send_by_job(found, Purpose.LINK, by=by)
    _audit(Action.PASS_RESENT, found, by.actor, channel=to.channel.value)
    return found


@transaction.atomic
def revoke(*, by: Viewer, issued: Pass) -> bool:
    """From now on the link answers like one that never was; False where it does already."""
    if not _end(issued):
        return False
    _audit(Action.PASS_REVOKED, issued, by.actor)
    return True


def on_record(employee: Employee) -> Addressee | None:
    """Where the employee is reached: by email, else by text message if the network has those."""
    if employee.email:
        return Addressee(Channel.EMAIL, employee.email.lower())
    number = mobile_number(employee.phone) if can_text() else None
    return Addressee(Channel.TEXT, number) if number else None


def addressee(issued: Pass) -> Addressee:
    return Addressee(
        channel=Channel(issued.channel),
        address=issued.address,
        name=issued.name,
        interest=issued.interest,
        shows_services=issued.shows_services,
    )


def send_by_job(issued: Pass, purpose: Purpose, *, by: Viewer | None = None) -> Sending:
    """Note that something is to be sent, and queue it: one commit. `by`: who sends the link."""
    sending = Sending.objects.create(employer_id=issued.employer_id, of=issued, purpose=purpose)
    whose = {"user_id": str(by.user_id)} if by else {}
    jobs.configure_task(DELIVER_JOB, queue=QUEUE).defer(
        employer_id=str(issued.employer_id), sending_id=str(sending.pk), **whose
    )
    return sending


def renew_secret(issued: Pass) -> None:
    """Keep the hash of what is about to be sent: another one once the server's key changed."""
    fresh = tokens.kept(issued.pk)
    if bytes(issued.token_hash) != fresh:
        own = Pass.objects.filter(employer_id=issued.employer_id, pk=issued.pk)
        own.update(token_hash=fresh)


@transaction.atomic
def sending_done(sending_id: UUID) -> None:
    sending = Sending.objects.select_for_update().get(pk=sending_id)
    if sending.state != SendingState.BOUNCED:  # it came back before this was noted
        _finish(sending, SendingState.SENT, error="")


@transaction.atomic
def came_back(sending_id: UUID, *, why: str) -> bool:
    """A mail server reports that this mail cannot be delivered; whoever sent it is told.

    False where that is known already, it was opened since, or there is no such mail.
    """
    found = Sending.objects.select_for_update(of=("self",)).select_related("of")
    sending = found.filter(pk=sending_id).first()
    expected = (SendingState.QUEUED, SendingState.SENT)
    if sending is None or sending.state not in expected or _was_opened_since(sending):
        return False
    sending.state, sending.error, sending.finished_at = SendingState.BOUNCED, why, clock.now()
    sending.save(update_fields=("state", "error", "finished_at"))
    _audit(Action.PASS_CAME_BACK, sending.of, SYSTEM)
    jobs.configure_task(UNDELIVERED_JOB, queue=QUEUE).defer(
        employer_id=str(sending.employer_id), sending_id=str(sending.pk)
    )
    return True


def _was_opened_since(sending: Sending) -> bool:
    opened = sending.of.last_opened_at
    return opened is not None and opened > sending.requested_at


@transaction.atomic
def sending_pointless(sending_id: UUID, *, why: str) -> None:
    """Nothing goes out: it was revoked or used up meanwhile, or is its sender's no more."""
    sending = Sending.objects.select_for_update().get(pk=sending_id)
    _finish(sending, SendingState.FAILED, error=why)


@transaction.atomic
def sending_failed(sending_id: UUID, *, error: str, last: bool) -> None:
    """Note a failed attempt. After the last one the sender sees it and can send again."""
    sending = Sending.objects.select_for_update().get(pk=sending_id)
    state = SendingState.FAILED if last else SendingState.QUEUED
    _finish(sending, state, error=error)


def _finish(sending: Sending, state: SendingState, *, error: str) -> None:
    sending.state = state
    sending.error = error[:200]
    sending.attempts += 1
    if state != SendingState.QUEUED:
        sending.finished_at = clock.now()
    sending.save(update_fields=("state", "error", "attempts", "finished_at"))


def _hold(authorization: Authorization) -> None:
    """Let sends of one authorization follow one another; NothingToSend where it has ended."""
    own = Authorization.objects.filter(employer_id=authorization.employer_id)
    locked = own.select_for_update(no_key=True, of=("self",))
    fresh = locked.select_related("center", "worksite").get(pk=authorization.pk)
    if not queries.may_send(fresh):
        raise NothingToSend


def _check_limit(authorization: Authorization, address: str) -> None:
    links = Sending.objects.filter(
        employer_id=authorization.employer_id,
        of__authorization=authorization,
        of__address=address,
        purpose=Purpose.LINK,
        requested_at__gt=clock.now() - HOUR,
    )
    if links.count() >= LINKS_AN_HOUR:
        raise TooManySends


def _in_force(authorization: Authorization, to: Addressee, by: Viewer) -> Pass | None:
    """The link this person has; one that wrong tries ended makes way for a new one.

    So does one at this address for somebody else, or that shows more, or less, than is wanted.
    """
    found = Pass.objects.filter(
        employer_id=authorization.employer_id,
        authorization=authorization,
        recipient=to.recipient,
        address=to.address,
        revoked_at=None,
    ).first()
    if found is None or (found.tries_left and addressee(found) == to):
        return found
    revoke(by=by, issued=found)
    return None


def _is_on_its_way(issued: Pass) -> bool:
    queued = Sending.objects.filter(employer_id=issued.employer_id, of=issued)
    return queued.filter(purpose=Purpose.LINK, state=SendingState.QUEUED).exists()


def _make(authorization: Authorization, to: Addressee, by: Viewer) -> Pass:
    pk = uuid7()
    return Pass.objects.create(
        pk=pk,
        employer_id=authorization.employer_id,
        authorization=authorization,
        recipient=to.recipient,
        name=to.name,
        interest=to.interest,
        shows_services=to.shows_services,
        channel=to.channel,
        address=to.address,
        token_hash=tokens.kept(pk),
        made_by_id=by.user_id,
    )


def _end(issued: Pass) -> bool:
    own = Pass.objects.filter(employer_id=issued.employer_id, pk=issued.pk, revoked_at=None)
    return bool(own.update(revoked_at=clock.now()))


def _audit(action: Action, issued: Pass, by: Actor, **detail: Any) -> None:
    record(
        action,
        by=by,
        employer_id=issued.employer_id,
        subject_id=issued.authorization_id,
        **{"pass": str(issued.pk), **detail},
    )
