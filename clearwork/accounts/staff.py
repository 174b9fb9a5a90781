"""The network's own people come and go: whoever runs the portal says so, by a command."""

from __future__ import annotations

from django.db import transaction

from clearwork.accounts.addresses import normal_email
from clearwork.accounts.models import Staff, User
from clearwork.audit.actions import Action, Actor, record


class IsPortalUser(Exception):
    """Someone who acts for an employer is nobody of the network."""


class NotStaff(Exception):
    """Nobody of the network signs in by this address."""


@transaction.atomic
def add(*, by: Actor, email: str, name: str, kind: Staff) -> User:
    """Without a password: Forgot password sets one. Who comes back is let in again.

    Raises ValidationError, IsPortalUser.
    """
    address = normal_email(email)
    user = User.objects.select_for_update().filter(email=address).first()
    if user is None:
        user = User(email=address)
        user.set_unusable_password()
    elif not user.staff:
        raise IsPortalUser
    user.name, user.staff, user.is_active = name.strip(), kind, True
    user.clean_fields(exclude=("password",))
    user.save()
    record(Action.STAFF_ADDED, by=by, subject_id=user.pk, kind=kind.value)
    return user


@transaction.atomic
def remove(*, by: Actor, email: str) -> None:
    """Signed out everywhere at once. The row stays for the record. Raises NotStaff."""
    own = User.objects.select_for_update().exclude(staff="")
    user = own.filter(email=normal_email(email), is_active=True).first()
    if user is None:
        raise NotStaff
    user.is_active = False
    user.security_stamp += 1
    user.set_unusable_password()
    user.save()
    record(Action.STAFF_REMOVED, by=by, subject_id=user.pk)
