"""Ten thousand guesses lead to at most fifty looked at: per account, per day, by all processes."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http import HTTPStatus

import pytest
from django.contrib.auth.hashers import check_password, make_password
from django.db import connections
from django.test import Client

from clearwork.accounts import limits
from clearwork.accounts.models import SignInTries, User
from clearwork.accounts.rules import TRIES_A_DAY
from clearwork.audit.actions import Action
from clearwork.database import scope
from clearwork.foundation import clock
from tests.accounts.people import EMAIL, UNKNOWN, Guarded, attempt, enter_code, events, masked
from tests.cast import PASSWORD, Cast

GUESSES = 10_000
CHEAP = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that were really compared with Alice's."""
    seen: list[str] = []

    def compare(user: User, raw_password: str) -> bool:
        seen.append(raw_password)
        return check_password(raw_password, user.password)

    monkeypatch.setattr(User, "check_password", compare)
    return seen


@pytest.fixture
def _cheap(settings: object, cast: Cast) -> None:
    settings.PASSWORD_HASHERS = CHEAP  # type: ignore[attr-defined]
    with scope.acting_as(scope.OPERATOR):
        User.objects.filter(pk=cast.alice.user.pk).update(password=make_password(PASSWORD))


@pytest.mark.usefixtures("_cheap")
def test_of_ten_thousand_guesses_fifty_are_looked_at(looked_at: list[str]) -> None:
    client = Client()
    for number in range(2 * TRIES_A_DAY):  # through the page: slow, the same counting
        attempt(EMAIL, f"guess {number}", client)
    with scope.acting_as(scope.ANONYMOUS):
        rest = [limits.may_try(limits.PASSWORD, EMAIL) for _ in range(500)]
        SignInTries.objects.update(tries=GUESSES - 10)
        rest += [limits.may_try(limits.PASSWORD, EMAIL) for _ in range(10)]
        assert SignInTries.objects.get().tries == GUESSES
    assert len(looked_at) == TRIES_A_DAY
    assert not any(rest)


@pytest.mark.usefixtures("_cheap")
def test_after_fifty_even_the_right_password_waits_until_tomorrow(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(TRIES_A_DAY):
        attempt(EMAIL, f"guess {number}")
    answer = attempt(EMAIL)
    assert answer.status_code == HTTPStatus.OK
    assert "Reset your password" in answer.content.decode()
    assert events(Action.SIGNED_IN) == []
    tomorrow = clock.today() + timedelta(days=1)
    monkeypatch.setattr("clearwork.accounts.limits._today", lambda: tomorrow)
    assert attempt(EMAIL)["Location"] == "/"


@pytest.mark.usefixtures("_cheap")
def test_capitals_and_spaces_buy_no_further_tries(looked_at: list[str]) -> None:
    for number in range(TRIES_A_DAY + 10):
        attempt(f" {EMAIL.upper()} " if number % 2 else EMAIL, f"guess {number}")
    assert len(looked_at) == TRIES_A_DAY


@pytest.mark.usefixtures("_cheap")
def test_signing_in_uses_up_no_tries(looked_at: list[str]) -> None:
    for _ in range(TRIES_A_DAY + 5):
        assert attempt(EMAIL)["Location"] == "/"
    assert len(looked_at) == TRIES_A_DAY + 5


@pytest.mark.usefixtures("_cheap")
def test_an_unknown_address_runs_out_the_same_way(cast: Cast) -> None:
    for number in range(TRIES_A_DAY + 1):
        known = attempt(EMAIL, f"guess {number}")
        unknown = attempt(UNKNOWN, f"guess {number}")
        assert masked(known, EMAIL) == masked(unknown, UNKNOWN)
    assert "too many tries" in unknown.content.decode()


def test_one_persons_tries_are_not_anothers(cast: Cast) -> None:
    with scope.acting_as(scope.ANONYMOUS):
        while limits.may_try(limits.PASSWORD, EMAIL):
            pass
        assert limits.may_try(limits.PASSWORD, "bob@southport.example")


def test_threads_share_one_count(committed_cast: Cast) -> None:
    def guess(_: int) -> bool:
        try:
            with scope.acting_as(scope.ANONYMOUS):
                return limits.may_try(limits.PASSWORD, EMAIL)
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(8) as pool:
        allowed = list(pool.map(guess, range(400)))
    assert sum(allowed) == TRIES_A_DAY


_OTHER_PROCESS = """
import django; django.setup()
from clearwork.accounts import limits
from clearwork.database import scope
allowed = 0
for _ in range(60):
    with scope.acting_as(scope.ANONYMOUS):
        allowed += limits.may_try(limits.PASSWORD, "alice@northwind.example")
print(allowed)
"""


def test_processes_share_one_count_and_a_restart_forgets_nothing(committed_cast: Cast) -> None:
    command = [sys.executable, "-c", _OTHER_PROCESS]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert sum(int(one.communicate()[0]) for one in both) == TRIES_A_DAY
    later = subprocess.run(command, capture_output=True, text=True, check=True)
    assert later.stdout.strip() == "0"


def test_an_address_is_kept_as_a_keyed_hash_alone(cast: Cast) -> None:
    attempt(EMAIL, "wrong")
    with scope.acting_as(scope.ANONYMOUS):
        (row,) = SignInTries.objects.all()
    assert len(row.address) == 32
    assert b"alice" not in bytes(row.address)


def test_old_counts_are_removed(cast: Cast) -> None:
    with scope.acting_as(scope.OPERATOR):
        day = clock.today() - timedelta(days=3)
        SignInTries.objects.create(address=b"x" * 32, day=day, tries=9)
        assert limits.may_try(limits.PASSWORD, EMAIL)
        assert limits.forget_old() == 1
        assert SignInTries.objects.count() == 1


def test_codes_are_counted_per_person(guarded: Guarded) -> None:
    client = Client()
    attempt(EMAIL, client=client)
    for _ in range(TRIES_A_DAY):
        assert "not right" in enter_code(client, "000000").content.decode()
    answer = enter_code(client, guarded.codes[0])
    assert "too many tries" in answer.content.decode()
    assert events(Action.SIGNED_IN) == []
