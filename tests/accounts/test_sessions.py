"""Where one is signed in: the list, and signing out there."""

from __future__ import annotations

import re
from http import HTTPStatus

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client

from clearwork.accounts.devices import in_words
from clearwork.audit.actions import Action
from clearwork.database import scope
from tests.accounts.people import EMAIL, attempt, events, is_in
from tests.cast import Cast

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (CHROME, "Chrome on Windows"),
        (SAFARI, "Safari on iPhone"),
        (FIREFOX, "Firefox on Linux"),
        (f"{CHROME} Edg/140.0", "Edge on Windows"),
        ("curl/8.0", "Unknown device"),
        ("", "Unknown device"),
    ],
)
def test_a_device_in_words(said: str, words: str) -> None:
    assert in_words(said) == words


def browser(agent: str, email: str = EMAIL) -> Client:
    client = Client(headers={"User-Agent": agent})
    attempt(email, client=client)
    return client


@pytest.fixture
def desk(cast: Cast) -> Client:
    return browser(CHROME)


@pytest.fixture
def phone(cast: Cast) -> Client:
    return browser(SAFARI)


def number_of(agent: str) -> int:
    with scope.acting_as(scope.ANONYMOUS):
        return int(UserSession.objects.get(user_agent=agent).pk)


def test_all_own_sessions_are_listed_and_nobody_elses(desk: Client, phone: Client) -> None:
    browser(FIREFOX, "bob@southport.example")
    page = desk.get("/security/sessions/").content.decode()
    assert page.index("Chrome on Windows") < page.index("Safari on iPhone")
    assert page.count("This device, now") == 1
    assert "Firefox" not in page


def test_one_device_is_signed_out_at_once(desk: Client, phone: Client) -> None:
    desk.post(f"/security/sessions/{number_of(SAFARI)}/end/")
    assert is_in(desk)
    assert not is_in(phone)
    assert [event.detail for event in events(Action.SESSIONS_ENDED)] == [{"count": 1}]


def test_all_others_are_signed_out_at_once(desk: Client, phone: Client) -> None:
    third = browser(FIREFOX)
    desk.post("/security/sessions/")
    assert [is_in(client) for client in (desk, phone, third)] == [True, False, False]
    assert [event.detail for event in events(Action.SESSIONS_ENDED)] == [{"count": 2}]


def test_what_a_page_was_to_say_ends_with_its_session(cast: Cast, desk: Client) -> None:
    """The answer got lost, and somebody else sits down at the desk."""
    desk.post(f"/employees/{cast.maria.pk}/left/")
    desk.post("/sign-out/")
    told = desk.get("/sign-in/").content.decode()
    attempt("bob@southport.example", client=desk)
    assert is_in(desk) and "Maria" not in told + desk.get("/").content.decode()


def test_somebody_elses_session_is_a_missing_one(desk: Client) -> None:
    bob = browser(FIREFOX, "bob@southport.example")
    theirs = desk.post(f"/security/sessions/{number_of(FIREFOX)}/end/")
    missing = desk.post("/security/sessions/999999/end/")
    assert theirs.status_code == missing.status_code == HTTPStatus.NOT_FOUND
    assert is_in(bob)


def test_asking_how_long_is_left_is_told_apart_from_being_there(desk: Client) -> None:
    answer = desk.get("/security/session/", headers={"X-Unattended": "1"}).json()
    assert answer["extends"] is True
    assert 0 < answer["left"] <= 900
    assert Client().get("/security/session/").status_code == HTTPStatus.FOUND


def test_the_page_says_when_the_session_ends_and_names_nobody(cast: Cast, desk: Client) -> None:
    page = desk.get("/").content.decode()
    assert 'name="cw-session"' in page
    assert 'data-warn="120"' in page
    assert str(cast.alice.user.pk) not in page.split("</head>")[0]
    assert "cw-session" not in Client().get("/sign-in/").content.decode()


def test_each_person_keeps_under_a_name_of_their_own(desk: Client) -> None:
    bob = browser(FIREFOX, "bob@southport.example")
    names = {
        re.findall(r'data-person="(\w{16})"', client.get("/").content.decode())[0]
        for client in (desk, browser(SAFARI), bob)
    }
    assert len(names) == 2
