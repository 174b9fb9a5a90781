"""The mails about access, one function each, and putting them on their way.

`send_*` queues a job in the open transaction, with ids alone; the job composes the
mail from what then holds, and sends none where that has ended. See jobs.py.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from django.conf import settings
from django.urls import reverse
from procrastinate.contrib.django import app

from clearwork.accounts.actions import is_open
from clearwork.accounts.models import AccessRequest, Invitation, PortalAccess, Role
from clearwork.accounts.rules import RequestState
from clearwork.accounts.tokens import token
from clearwork.employers.models import Employer
from clearwork.messaging.mail import QUEUE, Mail, local_words


class Job(StrEnum):
    """The jobs that mail, by name."""

    INVITATION = "accounts.mail_invitation"
    REQUEST_RECEIVED = "accounts.mail_request_received"
    REQUEST_DECLINED = "accounts.mail_request_declined"
    ACCESS_CHANGED = "accounts.mail_access_changed"
    LET_IN = "accounts.mail_let_in"


def send_invitation(invitation: Invitation) -> None:
    _queue(Job.INVITATION, employer_id=invitation.employer_id, invitation_id=invitation.pk)


def send_request_received(request: AccessRequest) -> None:
    _queue(Job.REQUEST_RECEIVED, request_id=request.pk)


def send_request_declined(request: AccessRequest) -> None:
    _queue(Job.REQUEST_DECLINED, request_id=request.pk)


def send_access_changed(access: PortalAccess) -> None:
    """To the person concerned, after a change of role or access being turned off or on."""
    _queue(Job.ACCESS_CHANGED, employer_id=access.employer_id, access_id=access.pk)


def send_let_in(admin: PortalAccess, invitation: Invitation) -> None:
    """To an Admin User: support gave somebody access to what they answer for."""
    ids = {"employer_id": admin.employer_id, "invitation_id": invitation.pk}
    _queue(Job.LET_IN, access_id=admin.pk, **ids)


def invitation(invited: Invitation, employer: Employer) -> Mail | None:
    if not is_open(invited):
        return None
    network, role = _network(), Role(invited.role).label
    return Mail(
        to=invited.email,
        subject=f"Your access to the {network} employer portal",
        paragraphs=(
            (
                f"You have been given access to the employer portal of {network} for "
                f"{employer.legal_name}, as {role}."
            ),
            (
                f"The link below works once, until {local_words(invited.expires_at)}. "
                "Your user name is this email address."
            ),
            "If you did not expect this, do nothing: without the link nobody gets in.",
        ),
        link_words="Set up your access",
        link_path=invitation_path(invited),
    )


def invitation_path(invited: Invitation) -> str:
    secret = token("invitation", invited.pk)
    return reverse("accounts:invitation", kwargs={"pk": invited.pk, "token": secret})


def request_received(asked: AccessRequest) -> Mail:
    """Says nothing of what is known, and nothing of what was typed."""
    return Mail(
        to=asked.email,
        subject=f"We received a request for access to the {_network()} employer portal",
        paragraphs=(
            (
                "Someone, probably you, asked for access to the employer portal with this email "
                "address."
            ),
            "Customer support reviews every request and answers by email.",
            "If it was not you, do nothing.",
        ),
    )


def request_declined(asked: AccessRequest) -> Mail | None:
    """In neutral words: the reason support gave, nothing of what is known."""
    if asked.state != RequestState.DECLINED:
        return None
    return Mail(
        to=asked.email,
        subject=f"Your request for access to the {_network()} employer portal",
        paragraphs=(
            "We could not give access to the employer portal on your request.",
            f"What customer support wrote: {asked.decision_reason}",
            "You are welcome to ask again, or to call us.",
        ),
    )


def access_changed(access: PortalAccess, employer: Employer) -> Mail | None:
    if not access.user.is_active:
        return None
    network, role = _network(), Role(access.role).label
    now = (
        f"You now act for {employer.legal_name} as {role}."
        if access.is_active
        else f"Your access for {employer.legal_name} has been turned off."
    )
    return Mail(
        to=access.user.email,
        subject=f"Your access to the {network} employer portal has changed",
        paragraphs=(now, "If you have questions, ask your company's Admin User."),
        link_words="Sign in" if access.is_active else "",
        link_path=reverse("account_login") if access.is_active else "",
    )


def let_in(admin: PortalAccess, invited: Invitation) -> Mail | None:
    """Who that is stands in the portal alone. None where either has ended."""
    is_admin = admin.is_active and admin.user.is_active and admin.role == Role.ADMIN
    if not is_admin or invited.revoked_at:
        return None
    network, employer, role = _network(), admin.employer.legal_name, Role(invited.role).label
    return Mail(
        to=admin.user.email,
        subject=f"Someone new has access to the {network} employer portal for {employer}",
        paragraphs=(
            f"Customer support approved a request for access for {employer}, as {role}.",
            (
                "Please check who it is. If nobody at your company expects it, turn the access "
                "off in the portal, and call us."
            ),
        ),
        link_words="See who has access",
        link_path=reverse("access:list"),
    )


def _queue(job: Job, **arguments: Any) -> None:
    app.configure_task(job, queue=QUEUE).defer(**{k: str(v) for k, v in arguments.items()})


def _network() -> str:
    name: str = settings.ENVIRONMENT.network_name
    return name
