"""Coming in by an invitation's link: looking at it, and using it once."""

from __future__ import annotations

from uuid import UUID

from django.db import IntegrityError, transaction

from clearwork.accounts.actions import accept, is_open
from clearwork.accounts.models import Invitation, User
from clearwork.accounts.tokens import is_token
from clearwork.database import scope
from clearwork.employers.models import Employer


def open_invitation(pk: UUID, secret: str) -> Invitation | None:
    """The invitation whose link this is, while it can be used.

    The transaction then acts for its employer; without one it stays a stranger's.
    """
    scope.become(scope.invitation(pk))
    found = Invitation.objects.filter(pk=pk).first()
    if found is None or not is_token(secret, found.token_hash) or not is_open(found):
        scope.become(scope.ANONYMOUS)
        return None
    scope.become(scope.employer(found.employer_id))
    return found


def login_of(invitation: Invitation) -> User | None:
    """The person who already signs in with the invited address."""
    return User.objects.filter(email__iexact=invitation.email).first()


def is_still_open(invitation: Invitation) -> bool:
    """Asked again: whoever signs in with its address may have come by this very link just now."""
    invitation.refresh_from_db()
    return is_open(invitation)


def join(invitation: Invitation, *, name: str, password: str) -> User | None:
    """Make the invited person's login and use the link; None where another use won."""
    user = User(email=invitation.email, name=name)
    user.set_password(password)  # slow on purpose, so before the lock
    try:
        with transaction.atomic():
            return user if _use(invitation, user) else None
    except IntegrityError:  # invited by two employers, and accepting both at once
        return None


def _use(invitation: Invitation, user: User) -> bool:
    Employer.objects.select_for_update().get(pk=invitation.employer_id)
    if login_of(invitation) is not None:
        return False
    user.save(force_insert=True)
    if accept(invitation=invitation, user=user) is None:
        transaction.set_rollback(True)
        return False
    return True
