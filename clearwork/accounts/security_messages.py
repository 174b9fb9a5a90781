"""The mails about one's own sign-in, one function each, and putting them on their way."""

from __future__ import annotations

from enum import StrEnum

from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.urls import reverse
from procrastinate.contrib.django import app

from clearwork.accounts.models import EmailChange, User
from clearwork.accounts.security_actions import NEW, OLD, ResetTokens
from clearwork.accounts.tokens import token
from clearwork.foundation import clock
from clearwork.messaging.mail import QUEUE, Mail, local_words

RESET_JOB = "accounts.mail_reset"
EMAIL_CHANGE_JOB = "accounts.mail_email_change"
NOTICE_JOB = "accounts.mail_notice"
_NOT_YOU = "If it was not you, reset your password and call us at once."


class Notice(StrEnum):
    """What a person is told happened to their account."""

    PASSWORD = "the password was changed"  # noqa: S105 - words, no secret
    FACTOR_ADDED = "a second factor was added"
    FACTOR_REMOVED = "a second factor was removed"
    FACTOR_RESET = "customer support removed the second factor, because you asked for it"
    CODES = "new recovery codes were made"


def send_reset(user: User | None) -> None:
    """Queues the same work for an unknown address, so that both answers take as long."""
    _queue(RESET_JOB, user_id=str(user.pk) if user else "")


def send_email_change(change: EmailChange) -> None:
    for side in (OLD, NEW):
        _queue(EMAIL_CHANGE_JOB, change_id=str(change.pk), side=side)


def send_notice(user: User, notice: Notice) -> None:
    _queue(NOTICE_JOB, user_id=str(user.pk), notice=notice.name)


def reset(user: User) -> Mail:
    minutes = settings.PASSWORD_RESET_TIMEOUT // 60
    return Mail(
        to=user.email,
        subject=f"Reset your {_portal()} password",
        paragraphs=(
            "Someone, probably you, asked to reset the password of this email address.",
            f"The link below works once, for {minutes} minutes.",
            "If you did not ask for it, do nothing: your password stays as it is.",
        ),
        link_words="Choose a new password",
        link_path=reset_path(user),
    )


def reset_path(user: User) -> str:
    key = {"uidb36": user_pk_to_url_str(user), "key": ResetTokens().make_token(user)}
    return reverse("account_reset_password_from_key", kwargs=key)


def email_change(change: EmailChange, side: str) -> Mail | None:
    """None where it is over, or the person's access was ended meanwhile."""
    if clock.now() >= change.expires_at or not change.user.is_active:
        return None
    to = change.user.email if side == OLD else change.new_email
    return Mail(
        to=to,
        subject=f"Confirm the new email address of your {_portal()} account",
        paragraphs=(
            "Someone, probably you, asked to sign in with another email address.",
            (
                "It takes effect when the old and the new address have both confirmed it, "
                f"until {local_words(change.expires_at)}."
            ),
            "If you did not ask for it, do nothing, and call us if this was your address so far.",
        ),
        link_words="Confirm the change",
        link_path=email_change_path(change, side),
    )


def email_change_path(change: EmailChange, side: str) -> str:
    values = {"pk": change.pk, "token": token(side, change.pk)}
    return reverse("confirm_new_email", kwargs=values)


def notice(user: User, name: str) -> Mail:
    return Mail(
        to=user.email,
        subject=f"Your {_portal()} account: {Notice[name]}",
        paragraphs=(f"On your account {Notice[name]}.", f"If it was you, all is well. {_NOT_YOU}"),
        link_words="Look at your sign-in and security",
        link_path=reverse("mfa_index"),
    )


def _portal() -> str:
    return f"{settings.ENVIRONMENT.network_name} employer portal"


def _queue(job: str, **arguments: str) -> None:
    app.configure_task(job, queue=QUEUE).defer(**arguments)
