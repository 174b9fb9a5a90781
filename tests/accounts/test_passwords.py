"""Long enough, not common, and nothing else."""

from __future__ import annotations

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client

from clearwork.accounts.models import User
from clearwork.audit.actions import Action
from clearwork.database import scope
from tests.accounts.people import EMAIL, Guarded, attempt, enter_code, events, is_in
from tests.cast import PASSWORD, Cast
from tests.conftest import SignIn

GOOD = [
    "correct horse battery",
    "all lower case and spaces",
    "ÄÖÜ ßeltsame Wörter hier",
    "小明喜欢在雨天散步去买新鲜的豆浆",
    "🐎🔋📎🐎🔋📎🐎🔋📎🐎🔋📎🐎🔋📎x",
    "x " * 300 + "end",
]
BAD = [
    "fourteen chars",
    "password12345678",
    "1234567890123456",
    "qwertyuiopasdfghjkl",
    "aaaaaaaaaaaaaaaaaaaa",
    "passwordpasswordpassword",
    "２０２６password２０２６",
]


@pytest.mark.parametrize("password", GOOD)
def test_any_long_passphrase_will_do(password: str) -> None:
    validate_password(password)


@pytest.mark.parametrize("password", BAD)
def test_short_and_common_ones_are_refused(password: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(password)


def test_with_a_second_factor_eight_characters_will_do(guarded: Guarded, cast: Cast) -> None:
    with scope.acting_as(scope.ANONYMOUS):
        validate_password("blue-owl", guarded.user)
        with pytest.raises(ValidationError):
            validate_password("blue-ow", guarded.user)
        with pytest.raises(ValidationError):
            validate_password("blue-owl", cast.bob.user)


def test_one_passphrase_however_the_keyboard_composed_it() -> None:
    user = User()
    user.set_password("Zürich ﬁnds coffee")
    assert user.check_password("Zu\u0308rich finds coffee")
    assert not user.check_password("Zurich finds coffee")


@pytest.fixture
def signed_in(guarded: Guarded) -> Client:
    client = Client()
    attempt(EMAIL, client=client)
    enter_code(client, guarded.code())
    return client


def test_changing_it_ends_all_other_sessions(
    cast: Cast, signed_in: Client, sign_in: SignIn
) -> None:
    elsewhere = sign_in(cast.alice)
    answer = signed_in.post(
        "/security/password/", {"oldpassword": PASSWORD, "password1": "blue-owl"}
    )
    assert answer["Location"] == "/security/"
    assert is_in(signed_in)
    assert not is_in(elsewhere)
    assert [event.actor_id for event in events(Action.PASSWORD_CHANGED)] == [cast.alice.user.pk]


def test_it_is_changed_by_whoever_knows_the_old_one(cast: Cast, signed_in: Client) -> None:
    data = {"oldpassword": "not the old one", "password1": "blue-owl"}
    page = signed_in.post("/security/password/", data).content.decode()
    assert "not your current password" in page
    assert events(Action.PASSWORD_CHANGED) == []


def test_password_managers_know_the_fields(signed_in: Client) -> None:
    page = signed_in.get("/security/password/").content.decode()
    for hint in ("username", "current-password", "new-password"):
        assert f'autocomplete="{hint}"' in page
    assert "15 characters or more" in page and "&lt;" not in page
    page = Client().get("/sign-in/").content.decode()
    assert 'autocomplete="username"' in page
    assert 'autocomplete="current-password"' in page
