"""Times and limits of access, and who must keep it. Pure."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta

from clearwork.foundation.choices import LabelledEnum

INVITATION_HOURS = 72
EMAIL_CHANGE_HOURS = 24
TRIES_A_DAY = 50
# Accounts one network address may fail to sign in to: an office of 400 mistypes far fewer for good.
ACCOUNTS_AN_HOUR = 50
ACCOUNTS_A_DAY = 100
REVIEW_DAYS = 90
INACTIVE_DAYS = 90


class RequestState(LabelledEnum):
    WAITING = "waiting", "Waiting"
    APPROVED = "approved", "Approved"
    DECLINED = "declined", "Declined"


class IdentityCheck(LabelledEnum):
    """How support made sure who asks for help with signing in."""

    CALLED_BACK = "called_back", "I called them back on the phone number we have on record"
    ADMIN_CONFIRMED = (
        "admin_confirmed",
        "An Admin User of their company, called on the number on record, confirmed it",
    )
    IN_PERSON = "in_person", "I saw them in person, with a photo identification"


class LastAdmin(Exception):
    """An employer always keeps at least one Admin User."""


def review_is_due(since: datetime, reviewed_at: datetime | None, now: datetime) -> bool:
    """Access is confirmed each quarter: REVIEW_DAYS after it began or was last confirmed."""
    return now - (reviewed_at or since) >= timedelta(days=REVIEW_DAYS)


def is_inactive(last_sign_in: datetime | None, since: datetime, now: datetime) -> bool:
    """No sign-in for INACTIVE_DAYS (counted from when access began, if there was none)."""
    return now - (last_sign_in or since) >= timedelta(days=INACTIVE_DAYS)


def tries_are_used_up(tries: int) -> bool:
    return tries > TRIES_A_DAY


def tries_too_many_accounts(in_hour: int, in_day: int) -> bool:
    return in_hour > ACCOUNTS_AN_HOUR or in_day > ACCOUNTS_A_DAY


def normal_password(password: str) -> str:
    """NFKC: one passphrase, whichever keyboard composed its characters (NIST SP 800-63B)."""
    return unicodedata.normalize("NFKC", password)
