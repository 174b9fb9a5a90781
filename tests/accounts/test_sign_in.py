"""Signing in and out as people do it: through the pages."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client, override_settings
from django.urls import NoReverseMatch, Resolver404, resolve, reverse

from clearwork.accounts.models import PortalAccess, User
from clearwork.audit.actions import Action
from clearwork.audit.models import AuditEvent
from clearwork.config.env import DrugScreenPortal, Environment
from clearwork.database import scope
from tests.cast import PASSWORD, Cast
from tests.conftest import SignIn

EMAIL = "alice@northwind.example"


def attempt(email: str, password: str, client: Client | None = None) -> Any:
    return (client or Client()).post("/sign-in/", {"login": email, "password": password})


def events(action: Action) -> list[AuditEvent]:
    with scope.acting_as(scope.OPERATOR):
        return list(AuditEvent.objects.filter(action=action))


def masked(answer: Any) -> bytes:
    return re.sub(rb'(name="csrfmiddlewaretoken" value=")[^"]+', rb"\1", answer.content)


@pytest.mark.django_db
def test_a_form_in_letters_nobody_sends_is_a_bad_request() -> None:
    client = Client(enforce_csrf_checks=True)
    client.get("/sign-in/")
    answer = client.post("/sign-in/", b"a=b", "application/x-www-form-urlencoded; charset=utf-16")
    assert answer.status_code == HTTPStatus.BAD_REQUEST and "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("typed", [EMAIL, "Alice@Northwind.Example", f"  {EMAIL.upper()} "])
def test_the_email_is_taken_as_people_type_it(cast: Cast, typed: str) -> None:
    client = Client()
    answer = attempt(typed, PASSWORD, client)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert "Alice Example" in client.get("/").content.decode()
    (event,) = events(Action.SIGNED_IN)
    assert (event.actor_kind, event.actor_id) == ("user", cast.alice.user.pk)


def test_a_look_alike_of_an_address_is_counted_as_another_and_lets_nobody_in(cast: Cast) -> None:
    with scope.acting_as(scope.OPERATOR):
        User.objects.filter(pk=cast.alice.user.pk).update(email="kim@northwind.example")
    assert attempt("\N{KELVIN SIGN}im@northwind.example", PASSWORD).status_code == HTTPStatus.OK
    assert attempt("Kim@northwind.example", PASSWORD).status_code == HTTPStatus.FOUND


def test_no_two_people_share_an_email_in_any_case(cast: Cast) -> None:
    with scope.acting_as(scope.OPERATOR), pytest.raises(IntegrityError):
        User.objects.create(email=EMAIL.upper())


def test_wrong_password_unknown_email_and_inactive_person_get_one_answer(cast: Cast) -> None:
    with scope.acting_as(scope.OPERATOR):
        User.objects.filter(pk=cast.bob.user.pk).update(is_active=False)
    wrong = attempt(EMAIL, "not her password at all")
    unknown = attempt("nobody@northwind.example", PASSWORD)
    inactive = attempt("bob@southport.example", PASSWORD)
    assert wrong.status_code == HTTPStatus.OK
    bodies = {
        masked(answer).replace(email, b"EMAIL")
        for answer, email in (
            (wrong, EMAIL.encode()),
            (unknown, b"nobody@northwind.example"),
            (inactive, b"bob@southport.example"),
        )
    }
    assert len(bodies) == 1
    assert not {wrong.status_code} ^ {unknown.status_code, inactive.status_code}
    assert "sessionid" not in wrong.cookies
    failed = events(Action.SIGN_IN_FAILED)
    assert [(event.actor_kind, event.actor_id, event.detail) for event in failed] == [
        ("anonymous", None, {})
    ] * 3
    assert events(Action.SIGNED_IN) == []


def test_the_session_key_changes_at_sign_in(cast: Cast) -> None:
    client = Client()
    attempt(EMAIL, PASSWORD, client)
    first = client.cookies["sessionid"]
    assert first["httponly"] and first["samesite"] == "Lax"
    client.post("/sign-out/")
    attempt(EMAIL, PASSWORD, client)
    assert client.cookies["sessionid"].value != first.value


def test_signing_out_needs_a_post_and_is_on_record(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.alice)
    key = client.cookies["sessionid"].value
    assert client.get("/sign-out/").status_code == HTTPStatus.OK
    assert client.get("/").status_code == HTTPStatus.OK
    assert client.post("/sign-out/")["Location"] == "/sign-in/"
    assert client.get("/").status_code == HTTPStatus.FOUND
    client.cookies["sessionid"] = key  # the old key opens nothing
    assert client.get("/").status_code == HTTPStatus.FOUND
    (event,) = events(Action.SIGNED_OUT)
    assert (event.actor_kind, event.actor_id) == ("user", cast.alice.user.pk)


def test_signing_out_twice_is_on_record_once(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.alice)
    for _ in range(2):
        assert client.post("/sign-out/").status_code == HTTPStatus.FOUND
    assert len(events(Action.SIGNED_OUT)) == 1


def test_a_person_made_inactive_is_out_at_the_next_request(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.alice)
    with scope.acting_as(scope.OPERATOR):
        User.objects.filter(pk=cast.alice.user.pk).update(is_active=False)
    assert client.get("/")["Location"] == "/sign-in/?next=/"


def test_access_turned_off_ends_at_the_next_request(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.alice)
    assert client.get("/authorizations/").status_code == HTTPStatus.OK
    with scope.acting_as(scope.OPERATOR):
        PortalAccess.objects.filter(user=cast.alice.user).update(is_active=False)
    for path in ("/", "/authorizations/", "/results/"):
        assert client.get(path).status_code == HTTPStatus.FORBIDDEN


def test_the_sign_in_page_tells_whom_to_call_and_where_drug_screens_are(db: None) -> None:
    portals = [DrugScreenPortal.model_validate({"name": "Quartz", "url": "https://q.example/x"})]
    facts = {"support_phone": "1-555-0177", "support_hours": "Always", "network_name": "Net Nine"}
    environment = Environment().model_copy(update={**facts, "drug_screen_portals": portals})
    with override_settings(ENVIRONMENT=environment):
        page = Client().get("/sign-in/").content.decode()
    for shown in (*facts.values(), 'href="tel:1-555-0177"', "Quartz", "https://q.example/x"):
        assert shown in page


@pytest.mark.parametrize(
    "name", ["account_signup", "account_email", "account_inactive", "socialaccount_signup"]
)
def test_nobody_signs_up_by_themselves(name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(name)
    for path in ("/sign-up/", "/signup/", "/accounts/signup/", "/accounts/login/"):
        with pytest.raises(Resolver404):
            resolve(path)
