"""What people change about their own sign-in. Each action is one transaction, audited."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.db import transaction

from clearwork.accounts import limits
from clearwork.accounts.addresses import normal_email
from clearwork.accounts.models import EmailChange, PortalAccess, User
from clearwork.accounts.own_record import record_of
from clearwork.accounts.rules import EMAIL_CHANGE_HOURS
from clearwork.accounts.tokens import is_token, token, token_hash
from clearwork.audit.actions import Action, Actor
from clearwork.database import scope
from clearwork.employers.actions import set_contact_email
from clearwork.employers.models import Contact
from clearwork.foundation import clock
from clearwork.foundation.ids import uuid7

OLD, NEW = "email_old", "email_new"


class ResetTokens(PasswordResetTokenGenerator):
    """Tokens of reset links: dead after PASSWORD_RESET_TIMEOUT seconds, a sign-in, or a
    change of password, email, role or access (the last two raise the security stamp)."""

    key_salt = "clearwork.accounts.reset"

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}{user.security_stamp}{user.is_active}"


def user_of_address(email: str) -> User | None:
    return User.objects.filter(email=normal_email(email), is_active=True).first()


@transaction.atomic
def change_password(user: User, password: str) -> None:
    """The sessions on all other devices end with the old password."""
    user.set_password(password)
    user.save(update_fields=("password",))
    record_of(user, Action.PASSWORD_CHANGED)


@transaction.atomic
def reset_password(user: User, password: str) -> None:
    """Ends all sessions and links, and lifts the day's limit of tries."""
    user.set_password(password)
    user.security_stamp += 1
    user.save(update_fields=("password", "security_stamp"))
    limits.start_again(limits.PASSWORD, user.email)
    record_of(user, Action.PASSWORD_RESET)


@transaction.atomic
def ask_for_new_email(*, by: User, new_email: str) -> EmailChange:
    """Begin a change that both addresses must confirm. Earlier ones of this person end.

    The same whether or not somebody already uses the new address.
    """
    EmailChange.objects.filter(user=by).delete()
    pk = uuid7()
    change = EmailChange.objects.create(
        id=pk,
        user=by,
        new_email=normal_email(new_email),
        old_token_hash=token_hash(token(OLD, pk)),
        new_token_hash=token_hash(token(NEW, pk)),
        expires_at=clock.now() + timedelta(hours=EMAIL_CHANGE_HOURS),
    )
    record_of(by, Action.EMAIL_CHANGE_ASKED)
    return change


def open_change(pk: UUID, secret: str) -> EmailChange | None:
    """The change this link is of, locked; None where it ended, expired or never was."""
    change = EmailChange.objects.select_for_update().filter(pk=pk).first()
    if change is None or clock.now() >= change.expires_at or not _side(change, secret):
        return None
    return change


@transaction.atomic
def confirm_new_email(change: EmailChange, secret: str) -> bool:
    """One address says yes. Whether both now have, and the new one is in force."""
    now = clock.now()
    setattr(change, f"{_side(change, secret)}_confirmed_at", now)
    change.save()
    if not (change.old_confirmed_at and change.new_confirmed_at):
        return False
    return _put_in_force(change)


def _side(change: EmailChange, secret: str) -> str:
    if is_token(secret, change.old_token_hash):
        return "old"
    return "new" if is_token(secret, change.new_token_hash) else ""


def _put_in_force(change: EmailChange) -> bool:
    """Ends all sessions and links. False where the address was taken meanwhile."""
    user = User.objects.select_for_update().get(pk=change.user_id)
    change.delete()
    if is_taken(change.new_email):
        return False
    old, user.email = user.email, change.new_email
    user.security_stamp += 1
    user.save(update_fields=("email", "security_stamp"))
    _change_contacts(user, old)
    record_of(user, Action.EMAIL_CHANGED)
    return True


def _change_contacts(user: User, old: str) -> None:
    """Each employer's contact of this person follows, where it was the address they left."""
    with scope.acting_as(scope.user(user.pk)):
        accesses = list(PortalAccess.objects.filter(user=user))
    for access in accesses:
        with scope.acting_as(scope.employer(access.employer_id)):
            contact = Contact.objects.get(pk=access.contact_id)
            if normal_email(contact.email) == old:
                set_contact_email(by=Actor("user", user.pk), contact=contact, email=user.email)


def is_taken(email: str) -> bool:
    with scope.acting_as(scope.ANONYMOUS):
        return User.objects.filter(email=email).exists()
