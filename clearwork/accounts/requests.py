"""Requests for portal access: asked by anyone, decided by support.

Asking looks nothing up: whatever is known of the account or the address, the answer
is the same, and takes as long.
"""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from clearwork.accounts import limits, messages
from clearwork.accounts.actions import invite, normal_email
from clearwork.accounts.models import AccessRequest, Invitation, PortalAccess, Role
from clearwork.accounts.rules import RequestState
from clearwork.audit.actions import Action, Actor, record
from clearwork.employers.actions import ContactFacts, add_contact
from clearwork.employers.models import Contact, Employer
from clearwork.foundation import clock

A_DAY_FROM_ONE_PLACE = 20
A_DAY_FOR_ONE_ADDRESS = 3


class TooManyRequests(Exception):
    """One network address asked too often today."""


class AlreadyDecided(Exception):
    """Someone else at support was quicker."""


class AccessTurnedOff(Exception):
    """The employer turned this person's access off: its Admin Users alone turn it on."""


@transaction.atomic
def ask(request: AccessRequest, *, ip: str) -> None:
    """Keep the request and say so by mail; TooManyRequests from one place.

    An address that is asked for too often is answered like any other, but neither
    kept nor mailed again: nobody's mailbox is filled from here.
    """
    if limits.count("request from", ip) > A_DAY_FROM_ONE_PLACE:
        raise TooManyRequests
    request.email = normal_email(request.email)
    if limits.count("request for", request.email) > A_DAY_FOR_ONE_ADDRESS:
        return
    request.save(force_insert=True)
    record(Action.ACCESS_REQUESTED, by=Actor("anonymous"), subject_id=request.pk)
    messages.send_request_received(request)


@transaction.atomic
def approve(*, by: Actor, request: AccessRequest, employer: Employer, role: Role) -> Invitation:
    """Invite the one who asked, as a contact of `employer`; the request repeated counts once.

    The employer's Admin Users are told. Raises AlreadyDecided, AccessTurnedOff.
    """
    asked = _decide(request, RequestState.APPROVED, by)
    own = access_of(employer, asked.email)
    if own and not own.is_active:
        raise AccessTurnedOff
    contact = contact_of(employer, asked.email) or _new_contact(by, employer, asked)
    invitation = invite(by=by, contact=contact, role=role, email=asked.email)
    record(Action.ACCESS_REQUEST_APPROVED, by=by, employer_id=employer.pk, subject_id=asked.pk)
    messages.send_invitation(invitation)
    for admin in _other_admins(employer, asked.email):
        messages.send_let_in(admin, invitation)
    return invitation


@transaction.atomic
def decline(*, by: Actor, request: AccessRequest, reason: str) -> None:
    """Say no, in words that are mailed to whoever asked. Raises AlreadyDecided."""
    asked = _decide(request, RequestState.DECLINED, by, reason)
    record(Action.ACCESS_REQUEST_DECLINED, by=by, subject_id=asked.pk)
    messages.send_request_declined(asked)


def access_of(employer: Employer, email: str) -> PortalAccess | None:
    """Of whoever signs in with this address, on or off."""
    return PortalAccess.objects.filter(employer=employer, user__email=normal_email(email)).first()


def contact_of(employer: Employer, email: str) -> Contact | None:
    """Who signs in with this address; else the first contact who has it and no other login.

    A contact has one login: the page that turns access off is about one.
    """
    if own := access_of(employer, email):
        return Contact.objects.get(pk=own.contact_id)
    taken = PortalAccess.objects.filter(employer=employer).values("contact_id")
    found = Contact.objects.filter(employer=employer, email__iexact=email, is_active=True)
    return found.exclude(pk__in=taken).order_by("id").first()


def _other_admins(employer: Employer, email: str) -> QuerySet[PortalAccess]:
    own = PortalAccess.objects.filter(employer=employer, role=Role.ADMIN, is_active=True)
    return own.filter(user__is_active=True).exclude(user__email=normal_email(email))


def _decide(
    request: AccessRequest, state: RequestState, by: Actor, reason: str = ""
) -> AccessRequest:
    """Decide the request and those that repeat it: the same address for the same account."""
    waiting = AccessRequest.objects.select_for_update().filter(
        state=RequestState.WAITING,
        email=request.email,
        account_number=request.account_number,
    )
    asked = {UUID(str(one.pk)): one for one in waiting}.get(UUID(str(request.pk)))
    if asked is None:
        raise AlreadyDecided
    waiting.update(state=state, decided_at=clock.now(), decided_by_id=by.id, decision_reason=reason)
    asked.refresh_from_db()
    return asked


def _new_contact(by: Actor, employer: Employer, asked: AccessRequest) -> Contact:
    facts = ContactFacts(asked.first_name, asked.last_name, asked.email, asked.phone)
    return add_contact(by=by, employer_id=employer.pk, facts=facts)
