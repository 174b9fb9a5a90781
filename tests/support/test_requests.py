"""Support decides who gets access."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from clearwork.accounts.actions import turn_off
from clearwork.accounts.messages import Job
from clearwork.accounts.models import AccessRequest, Invitation, PortalAccess, Role, User
from clearwork.accounts.requests import AlreadyDecided, approve, decline
from clearwork.audit.actions import Action, Actor
from clearwork.audit.models import AuditEvent
from clearwork.database import scope
from clearwork.employers.models import Contact
from clearwork.support import queries
from tests.cast import Cast
from tests.conftest import SignIn
from tests.messaging.postman import everything, link, post, queued

FACTS: dict[str, Any] = {
    "account_number": "200100",
    "company": "Northwind Frate",
    "first_name": "Nora",
    "last_name": "Newcomer",
    "email": "nora@northwind.example",
    "phone": "214-555-0123",
    "needs": "DOT cards",
    "role": "admin",
}
APPROVAL = {"account_number": "200100", "role": "view_only"}


def ask(**changes: Any) -> AccessRequest:
    with scope.acting_as(scope.ANONYMOUS):
        request = AccessRequest(**{**FACTS, **changes})
        request.save(force_insert=True)
        return request


def page(request: AccessRequest, what: str = "") -> str:
    return f"/support/requests/{request.pk}/{what}"


def fresh(request: AccessRequest) -> AccessRequest:
    with scope.acting_as(scope.OPERATOR):
        return AccessRequest.objects.select_related("decided_by").get(pk=request.pk)


def events(action: Action) -> list[AuditEvent]:
    with scope.acting_as(scope.OPERATOR):
        return list(AuditEvent.objects.filter(action=action))


def noras(cast: Cast) -> list[Contact]:
    with scope.acting_as(scope.OPERATOR):
        return list(Contact.objects.filter(employer=cast.northwind, email=FACTS["email"]))


def test_support_lands_at_its_console(support: Client, officer: Client) -> None:
    assert support.get("/")["Location"] == "/support/"
    assert support.get("/support/")["Location"] == "/support/requests/"
    assert officer.get("/support/")["Location"] == "/support/releases/"
    assert "No requests" in support.get("/support/requests/").content.decode()


@pytest.mark.parametrize("path", ["/authorizations/", "/results/", "/account/", "/account/people/"])
def test_support_acts_for_no_employer(support: Client, path: str) -> None:
    assert support.get(path).status_code == HTTPStatus.FORBIDDEN


def test_an_employers_people_have_no_console(cast: Cast, sign_in: SignIn) -> None:
    request = ask()
    for path in ("/support/", "/support/requests/", page(request), page(request, "decline/")):
        assert sign_in(cast.alice).get(path).status_code == HTTPStatus.FORBIDDEN
        assert sign_in(cast.alice).post(path, APPROVAL).status_code in (403, 405)
        assert Client().get(path).status_code == HTTPStatus.FOUND
    assert fresh(request).state == "waiting"


def test_the_privacy_officer_does_not_decide_who_gets_access(officer: Client) -> None:
    request = ask()
    for path in ("/support/requests/", page(request), page(request, "decline/")):
        assert officer.get(path).status_code == HTTPStatus.FORBIDDEN


def test_a_request_that_is_not_there_is_a_missing_page(support: Client) -> None:
    for what in ("", "decline/"):
        assert support.get(f"/support/requests/{uuid4()}/{what}").status_code == 404


def test_support_sees_what_was_typed_beside_what_is_known(cast: Cast, support: Client) -> None:
    known, unknown = ask(email=cast.bob.user.email), ask(account_number="31337")
    listed = support.get("/support/requests/").content.decode()
    assert "Northwind Freight" in listed and "No such account" in listed
    shown = support.get(page(known)).content.decode()
    for words in ("Northwind Frate", "Northwind Freight", "Bob Example", "Southport Tile"):
        assert words in shown
    assert "the login is kept" in shown
    assert "No employer has this number" in support.get(page(unknown)).content.decode()
    with scope.acting_as(scope.OPERATOR):
        stranger = queries.known(unknown)
        assert (stranger.contacts, stranger.signs_in) == ([], False)
        assert queries.repeated(known) == queries.repeated(unknown) == []
        assert queries.repeated(ask(account_number="1")) == [unknown]
        Contact.objects.filter(email=cast.bob.user.email).update(is_active=False)
        assert queries.known(known).contacts == []


def test_waiting_requests_come_first_and_repeated_ones_are_one_row(support: Client) -> None:
    decided, waiting = ask(email="old@northwind.example"), ask()
    support.post(page(decided), APPROVAL)
    newest = [ask() for _ in range(2)][-1]
    listed = support.get("/support/requests/").content.decode()
    assert listed.index(str(newest.pk)) < listed.index(str(decided.pk))
    assert str(waiting.pk) not in listed and "3 times" in listed
    only = support.get("/support/requests/?state=approved").content.decode()
    assert str(decided.pk) in only and str(newest.pk) not in only


def test_approving_invites_the_person_as_a_contact_of_the_confirmed_employer(
    cast: Cast, support: Client
) -> None:
    request, again = ask(account_number="20010O"), ask(account_number="20010O")
    elsewhere = ask(account_number="200200")
    wrong = support.post(page(request), {**APPROVAL, "account_number": "20010O"})
    assert wrong.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert set(wrong.context["form"].errors) == {"account_number"}
    assert support.post(page(request), APPROVAL).status_code == HTTPStatus.FOUND
    (contact,) = noras(cast)
    assert (contact.first_name, contact.phone) == ("Nora", "214-555-0123")
    mail, told = post()
    assert mail.to == ["nora@northwind.example"] and "View Only User" in mail.body
    assert Client().get(link(mail)).status_code == HTTPStatus.OK
    assert told.to == [cast.alice.user.email], "she answers for who has access"
    assert link(told) == reverse("access:list") and "View Only User" in told.body
    assert not {"Nora", "nora@", "Newcomer"} & set(re.findall(r"[\w@]+", everything(told)))
    assert {fresh(one).state for one in (request, again)} == {"approved"}
    assert fresh(elsewhere).state == "waiting", "that is another account's to decide"
    assert str(fresh(request).decided_by) == "Support"
    (event,) = events(Action.ACCESS_REQUEST_APPROVED)
    assert (event.actor_kind, event.employer_id) == ("staff", cast.northwind.pk)


def test_a_contact_with_the_same_email_is_reused(cast: Cast, support: Client) -> None:
    with scope.acting_as(scope.OPERATOR):
        there = Contact.objects.create(
            employer=cast.northwind, first_name="N.", last_name="N.", email=FACTS["email"].upper()
        )
    support.post(page(ask()), APPROVAL)
    with scope.acting_as(scope.OPERATOR):
        assert Invitation.objects.get().contact_id == there.pk
    assert noras(cast) == []


def test_a_contact_who_signs_in_otherwise_is_not_given_a_second_login(
    cast: Cast, support: Client
) -> None:
    """Whoever turns a contact's access off turns off the one there is."""
    with scope.acting_as(scope.OPERATOR):
        victor = Contact.objects.get(email=cast.victor.user.email)
        Contact.objects.filter(pk=victor.pk).update(email=FACTS["email"])
    support.post(page(ask()), APPROVAL)
    support.post(page(ask(email=cast.victor.user.email)), APPROVAL)
    with scope.acting_as(scope.OPERATOR):
        nora, again = Invitation.objects.order_by("id")
    assert nora.contact_id != victor.pk == again.contact_id


