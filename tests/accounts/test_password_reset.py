"""Forgot Password: one link, ten minutes, one use, and no word about who is known."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.db import connections
from django.db.models import F
from django.test import Client

from clearwork.accounts.actions import change_role, turn_off
from clearwork.accounts.models import PortalAccess, Role, User
from clearwork.accounts.security_actions import ResetTokens, change_password
from clearwork.accounts.security_messages import RESET_JOB, reset_path
from clearwork.audit.actions import Action
from clearwork.database import scope
from tests.accounts.people import (
    EMAIL,
    UNKNOWN,
    attempt,
    events,
    is_in,
    jobs,
    link_of,
    mailed,
    masked,
)
from tests.cast import Cast
from tests.conftest import SignIn

NEW = "a violet umbrella in march"
VICTOR = "victor@northwind.example"


def ask(email: str, client: Client | None = None, **headers: Any) -> Any:
    return (client or Client()).post("/sign-in/forgot/", {"email": email}, follow=True, **headers)


def use(link: str, password: str = NEW, client: Client | None = None) -> Any:
    """Open the link and set the password, as one does."""
    client = client or Client()
    page = client.get(link, follow=True)
    if "no longer works" in page.content.decode().split("</title>")[0]:
        return page
    return client.post(page.redirect_chain[-1][0], {"password1": password}, follow=True)


def is_over(answer: Any) -> bool:
    return "This link no longer works" in answer.content.decode()


@pytest.fixture
def link(cast: Cast) -> str:
    ask(EMAIL)
    (message,) = mailed(RESET_JOB)
    assert message.to == [EMAIL]
    return link_of(message)


def test_the_link_sets_a_new_password_once(cast: Cast, link: str) -> None:
    assert "Your password is changed" in use(link).content.decode()
    assert attempt(EMAIL).status_code == HTTPStatus.OK
    assert attempt(EMAIL, NEW)["Location"] == "/"
    assert is_over(use(link, "another good one, longer"))
    assert attempt(EMAIL, NEW)["Location"] == "/"
    assert [event.actor_id for event in events(Action.PASSWORD_RESET)] == [cast.alice.user.pk]


def test_all_sessions_end_with_it(cast: Cast, sign_in: SignIn) -> None:
    elsewhere = sign_in(cast.alice)
    assert is_in(elsewhere)
    ask(EMAIL)
    (message,) = mailed(RESET_JOB)
    client = Client()
    use(link_of(message), client=client)
    assert not is_in(elsewhere)
    assert not is_in(client)


def test_the_link_is_dead_after_ten_minutes(link: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = ResetTokens._now

    def later(seconds: int) -> None:
        moved = lambda self: real(self) + timedelta(seconds=seconds)  # noqa: E731
        monkeypatch.setattr(ResetTokens, "_now", moved)

    later(590)
    assert not is_over(Client().get(link, follow=True))
    later(602)
    assert is_over(Client().get(link, follow=True))
    assert isinstance(real(ResetTokens()), datetime)


def change_the_password(cast: Cast) -> None:
    change_password(cast.alice.user, "quite another one, longer")


def change_the_email(cast: Cast) -> None:
    User.objects.filter(pk=cast.alice.user.pk).update(email="alice@new.example")


def change_the_role(cast: Cast) -> None:
    access = PortalAccess.objects.get(user=cast.alice.user)
    PortalAccess.objects.filter(user=cast.victor.user).update(role=Role.ADMIN)
    change_role(by=cast.victor.viewer.actor, access=access, role=Role.VIEW_ONLY)


def turn_the_access_off(cast: Cast) -> None:
    access = PortalAccess.objects.get(user=cast.alice.user)
    PortalAccess.objects.filter(user=cast.victor.user).update(role=Role.ADMIN)
    turn_off(by=cast.victor.viewer.actor, access=access)


def make_inactive(cast: Cast) -> None:
    User.objects.filter(pk=cast.alice.user.pk).update(is_active=False)


def sign_her_in(cast: Cast) -> None:
    attempt(EMAIL)


@pytest.mark.parametrize(
    "change",
    [
        change_the_password,
        change_the_email,
        change_the_role,
        turn_the_access_off,
        make_inactive,
        sign_her_in,
    ],
)
def test_the_link_dies_when_something_changes(cast: Cast, link: str, change: Any) -> None:
    with scope.acting_as(scope.OPERATOR):
        change(cast)
    assert is_over(use(link))


def test_a_change_while_the_page_is_open_also_counts(cast: Cast, link: str) -> None:
    client = Client()
    page = client.get(link, follow=True)
    with scope.acting_as(scope.OPERATOR):
        User.objects.filter(pk=cast.alice.user.pk).update(security_stamp=F("security_stamp") + 1)
    assert is_over(client.post(page.redirect_chain[-1][0], {"password1": NEW}))


def test_known_and_unknown_addresses_get_one_answer_and_one_job(cast: Cast) -> None:
    known, unknown = ask(EMAIL), ask(UNKNOWN)
    assert masked(known) == masked(unknown)
    assert known.redirect_chain == unknown.redirect_chain
    first, second = jobs(RESET_JOB)
    assert (first["user_id"], second["user_id"]) == (str(cast.alice.user.pk), "")
    assert [message.to for message in mailed(RESET_JOB)] == [[EMAIL]]


def test_an_inactive_person_gets_no_link(cast: Cast) -> None:
    with scope.acting_as(scope.OPERATOR):
        make_inactive(cast)
    ask(EMAIL)
    assert mailed(RESET_JOB) == []


def test_a_mailbox_is_not_flooded_and_the_answer_stays_the_same(cast: Cast) -> None:
    answers = {masked(ask(EMAIL)) for _ in range(15)}
    assert len(answers) == 1
    assert len(jobs(RESET_JOB)) == 10


@pytest.mark.parametrize("path", ["/sign-in/forgot/", "/sign-in/", "/"])
def test_a_forged_host_is_refused(cast: Cast, path: str) -> None:
    answer = Client().post(path, {"email": EMAIL}, headers={"Host": "evil.example"})
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert jobs(RESET_JOB) == []


def test_the_link_begins_with_the_configured_address(cast: Cast) -> None:
    headers = {"Host": "127.0.0.1", "X-Forwarded-Host": "evil.example"}
    Client().post("/sign-in/forgot/", {"email": EMAIL}, headers=headers)
    (message,) = mailed(RESET_JOB)
    assert "evil.example" not in str(message.message())
    assert "http://localhost:" in message.body


def test_the_mail_says_nothing_of_the_person_or_their_employer(cast: Cast) -> None:
    ask(EMAIL)
    (message,) = mailed(RESET_JOB)
    text = message.subject + message.body
    assert not any(word in text for word in ("Alice", "Northwind", "Maria", "Garcia"))


@pytest.mark.parametrize("link", ["/sign-in/reset/zz/x/", "/sign-in/reset/0/1-2/"])
def test_a_made_up_link_is_over(db: None, link: str) -> None:
    assert is_over(Client().get(link))


def test_resetting_lifts_the_days_limit(cast: Cast, link: str) -> None:
    for number in range(51):
        attempt(EMAIL, f"guess {number}")
    use(link)
    assert attempt(EMAIL, NEW)["Location"] == "/"


@pytest.mark.parametrize("password", ["password12345678", "1234567890123456", "short one"])
def test_a_common_or_short_password_is_refused(link: str, password: str) -> None:
    answer = use(link, password)
    assert "Your password is changed" not in answer.content.decode()


def test_of_many_uses_at_once_one_counts(committed_cast: Cast) -> None:
    with scope.acting_as(scope.ANONYMOUS):
        link = reset_path(committed_cast.alice.user)

    def race(number: int) -> bool:
        try:
            answer = use(link, f"a violet umbrella number {number}")
            return "Your password is changed" in answer.content.decode()
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(race, range(12))) == 1
