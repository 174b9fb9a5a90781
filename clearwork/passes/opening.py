"""The other end of the link: finding the pass, proving who one is, being let in.

Runs in the scope of the one pass: the database shows its authorization and nothing else.
Unknown, revoked, used up and long expired links cost the same queries and give None alike.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from enum import Enum, auto
from typing import Any

from django.db import transaction

from clearwork.accounts.tokens import is_token
from clearwork.audit.actions import Action, Actor, record
from clearwork.database import scope
from clearwork.foundation import clock
from clearwork.passes import actions, tokens
from clearwork.passes.models import Pass, Sending
from clearwork.passes.rules import (
    CODES_AN_HOUR,
    HOUR,
    Purpose,
    TooManySends,
    code_is_fresh,
    is_usable,
)

_NO_HASH = bytes(32)


class Outcome(Enum):
    """Of one try to open a pass."""

    OPENED = auto()
    WRONG = auto()
    OVER = auto()


def find(token: str) -> Pass | None:
    """The pass whose link this is, while it can be opened.

    The transaction then acts for it; without one it stays a stranger's.
    """
    pk, secret = tokens.parts(token)
    scope.become(scope.opened_pass(pk))
    with_all = Pass.objects.select_related(
        "employer", "authorization__employee", "authorization__center"
    )
    found = with_all.filter(pk=pk).first()
    fits = is_token(secret, found.token_hash if found else _NO_HASH)
    if found is None or not fits or not usable(found):
        scope.become(scope.ANONYMOUS)
        return None
    return found


def usable(issued: Pass) -> bool:
    return is_usable(
        revoked=issued.revoked_at is not None,
        tries_left=issued.tries_left,
        expires=issued.authorization.expires,
        today=clock.today(),
    )


def try_date(issued: Pass, born: date) -> Outcome:
    """The employee's date of birth opens the employee's pass."""
    return _try(issued, lambda _: born == issued.authorization.employee.date_of_birth)


def try_code(issued: Pass, typed: str) -> Outcome:
    """The code sent last opens a named person's pass, once."""

    def fits(locked: Pass) -> bool:
        asked_at = locked.code_asked_at
        fresh = asked_at is not None and code_is_fresh(asked_at, clock.now())
        return bool(fresh and asked_at and tokens.is_code(typed, locked.pk, asked_at))

    return _try(issued, fits)


@transaction.atomic
def ask_code(issued: Pass) -> None:
    """Send a code to where the link went. Raises TooManySends."""
    locked = _locked(issued)
    asked = Sending.objects.filter(employer_id=locked.employer_id, of=locked)
    lately = asked.filter(purpose=Purpose.CODE, requested_at__gt=clock.now() - HOUR)
    if lately.count() >= CODES_AN_HOUR:
        raise TooManySends
    locked.code_asked_at = clock.now()
    locked.save(update_fields=("code_asked_at",))
    actions.send_by_job(locked, Purpose.CODE)
    _audit(Action.PASS_CODE_ASKED, locked)


def downloaded(issued: Pass) -> None:
    _audit(Action.PASS_DOWNLOADED, issued)


@transaction.atomic(savepoint=False)
def _try(issued: Pass, fits: Callable[[Pass], bool]) -> Outcome:
    """One row's lock makes the tries follow one another: the sixth knows of the fifth."""
    locked = _locked(issued)
    if locked.tries_left == 0 or locked.revoked_at is not None:
        return Outcome.OVER
    if fits(locked):
        _open(locked)
        return Outcome.OPENED
    locked.tries_left -= 1
    locked.save(update_fields=("tries_left",))
    _audit(Action.PASS_TRY_FAILED, locked, tries_left=locked.tries_left)
    issued.tries_left = locked.tries_left
    return Outcome.WRONG if locked.tries_left else Outcome.OVER


def _open(locked: Pass) -> None:
    locked.last_opened_at = clock.now()
    locked.first_opened_at = locked.first_opened_at or locked.last_opened_at
    locked.times_opened += 1
    locked.code_asked_at = None
    locked.save(
        update_fields=("last_opened_at", "first_opened_at", "times_opened", "code_asked_at")
    )
    _audit(Action.PASS_OPENED, locked, times=locked.times_opened)


def _locked(issued: Pass) -> Pass:
    return Pass.objects.select_for_update(no_key=True).get(pk=issued.pk)


def _audit(action: Action, issued: Pass, **detail: Any) -> None:
    record(
        action,
        by=Actor("pass", issued.pk),
        employer_id=issued.employer_id,
        subject_id=issued.authorization_id,
        **detail,
    )
