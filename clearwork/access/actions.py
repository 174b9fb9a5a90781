"""What an Admin User does to another's access, checked again under the employer's lock.

A request decides who asks when it begins. Of two Admin Users who demote each other at
once, the second to get the lock is no longer an Admin User: here that is seen.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction

from clearwork.access import queries
from clearwork.access.decide import Viewer
from clearwork.accounts import actions as accounts
from clearwork.accounts import messages
from clearwork.accounts.actions import VisitActivity
from clearwork.accounts.models import Invitation, PortalAccess, Role
from clearwork.audit.actions import Action, record
from clearwork.employers import actions as employers
from clearwork.employers.models import Contact, Employer


class AlreadyHasAccess(Exception):
    """This sign-in address is someone's at this employer, on or off."""


def invite(*, by: Viewer, contact: Contact, role: Role, email: str) -> Invitation:
    """Mail a link to this address, which becomes the contact's. Raises AlreadyHasAccess."""
    with _managing(by):
        address = accounts.normal_email(email)
        if queries.has_access_already(by.employer_id, address) or queries.access_of(contact):
            raise AlreadyHasAccess
        _set_email(by, contact, address)
        invitation = accounts.invite(by=by.actor, contact=contact, role=role, email=address)
        messages.send_invitation(invitation)
        return invitation


def revoke_invitations(*, by: Viewer, contact: Contact) -> None:
    with _managing(by):
        accounts.revoke_invitations(by=by.actor, contact=contact)


def change_role(*, by: Viewer, access: PortalAccess, role: Role) -> None:
    """Raises LastAdmin."""
    with _managing(by):
        if accounts.change_role(by=by.actor, access=access, role=role):
            messages.send_access_changed(access)


def grant(*, by: Viewer, access: PortalAccess, activity: VisitActivity, shown: str) -> None:
    """`shown` is activity_of(access).seen of the page. Raises ChangedMeanwhile."""
    with _managing(by):
        accounts.grant(by=by.actor, access=access, activity=activity, shown=shown)


def turn_off(*, by: Viewer, access: PortalAccess) -> None:
    """Raises LastAdmin."""
    with _managing(by):
        _turn_off(by, access)


def turn_on(*, by: Viewer, access: PortalAccess) -> None:
    with _managing(by):
        if accounts.turn_on(by=by.actor, access=access):
            messages.send_access_changed(access)


def leave(*, by: Viewer) -> None:
    """Give up one's own access. Raises LastAdmin."""
    own = PortalAccess.objects.get(employer_id=by.employer_id, user=by.user_id)
    _turn_off(by, own)


def remove(*, by: Viewer, contact: Contact) -> None:
    """End the contact's access, invitation and reports, and take them off the list.

    Raises LastAdmin.
    """
    with _managing(by):
        for access in PortalAccess.objects.filter(contact=contact, is_active=True):
            _turn_off(by, access)
        accounts.revoke_invitations(by=by.actor, contact=contact)
        employers.remove_contact(by=by.actor, contact=contact)


def review(*, by: Viewer, keep: Collection[UUID], remove: Collection[PortalAccess]) -> int:
    """Confirm some, turn others off, all or nothing; how many were confirmed. Raises LastAdmin."""
    with _managing(by):
        for access in remove:
            _turn_off(by, access)
        return accounts.confirm_reviews(by=by.actor, employer_id=by.employer_id, accesses=keep)


def note_preview(*, by: Viewer, contact: Contact) -> None:
    record(Action.ACCESS_PREVIEWED, by=by.actor, employer_id=by.employer_id, subject_id=contact.pk)


def _turn_off(by: Viewer, access: PortalAccess) -> None:
    if accounts.turn_off(by=by.actor, access=access):
        messages.send_access_changed(access)


@contextmanager
def _managing(viewer: Viewer) -> Iterator[None]:
    """One transaction, one after the other for this employer, as an Admin User to this moment."""
    with transaction.atomic():
        Employer.objects.select_for_update().get(pk=viewer.employer_id)
        own = PortalAccess.objects.filter(employer_id=viewer.employer_id, user=viewer.user_id)
        if not own.filter(is_active=True, role=Role.ADMIN).exists():
            raise PermissionDenied
        yield


def _set_email(by: Viewer, contact: Contact, email: str) -> None:
    if accounts.normal_email(contact.email) != email:
        employers.set_contact_email(by=by.actor, contact=contact, email=email)
