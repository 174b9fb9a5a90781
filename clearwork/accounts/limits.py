"""How often something may be guessed in a day, counted in the database.

So the count is one for all processes and survives a restart. An address is kept as a
keyed hash, known and unknown ones alike. One row's lock makes the tries of one address
follow one another: the fifty-first knows of the fiftieth. Who tries one password on many
accounts is told by their network address (`may_try_from`): there, tries made at the very
same moment do not know of each other yet.
"""

from __future__ import annotations

from datetime import date, timedelta

from django.db import connection
from django.utils.crypto import salted_hmac

from clearwork.accounts.models import FailedSignIn, SignInTries
from clearwork.accounts.origin import network_of
from clearwork.accounts.rules import tries_are_used_up, tries_too_many_accounts
from clearwork.foundation import clock

PASSWORD, CODE, RESET = "password", "code", "reset"
RESETS_A_DAY = 10
_KEEP_DAYS = 2
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_COUNT = """
    INSERT INTO accounts_signintries AS kept (address, day, tries) VALUES (%s, %s, 1)
    ON CONFLICT (address, day) DO UPDATE SET tries = kept.tries + 1
    RETURNING tries
"""
_TAKE_BACK = """
    UPDATE accounts_signintries SET tries = greatest(tries - 1, 0)
    WHERE address = %s AND day = %s
"""

_ORIGIN, _ACCOUNT = "origin", "account"
_FAILED = """
    INSERT INTO accounts_failedsignin (origin, account, at) VALUES (%s, %s, %s)
    ON CONFLICT (origin, account) DO UPDATE SET at = excluded.at
"""
_ACCOUNTS_TRIED = """
    SELECT count(*) FILTER (WHERE at > %s), count(*)
    FROM accounts_failedsignin WHERE origin = %s AND at > %s
"""


def may_try(what: str, whose: str) -> bool:
    """Count one try of `whose` and tell whether it is still to be looked at."""
    return not tries_are_used_up(count(what, whose))


def may_try_from(address: str, account: str) -> bool:
    """Note that `account` is tried from this network address; whether it is to be looked at.

    The note is taken back by succeeded_from: who mistypes and then comes in counts for nothing.
    """
    if not address:
        return True
    origin, now = _key(_ORIGIN, network_of(address)), clock.now()
    with connection.cursor() as cursor:
        cursor.execute(_FAILED, [origin, _key(_ACCOUNT, account), now])
        cursor.execute(_ACCOUNTS_TRIED, [now - _HOUR, origin, now - _DAY])
        return not tries_too_many_accounts(*cursor.fetchone())


def succeeded_from(address: str, account: str) -> None:
    origin = _key(_ORIGIN, network_of(address))
    FailedSignIn.objects.filter(origin=origin, account=_key(_ACCOUNT, account)).delete()


def may_mail(address: str) -> bool:
    """Count one reset mail for `address`; a mailbox is not flooded."""
    return count(RESET, address) <= RESETS_A_DAY


def is_first_use(code: str, whose: str) -> bool:
    """Whether `whose` one-time code is used for the first time today (RFC 6238, 5.2)."""
    return count(f"used/{code}", whose) == 1


def succeeded(what: str, whose: str) -> None:
    """Take the try back: only failures count."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_BACK, [_key(what, whose), _today()])


def start_again(what: str, whose: str) -> None:
    """Forget today's tries, once the person has proved who they are another way."""
    SignInTries.objects.filter(address=_key(what, whose), day=_today()).delete()


def forget_old() -> int:
    """Remove counts nobody asks for any more; returns how many."""
    tries, _ = SignInTries.objects.filter(day__lt=_today() - timedelta(_KEEP_DAYS)).delete()
    failed, _ = FailedSignIn.objects.filter(at__lt=clock.now() - _DAY).delete()
    return tries + failed


def count(what: str, whose: str) -> int:
    """How often this was counted today, now included."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [_key(what, whose), _today()])
        (tries,) = cursor.fetchone()
        return int(tries)


def _key(what: str, whose: str) -> bytes:
    return salted_hmac(f"clearwork.tries.{what}", whose, algorithm="sha256").digest()


def _today() -> date:
    return clock.today()
