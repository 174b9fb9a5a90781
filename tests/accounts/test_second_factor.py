"""Everybody has a second factor: enrolment, signing in with it, recovery."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from clearwork.accounts.models import User
from clearwork.accounts.second_factor import MFAAdapter
from clearwork.audit.actions import Action
from clearwork.config import env
from clearwork.database import scope
from tests.accounts.people import EMAIL, Guarded, attempt, enter_code, events, is_in, jobs
from tests.cast import PASSWORD, Cast

NOTICE = "accounts.mail_notice"


@pytest.fixture
def newcomer(cast: Cast) -> Client:
    """Alice as no demo account, signed in for the first time."""
    with scope.acting_as(scope.OPERATOR):
        User.objects.filter(pk=cast.alice.user.pk).update(is_demo=False)
    client = Client()
    attempt(EMAIL, client=client)
    return client


def secret_on(page: Any) -> str:
    (secret,) = re.findall(r'class="cw-key">([A-Z2-7]+)<', page.content.decode())
    return str(secret)


def enrol(client: Client) -> Guarded:
    secret = secret_on(client.get("/security/app/"))
    person = Guarded(User(), secret, [])
    answer = client.post("/security/app/", {"code": person.code()})
    assert answer["Location"] == "/security/codes/"
    return person


@pytest.mark.parametrize("path", ["/", "/authorizations/", "/results/", "/security/password/"])
def test_without_a_second_factor_every_page_leads_to_getting_one(
    newcomer: Client, path: str
) -> None:
    answer = newcomer.get(path)
    assert (answer.status_code, answer["Location"]) == (HTTPStatus.FOUND, "/security/")
    assert "One more step" in newcomer.get("/security/").content.decode()


def test_nor_does_a_post_get_through(newcomer: Client) -> None:
    assert newcomer.post("/authorizations/new/", {})["Location"] == "/security/"


def test_one_may_leave_instead(newcomer: Client) -> None:
    assert newcomer.post("/sign-out/")["Location"] == "/sign-in/"


def test_nor_does_one_need_it_for_help_and_a_privacy_concern(newcomer: Client) -> None:
    """The foot of every page leads there."""
    assert newcomer.get("/help/").status_code == HTTPStatus.OK
    concern = {"name": "Nora", "words": "A letter of somebody else's."}
    assert newcomer.post("/privacy/concern/", concern)["Location"] == "/privacy/received/"


def test_with_an_app_the_portal_opens(newcomer: Client) -> None:
    enrol(newcomer)
    assert newcomer.get("/").status_code == HTTPStatus.OK
    changes = [event.detail for event in events(Action.SECOND_FACTOR_CHANGED)]
    assert changes == [{"factor": "totp", "change": "factor_added"}]
    assert [job["notice"] for job in jobs(NOTICE)] == ["FACTOR_ADDED"]


def test_the_picture_shows_the_secret_and_no_page_holds_a_script_of_its_own(
    newcomer: Client,
) -> None:
    page = newcomer.get("/security/app/").content.decode()
    assert 'src="data:image/svg+xml;base64,' in page
    for path in ("/security/app/", "/security/passkeys/add/", "/sign-in/"):
        text = newcomer.get(path).content.decode()
        assert not re.findall(r"<script(?![^>]*(?:src=|application/json))[^>]*>", text)


def test_recovery_codes_are_shown_once(newcomer: Client) -> None:
    enrol(newcomer)
    first = newcomer.get("/security/codes/").content.decode()
    again = newcomer.get("/security/codes/").content.decode()
    codes = re.findall(r"<code>(\d{8})</code>", first)
    assert len(codes) == 10
    assert not any(code in again for code in codes)


def test_after_the_password_comes_the_code(guarded: Guarded) -> None:
    client = Client()
    answer = attempt(EMAIL, client=client)
    assert answer["Location"] == "/sign-in/second-factor/"
    assert not is_in(client)
    assert events(Action.SIGNED_IN) == []
    assert enter_code(client, guarded.code())["Location"] == "/"
    assert is_in(client)
    assert len(events(Action.SIGNED_IN)) == 1


def test_one_lands_where_one_wanted_to_go(guarded: Guarded) -> None:
    client = Client()
    client.post("/sign-in/?next=/results/", {"login": EMAIL, "password": PASSWORD})
    assert enter_code(client, guarded.code())["Location"] == "/results/"


@pytest.mark.parametrize("code", ["000000", "", "abcdef", "12345678", "１２３４５６"])
def test_a_wrong_code_opens_nothing(guarded: Guarded, code: str) -> None:
    client = Client()
    attempt(EMAIL, client=client)
    assert enter_code(client, code).status_code == HTTPStatus.OK
    assert not is_in(client)


def test_a_code_works_once_in_all_processes(
    guarded: Guarded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """allauth's own memory of used codes is one process's: here each is another process."""
    monkeypatch.setattr("allauth.mfa.totp.internal.auth.cache.add", lambda *_, **__: True)
    code = guarded.code()
    for opens in (True, False):
        client = Client()
        attempt(EMAIL, client=client)
        enter_code(client, code)
        assert is_in(client) is opens


def test_a_recovery_code_works_once(guarded: Guarded) -> None:
    for opens in (True, False):
        client = Client()
        attempt(EMAIL, client=client)
        enter_code(client, guarded.codes[3])
        assert is_in(client) is opens


def test_the_password_alone_opens_no_page_of_ones_own(guarded: Guarded) -> None:
    client = Client()
    attempt(EMAIL, client=client)
    for path in ("/security/", "/security/app/", "/security/codes/new/", "/"):
        assert client.get(path)["Location"].startswith("/sign-in/")


def test_the_only_second_factor_stays(guarded: Guarded) -> None:
    with scope.acting_as(scope.OPERATOR):
        User.objects.filter(pk=guarded.user.pk).update(is_demo=False)
    client = Client()
    attempt(EMAIL, client=client)
    enter_code(client, guarded.code())
    assert "only second factor" in client.get("/security/app/remove/").content.decode()
    client.post("/security/app/remove/")
    with scope.acting_as(scope.ANONYMOUS):
        assert Authenticator.objects.filter(user=guarded.user, type="totp").exists()


def test_secrets_are_kept_encrypted(guarded: Guarded) -> None:
    with scope.acting_as(scope.ANONYMOUS):
        app = Authenticator.objects.get(user=guarded.user, type="totp")
    assert guarded.secret not in str(app.data)
    assert MFAAdapter().decrypt(app.data["secret"]) == guarded.secret


def test_production_refuses_to_go_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLEARWORK_MODE", "production")
    monkeypatch.setenv("CLEARWORK_DEMO_WITHOUT_SECOND_FACTOR", "true")
    monkeypatch.setenv("CLEARWORK_URL", "http://portal.example.com")
    with pytest.raises(SystemExit) as stopped:
        env.load()
    assert "CLEARWORK_DEMO_WITHOUT_SECOND_FACTOR: refused" in str(stopped.value)
    assert "CLEARWORK_URL: must begin with https://" in str(stopped.value)
