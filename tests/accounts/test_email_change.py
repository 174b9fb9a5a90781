"""Changing one's own address: both the old and the new one say yes."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from clearwork.accounts.models import EmailChange, PortalAccess, User
from clearwork.accounts.security_actions import OLD
from clearwork.accounts.security_messages import EMAIL_CHANGE_JOB, email_change
from clearwork.audit.actions import Action
from clearwork.database import scope
from clearwork.employers.models import Contact
from clearwork.foundation import clock
from clearwork.messaging.mail import local_words
from tests.accounts.people import EMAIL, attempt, events, is_in, link_of, mailed, masked
from tests.cast import PASSWORD, Cast

NEW = "alice.new@northwind.example"


@pytest.fixture
def alice(cast: Cast) -> Client:
    client = Client()
    attempt(EMAIL, client=client)
    return client


def ask(client: Client, email: str = NEW, password: str = PASSWORD) -> Any:
    return client.post("/security/email/", {"email": email, "password": password})


def links() -> dict[str, str]:
    return {message.to[0]: link_of(message) for message in mailed(EMAIL_CHANGE_JOB)}


def confirm(link: str) -> Any:
    assert Client().get(link).status_code == HTTPStatus.OK
    return Client().post(link)


def email_of(cast: Cast) -> str:
    with scope.acting_as(scope.ANONYMOUS):
        return User.objects.get(pk=cast.alice.user.pk).email


@pytest.mark.parametrize("order", [(EMAIL, NEW), (NEW, EMAIL)])
def test_it_is_in_force_when_both_have_confirmed(
    cast: Cast, alice: Client, order: tuple[str, str]
) -> None:
    ask(alice, f" {NEW.upper()} ")
    found = links()
    assert "One more address to confirm" in confirm(found[order[0]]).content.decode()
    assert email_of(cast) == EMAIL
    assert "Your email is changed" in confirm(found[order[1]]).content.decode()
    assert email_of(cast) == NEW
    assert attempt(NEW)["Location"] == "/"
    assert [event.actor_id for event in events(Action.EMAIL_CHANGED)] == [cast.alice.user.pk]


def test_all_sessions_end_with_it(alice: Client) -> None:
    ask(alice)
    for link in links().values():
        confirm(link)
    assert not is_in(alice)


def test_opening_a_link_confirms_nothing(cast: Cast, alice: Client) -> None:
    ask(alice)
    for link in links().values():
        Client().get(link)
        Client().head(link)
    assert email_of(cast) == EMAIL


def test_one_address_cannot_confirm_for_both(cast: Cast, alice: Client) -> None:
    ask(alice)
    link = links()[NEW]
    confirm(link)
    confirm(link)
    assert email_of(cast) == EMAIL


def test_a_taken_address_gets_the_same_answer_and_never_comes_into_force(
    cast: Cast, alice: Client
) -> None:
    taken, free = ask(alice, "bob@southport.example"), ask(alice, NEW)
    assert taken.status_code == free.status_code == HTTPStatus.OK
    assert masked(taken, "bob@southport.example") == masked(free, NEW)
    ask(alice, "bob@southport.example")
    assert set(links()) == {EMAIL}


def test_taken_in_the_meantime_it_stays_as_it_was(cast: Cast, alice: Client) -> None:
    ask(alice)
    first, second = links().values()
    confirm(first)
    with scope.acting_as(scope.OPERATOR):
        User.objects.create(email=NEW)
    assert "could not be made" in confirm(second).content.decode()
    assert email_of(cast) == EMAIL


def test_a_newer_request_ends_the_older_and_nobody_elses(cast: Cast, alice: Client) -> None:
    victor = Client()
    attempt(cast.victor.user.email, client=victor)
    ask(victor, his := "victor.new@northwind.example")
    ask(alice)
    old = links()
    ask(alice, "another@northwind.example")
    assert Client().get(old[NEW]).status_code == HTTPStatus.GONE
    assert Client().get(old[his]).status_code == HTTPStatus.OK


def test_the_mails_say_how_long_and_are_not_sent_late(alice: Client) -> None:
    ask(alice)
    with scope.acting_as(scope.ANONYMOUS):
        change = EmailChange.objects.select_related("user").get()
    sent = mailed(EMAIL_CHANGE_JOB)
    assert [local_words(change.expires_at) in each.body for each in sent] == [True, True]
    change.user.is_active = False
    assert email_change(change, OLD) is None
    change.user.is_active, change.expires_at = True, clock.now()
    assert email_change(change, OLD) is None


def test_links_end_after_a_day(alice: Client) -> None:
    ask(alice)
    found = links()
    with scope.acting_as(scope.OPERATOR):
        EmailChange.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    assert {Client().get(link).status_code for link in found.values()} == {HTTPStatus.GONE}


def test_a_made_up_link_answers_like_one_that_is_over(alice: Client) -> None:
    ask(alice)
    real = links()[NEW].rstrip("/").rpartition("/")[0]
    for path in (f"{real}/{'0' * 64}/", f"/sign-in/new-email/{uuid4()}/{'0' * 64}/"):
        assert Client().get(path).status_code == HTTPStatus.GONE
        assert Client().post(path).status_code == HTTPStatus.GONE


def test_it_takes_the_password(alice: Client) -> None:
    answer = ask(alice, password="not hers at all")
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert links() == {}


def test_an_hour_after_signing_in_one_shows_again_that_it_is_oneself(
    alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "clearwork.accounts.adapter.time.time", lambda: clock.now().timestamp() + 301
    )
    assert ask(alice)["Location"].startswith("/security/confirm/")


def contact_emails(cast: Cast) -> list[str]:
    with scope.acting_as(scope.OPERATOR):
        accesses = PortalAccess.objects.filter(user=cast.alice.user).select_related("contact")
        return [access.contact.email for access in accesses.order_by("id")]


def test_what_their_employers_have_written_down_follows(cast: Cast, alice: Client) -> None:
    """Where it was the old address; another one that a contact is reached at stays."""
    with scope.acting_as(scope.OPERATOR):
        for first, email in (("Alice", EMAIL.upper()), ("Al", "hr@southport.example")):
            employer = cast.northwind if first == "Alice" else cast.southport
            contact = Contact.objects.create(
                employer=employer, first_name=first, last_name="Example", email=email
            )
            PortalAccess.objects.update_or_create(
                employer=employer,
                user=cast.alice.user,
                defaults={"contact": contact, "role": "admin"},
            )
    ask(alice)
    for link in links().values():
        confirm(link)
    assert contact_emails(cast) == [NEW, "hr@southport.example"]
    (event,) = events(Action.CONTACT_CHANGED)
    assert event.detail == {"change": "edited", "fields": ["email"]}
    assert (event.actor_id, event.employer_id) == (cast.alice.user.pk, cast.northwind.pk)
