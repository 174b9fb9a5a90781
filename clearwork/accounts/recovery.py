"""Support helps a person who lost their second factor, once it is sure who they are."""

from __future__ import annotations

from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db import transaction

from clearwork.accounts import limits
from clearwork.accounts.models import EmailChange, SecondFactorReset, User
from clearwork.accounts.rules import IdentityCheck
from clearwork.accounts.security_messages import Notice, send_notice
from clearwork.audit.actions import Action, Actor, record


class NotOneself(Exception):
    """Nobody checks their own identity."""


@transaction.atomic
def reset_second_factor(*, by: UUID, user: User, check: IdentityCheck, reason: str) -> None:
    """Take away app, passkeys and recovery codes; all sessions and links end, the person is told.

    `by` is the id of support's own person. At the next sign-in, with the password, nothing is
    reached before a new second factor is set up. Raises NotOneself.
    """
    if by == user.pk:
        raise NotOneself
    fresh = User.objects.select_for_update().get(pk=user.pk)
    Authenticator.objects.filter(user=fresh).delete()
    EmailChange.objects.filter(user=fresh).delete()
    fresh.security_stamp += 1
    fresh.save(update_fields=("security_stamp",))
    limits.start_again(limits.CODE, str(fresh.pk))
    SecondFactorReset.objects.create(user=fresh, by_id=by, identity_check=check, reason=reason)
    actor = Actor("staff", by)
    record(Action.SECOND_FACTOR_RESET, by=actor, subject_id=fresh.pk, identity_check=check)
    send_notice(fresh, Notice.FACTOR_RESET)