def test_support_does_not_turn_on_what_the_employer_turned_off(cast: Cast, support: Client) -> None:
    request = ask(email=cast.victor.user.email)
    assert "as View Only User: the role is changed" in support.get(page(request)).content.decode()
    with scope.acting_as(scope.OPERATOR):
        access = PortalAccess.objects.get(user=cast.victor.user)
        turn_off(by=Actor("system"), access=access)
    assert "turned their access off" in support.get(page(request)).content.decode()
    refused = support.post(page(request), APPROVAL)
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Admin Users alone" in str(refused.context["form"].errors["account_number"])
    assert fresh(request).state == "waiting" and not queued()
    elsewhere = support.post(page(request), {**APPROVAL, "account_number": "200200"})
    assert elsewhere.status_code == HTTPStatus.FOUND


def test_a_request_is_decided_once(cast: Cast, support: Client) -> None:
    request = ask()
    support.post(page(request), APPROVAL)
    late = support.post(page(request), APPROVAL, follow=True)
    assert "Someone else has decided this" in late.content.decode()
    support.post(page(request, "decline/"), {"reason": "Too late."})
    assert fresh(request).state == "approved" and len(queued(Job.INVITATION)) == 1


def test_declining_mails_the_reason_and_nothing_that_is_known(cast: Cast, support: Client) -> None:
    request = ask()
    without = support.post(page(request, "decline/"), {"reason": " "})
    assert without.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    reason = "Please ask your company's Admin User & call us."
    support.post(page(request, "decline/"), {"reason": reason})
    (mail,) = post()
    assert reason in mail.body and "&amp; call us" in everything(mail)
    assert "Northwind" not in everything(mail).replace("northwind.example", "")
    assert fresh(request).decision_reason == reason
    assert len(events(Action.ACCESS_REQUEST_DECLINED)) == 1


def test_a_failure_half_way_changes_nothing(
    cast: Cast, support: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = ask()

    def broken(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr("clearwork.accounts.requests.record", broken)
    support.raise_request_exception = False
    assert support.post(page(request), APPROVAL).status_code == 500
    assert fresh(request).state == "waiting"
    assert noras(cast) == [] and queued() == []


def test_of_two_who_decide_at_once_one_does(committed_cast: Cast) -> None:
    with scope.acting_as(scope.OPERATOR):
        sam = Actor("staff", User.objects.create(email="sam@network.example", staff="support").pk)
    request, gate = ask(), Barrier(8)
    northwind = committed_cast.northwind

    def decide(number: int) -> str:
        gate.wait()
        try:
            with scope.acting_as(scope.OPERATOR):
                if number % 2:
                    decline(by=sam, request=request, reason="No.")
                    return "declined"
                approve(by=sam, request=request, employer=northwind, role=Role.ADMIN)
                return "approved"
        except AlreadyDecided:
            return "late"
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(decide, range(8)))
    (won,) = set(answers) - {"late"}
    assert answers.count("late") == 7 and fresh(request).state == won
    assert len(queued()) == (2 if won == "approved" else 1), "and Alice is told"
    with scope.acting_as(scope.OPERATOR):
        assert Invitation.objects.count() == (won == "approved")
