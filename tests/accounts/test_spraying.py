"""One password tried on everybody: told by the network address it comes from."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from ipaddress import ip_network
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client, RequestFactory

from clearwork.accounts import limits
from clearwork.accounts.models import FailedSignIn, User
from clearwork.accounts.origin import client_address
from clearwork.accounts.rules import ACCOUNTS_A_DAY, ACCOUNTS_AN_HOUR, TRIES_A_DAY
from clearwork.audit.actions import Action
from clearwork.database import scope
from clearwork.foundation import clock
from tests.accounts.people import EMAIL, attempt, events, masked
from tests.cast import PASSWORD, Cast

CHEAP = ["django.contrib.auth.hashers.MD5PasswordHasher"]
HERE, ELSEWHERE = "203.0.113.7", "198.51.100.9"


@pytest.fixture
def office(settings: Any, cast: Cast) -> list[str]:
    """The addresses of people who sign in from one network."""
    settings.PASSWORD_HASHERS = CHEAP
    password = make_password(PASSWORD)
    emails = [f"person{number}@northwind.example" for number in range(ACCOUNTS_A_DAY + 20)]
    with scope.acting_as(scope.OPERATOR):
        people = (User(email=email, password=password, is_demo=True) for email in emails)
        User.objects.bulk_create(people)
        User.objects.filter(pk=cast.alice.user.pk).update(password=password)
    return emails


def at(address: str) -> Client:
    return Client(REMOTE_ADDR=address)


def came_in(answer: Any) -> bool:
    return bool(answer.status_code == HTTPStatus.FOUND)


def sprayed(emails: list[str], address: str = HERE) -> list[Any]:
    return [attempt(email, "Summer-2026!", at(address)) for email in emails]


def test_one_password_on_everybody_is_soon_looked_at_no_more(office: list[str]) -> None:
    answers = sprayed(office[: ACCOUNTS_AN_HOUR + 10])
    refused = ["too many tries" in answer.content.decode() for answer in answers]
    assert refused == [False] * ACCOUNTS_AN_HOUR + [True] * 10
    right = attempt(office[-1], PASSWORD, at(HERE))
    assert not came_in(right), "nor is the right one, or the guess would pay"
    assert events(Action.SIGNED_IN) == []


def test_any_other_network_goes_on(office: list[str]) -> None:
    sprayed(office[: ACCOUNTS_AN_HOUR + 1])
    assert came_in(attempt(office[0], PASSWORD, at(ELSEWHERE)))


def test_it_answers_as_it_does_after_too_many_tries_of_one_account(
    office: list[str], cast: Cast
) -> None:
    for number in range(TRIES_A_DAY):
        attempt(EMAIL, f"guess {number}", at(ELSEWHERE))
    of_account = attempt(EMAIL, "one more", at(ELSEWHERE))
    sprayed(office[:ACCOUNTS_AN_HOUR])
    for unlucky in (office[-1], "nobody@nowhere.example"):
        of_address = attempt(unlucky, "Summer-2026!", at(HERE))
        assert masked(of_address, unlucky) == masked(of_account, EMAIL)


def test_an_office_where_everyone_mistypes_once_is_not_shut_out(office: list[str]) -> None:
    for email in office[: ACCOUNTS_A_DAY + 10]:
        attempt(email, "mistyped", at(HERE))
        assert came_in(attempt(email, PASSWORD, at(HERE))), email
    with scope.acting_as(scope.ANONYMOUS):
        assert not FailedSignIn.objects.exists()


def test_one_account_however_often_is_one(office: list[str]) -> None:
    for number in range(TRIES_A_DAY - 1):
        attempt(office[0], f"guess {number}", at(HERE))
    assert came_in(attempt(office[1], PASSWORD, at(HERE)))


def tried(count: int, address: str = HERE, *, first: int = 0) -> bool:
    """Whether the last of so many accounts was still looked at."""
    allowed = False
    with scope.acting_as(scope.ANONYMOUS):
        for number in range(first, first + count):
            allowed = limits.may_try_from(address, f"person{number}@northwind.example")
    return allowed


def test_the_day_has_a_limit_beyond_the_hours(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    start, hour = clock.now(), timedelta(hours=1, seconds=1)

    def later(hours: int) -> None:
        monkeypatch.setattr(clock, "now", lambda: start + hours * hour)

    assert tried(ACCOUNTS_AN_HOUR) and not tried(1, first=1000)
    later(1)
    assert tried(ACCOUNTS_A_DAY - ACCOUNTS_AN_HOUR - 1, first=2000)
    later(2)
    assert not tried(1, first=3000), "the hundred and first"
    later(30)
    assert tried(1, first=4000)


def test_an_ipv6_network_is_one_origin_whatever_its_owner_calls_the_machine(cast: Cast) -> None:
    for number in range(ACCOUNTS_AN_HOUR):
        assert tried(1, f"2001:db8:1:2::{number:x}", first=number)
    assert not tried(1, "2001:db8:1:2:ffff::1", first=1000)
    assert tried(1, "2001:db8:1:3::1", first=1000)


def test_what_is_kept_names_nobody_and_is_forgotten_after_a_day(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert tried(1)
    with scope.acting_as(scope.OPERATOR):
        (row,) = FailedSignIn.objects.all()
        assert len(row.origin) == len(row.account) == 32
        assert limits.forget_old() == 0
        tomorrow = clock.now() + timedelta(days=1, seconds=1)
        monkeypatch.setattr(clock, "now", lambda: tomorrow)
        assert limits.forget_old() == 1


# Behind proxies


def origin(settings: Any, trusted: list[str], remote: str, forwarded: str = "") -> str:
    networks = [ip_network(network) for network in trusted]
    settings.ENVIRONMENT = SimpleNamespace(trusted_proxies=networks)
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    return client_address(RequestFactory().get("/", headers=headers, REMOTE_ADDR=remote))


@pytest.mark.parametrize(
    ("trusted", "remote", "forwarded", "found"),
    [
        ([], HERE, "", HERE),
        ([], HERE, "1.2.3.4", HERE),  # the client's own words
        ([], "127.0.0.1", "1.2.3.4", "127.0.0.1"),  # also beside us, unless trusted
        (["127.0.0.1"], "127.0.0.1", HERE, HERE),
        (["127.0.0.1"], "127.0.0.1", f"1.2.3.4, {HERE}", HERE),
        (["127.0.0.1"], HERE, "1.2.3.4", HERE),  # not through the proxy
        (["127.0.0.1", "10.0.0.0/8"], "127.0.0.1", f"1.2.3.4, {HERE}, 10.1.2.3", HERE),
        (["127.0.0.1"], "127.0.0.1", "", "127.0.0.1"),
        (["127.0.0.1"], "127.0.0.1", f"{HERE}, unknown", "127.0.0.1"),
        (["127.0.0.1"], "::ffff:127.0.0.1", "2001:db8::1", "2001:db8::1"),
        ([], "", HERE, ""),  # a Unix socket
    ],
)
def test_the_address_is_the_nearest_hop_nobody_vouches_for(
    settings: Any, trusted: list[str], remote: str, forwarded: str, found: str
) -> None:
    assert origin(settings, trusted, remote, forwarded) == found


def test_without_an_address_only_the_account_counts(cast: Cast) -> None:
    assert tried(ACCOUNTS_A_DAY + 10, "")
    with scope.acting_as(scope.ANONYMOUS):
        assert not FailedSignIn.objects.exists()
