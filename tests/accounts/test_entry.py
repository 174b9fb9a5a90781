"""Asking for access and coming in by an invitation, as people do: through the pages."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http import HTTPStatus
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clearwork.accounts import entry, messages
from clearwork.accounts.actions import invite, turn_off
from clearwork.accounts.models import AccessRequest, Invitation, PortalAccess, Role, User
from clearwork.accounts.requests import A_DAY_FOR_ONE_ADDRESS, A_DAY_FROM_ONE_PLACE
from clearwork.audit.actions import SYSTEM, Action
from clearwork.audit.models import AuditEvent
from clearwork.database import scope
from clearwork.employers.models import Contact, Employer
from clearwork.foundation import clock
from tests.cast import Cast
from tests.conftest import SignIn
from tests.messaging.postman import everything, link, outbox, post, queued, run

PAGE = "/access/request/"
NEW_PASSWORD = "seven quiet rivers run north"
ASKED = {
    "account_number": "200100",
    "company": "Northwind Freight",
    "first_name": "Nora",
    "last_name": "Newcomer",
    "email": "nora@northwind.example",
    "phone": "214-555-0123",
    "needs": "DOT cards of Plant 4",
    "role": "view_only",
}


def ask(**changes: str) -> Any:
    return Client().post(PAGE, {**ASKED, **changes}, follow=True)


def asked() -> list[AccessRequest]:
    with scope.acting_as(scope.OPERATOR):
        return list(AccessRequest.objects.order_by("id"))


def invited(
    employer: Employer, email: str = "nora@northwind.example", role: Role = Role.VIEW_ONLY
) -> Invitation:
    with scope.acting_as(scope.OPERATOR):
        contact = Contact.objects.create(
            employer=employer, first_name="Nora", last_name="Newcomer", email=email
        )
        return invite(by=SYSTEM, contact=contact, role=role, email=email)


def path_of(invitation: Invitation) -> str:
    return messages.invitation_path(invitation)


def accesses(email: str) -> list[PortalAccess]:
    with scope.acting_as(scope.OPERATOR):
        found = PortalAccess.objects.filter(user__email=email).order_by("id")
        return list(found.select_related("employer", "user", "contact"))


def test_anyone_may_ask_and_hears_by_mail_that_it_arrived(cast: Cast) -> None:
    answer = ask(email="  Nora@Northwind.Example ")
    assert "We received your request" in answer.content.decode()
    (request,) = asked()
    assert (request.email, request.state, request.needs) == (
        "nora@northwind.example",
        "waiting",
        ASKED["needs"],
    )
    (mail,) = post()
    assert mail.to == ["nora@northwind.example"]
    assert not {"Nora", "200100", "Plant 4"} & set(re.findall(r"[\w ]+", everything(mail)))
    with scope.acting_as(scope.OPERATOR):
        event = AuditEvent.objects.get(action=Action.ACCESS_REQUESTED)
    assert (event.actor_kind, event.subject_id, event.detail) == ("anonymous", request.pk, {})


def test_the_sign_in_page_leads_to_the_request(db: None) -> None:
    assert f'href="{PAGE}"' in Client().get("/sign-in/").content.decode()
    assert Client().get(PAGE).status_code == HTTPStatus.OK


def test_what_is_missing_is_said_at_its_field(db: None) -> None:
    answer = ask(email="nowhere", needs="", role="owner")
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert set(answer.context["form"].errors) == {"email", "needs", "role"}
    assert asked() == []


@pytest.mark.parametrize("email", ["аlice@northwind.example", "ＡＬＩＣＥ@northwind.example"])
def test_look_alike_letters_are_no_ones_address(db: None, email: str) -> None:
    assert set(ask(email=email).context["form"].errors) == {"email"}
    assert asked() == []


def test_a_domain_in_another_script_is_shown_to_support_in_plain_letters(db: None) -> None:
    ask(email="nora@nоrthwind.example")  # a Cyrillic o
    assert [request.email for request in asked()] == ["nora@xn--nrthwind-nbh.example"]


def test_the_answer_tells_nothing_of_what_is_known(cast: Cast) -> None:
    known = {"account_number": "200100", "email": cast.alice.user.email}
    unknown = {"account_number": "999999", "email": "nobody@nowhere.example"}
    with CaptureQueriesContext(connection) as queries:
        answers = [ask(**facts) for facts in (known, unknown)]
    assert len({comparable(answer) for answer in answers}) == 1
    asked_of = {table for q in queries for table in re.findall(r'FROM "(\w+)"', q["sql"])}
    assert not asked_of & {"accounts_user", "employers_employer", "employers_contact"}


def comparable(answer: Any) -> tuple[Any, ...]:
    headers = {name: value for name, value in answer.headers.items() if name != "Date"}
    return answer.status_code, str(answer.redirect_chain), str(sorted(headers)), answer.content


def test_only_operators_read_what_was_asked(cast: Cast) -> None:
    ask()
    for who in (scope.ANONYMOUS, scope.employer(cast.northwind.pk), scope.user(uuid4())):
        with scope.acting_as(who):
            assert not AccessRequest.objects.exists()


def test_a_mailbox_is_not_filled_and_the_answer_stays_the_same(db: None) -> None:
    answers = [ask(company=f"Try {n}") for n in range(A_DAY_FOR_ONE_ADDRESS + 2)]
    assert len({comparable(answer) for answer in answers}) == 1
    assert len(asked()) == len(post()) == A_DAY_FOR_ONE_ADDRESS


def test_one_place_cannot_ask_all_day(db: None) -> None:
    answers = [ask(email=f"n{n}@x.example") for n in range(A_DAY_FROM_ONE_PLACE + 1)]
    assert answers[-2].status_code == HTTPStatus.OK
    assert answers[-1].status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert len(asked()) == A_DAY_FROM_ONE_PLACE


def test_the_invited_person_sets_a_password_and_is_signed_in(cast: Cast) -> None:
    invitation = invited(cast.northwind)
    client = Client()
    for _ in range(3):  # a mail scanner looks, too
        page = client.get(path_of(invitation))
        assert "Northwind Freight" in page.content.decode()
    answer = client.post(path_of(invitation), {"name": "Nora New", "password": NEW_PASSWORD})
    assert (answer.status_code, answer["Location"]) == (HTTPStatus.FOUND, "/")
    (access,) = accesses("nora@northwind.example")
    assert (access.role, access.employer, access.is_active) == ("view_only", cast.northwind, True)
    assert access.user.check_password(NEW_PASSWORD) and access.user.name == "Nora New"
    with scope.acting_as(scope.ANONYMOUS):
        assert client.session["_auth_user_id"] == str(access.user.pk)
    with scope.acting_as(scope.OPERATOR):
        event = AuditEvent.objects.get(action=Action.ACCESS_ACCEPTED)
    assert (event.actor_id, event.employer_id) == (access.user.pk, cast.northwind.pk)


@pytest.mark.parametrize("password", ["short", "123456789123456789", ""])
def test_a_poor_password_is_said_at_its_field_and_uses_nothing_up(
    cast: Cast, password: str
) -> None:
    invitation = invited(cast.northwind)
    form = {"name": "Nora", "password": password}
    answer = Client().post(path_of(invitation), form)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert set(answer.context["form"].errors) == {"password"}
    assert accesses("nora@northwind.example") == []
    assert Client().get(path_of(invitation)).status_code == HTTPStatus.OK


def test_every_dead_link_gives_the_same_page(cast: Cast) -> None:
    used, expired, revoked, wrong = (
        invited(cast.northwind, f"n{number}@northwind.example") for number in range(4)
    )
    Client().post(path_of(used), {"name": "Nora", "password": NEW_PASSWORD})
    with scope.acting_as(scope.OPERATOR):
        Invitation.objects.filter(pk=expired.pk).update(expires_at=clock.now())
        Invitation.objects.filter(pk=revoked.pk).update(revoked_at=clock.now())
    unknown = path_of(wrong).replace(str(wrong.pk), str(uuid4()))
    mistyped = path_of(wrong).replace(path_of(wrong)[-9:-1], "0" * 8)
    paths = [path_of(used), path_of(expired), path_of(revoked), unknown, mistyped]
    answers = [Client().get(path) for path in paths] + [
        Client().post(path, {"name": "Eve", "password": NEW_PASSWORD}) for path in paths
    ]
    assert {answer.status_code for answer in answers} == {HTTPStatus.GONE}
    assert len({answer.content for answer in answers}) == 1
    assert "no longer works" in answers[0].content.decode()
    assert Client().get(path_of(wrong)).status_code == HTTPStatus.OK


def test_inviting_again_ends_the_earlier_link(cast: Cast) -> None:
    first = invited(cast.northwind)
    with scope.acting_as(scope.OPERATOR):
        again = invite(by=SYSTEM, contact=first.contact, role=Role.ADMIN, email=first.email)
    assert Client().get(path_of(first)).status_code == HTTPStatus.GONE
    assert Client().get(path_of(again)).status_code == HTTPStatus.OK


def test_one_login_serves_two_employers(cast: Cast, sign_in: SignIn) -> None:
    invitation = invited(cast.northwind, "Bob@Southport.example", Role.ADMIN)
    path = path_of(invitation)
    stranger = Client().get(path).content.decode()
    assert f"/sign-in/?next={path}".replace("/", "%2F") in stranger.replace("/", "%2F")
    refused = Client().post(path, {"name": "Eve", "password": NEW_PASSWORD})
    assert refused.status_code == HTTPStatus.OK, "a known person's password is not set by a link"
    bob = sign_in(cast.bob)
    assert "Act for Northwind Freight?" in bob.get(path).content.decode()
    assert bob.post(path)["Location"] == "/"
    assert {access.employer.legal_name for access in accesses("bob@southport.example")} == {
        "Northwind Freight",
        "Southport Tile",
    }
    assert bob.get(path).status_code == HTTPStatus.GONE


def test_accepting_ends_the_persons_other_sessions_but_not_this_one(
    cast: Cast, sign_in: SignIn
) -> None:
    """What one may do has changed: a session left open somewhere does not get it."""
    elsewhere, here = sign_in(cast.bob), sign_in(cast.bob)
    assert elsewhere.get("/").status_code == here.get("/").status_code == HTTPStatus.OK
    invitation = invited(cast.northwind, cast.bob.user.email)
    assert here.post(path_of(invitation)).status_code == HTTPStatus.FOUND
    assert here.get("/").status_code == HTTPStatus.OK
    assert elsewhere.get("/")["Location"] == "/sign-in/?next=/"


def test_the_last_admin_does_not_become_view_only_by_a_link(cast: Cast, sign_in: SignIn) -> None:
    path = path_of(invited(cast.southport, cast.bob.user.email, Role.VIEW_ONLY))
    answer = sign_in(cast.bob).post(path, follow=True)
    assert "always keeps at least one Admin User" in answer.content.decode()
    assert [access.role for access in accesses(cast.bob.user.email)] == [Role.ADMIN]


def test_someone_elses_invitation_is_not_taken_by_whoever_is_signed_in(
    cast: Cast, sign_in: SignIn
) -> None:
    path = path_of(invited(cast.northwind))
    bob = sign_in(cast.bob)
    for answer in (bob.get(path), bob.post(path, {"name": "B", "password": NEW_PASSWORD})):
        assert "for someone else" in answer.content.decode()
    assert accesses("nora@northwind.example") == []
    assert len(accesses(cast.bob.user.email)) == 1


def test_turning_access_off_ends_links_on_their_way(cast: Cast) -> None:
    with scope.acting_as(scope.OPERATOR):
        access = PortalAccess.objects.get(user=cast.victor.user)
        again = invite(
            by=SYSTEM, contact=access.contact, role=Role.ADMIN, email=cast.victor.user.email
        )
        messages.send_invitation(again)
        turn_off(by=SYSTEM, access=access)
    assert post() == []
    assert Client().get(path_of(again)).status_code == HTTPStatus.GONE


def test_the_mailed_link_is_the_configured_address_whatever_a_request_says(cast: Cast) -> None:
    forged = {"host": "evil.example", "x-forwarded-host": "evil.example"}
    assert Client(headers=forged).post(PAGE, ASKED).status_code == HTTPStatus.BAD_REQUEST
    Client(headers={"x-forwarded-host": "evil.example"}).post(PAGE, ASKED)
    invitation = invited(cast.northwind)
    with scope.acting_as(scope.OPERATOR):
        messages.send_invitation(invitation)
    mails = post()
    assert len(mails) == 2 and not any("evil.example" in everything(mail) for mail in mails)
    assert link(mails[-1]) == path_of(invitation)


def test_the_token_is_nowhere_kept(cast: Cast) -> None:
    invitation = invited(cast.northwind)
    secret = path_of(invitation).split("/")[-2]
    with scope.acting_as(scope.OPERATOR):
        messages.send_invitation(invitation)
        kept = Invitation.objects.get(pk=invitation.pk)
    assert len(bytes.fromhex(secret)) * 8 == 256
    assert secret not in str(queued()[0].args) and secret.encode() not in bytes(kept.token_hash)
    assert timedelta(hours=71) < kept.expires_at - clock.now() <= timedelta(hours=72)


def test_a_mail_is_not_sent_twice_when_its_job_runs_twice(cast: Cast) -> None:
    ask()
    (job,) = queued()
    run(job)
    run(job)
    assert len(outbox()) == 1


def test_a_link_used_between_two_looks_at_it_is_gone(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    invitation = invited(cast.northwind)
    look = entry.login_of

    def meanwhile(found: Invitation) -> User | None:
        User.objects.create(email=found.email)
        Invitation.objects.filter(pk=found.pk).update(used_at=clock.now())
        return look(found)

    monkeypatch.setattr(entry, "login_of", meanwhile)
    form = {"name": "Nora", "password": NEW_PASSWORD}
    assert Client().post(path_of(invitation), form).status_code == HTTPStatus.GONE


def test_of_fifty_uses_of_one_link_at_once_one_wins(committed_cast: Cast) -> None:
    path, gate = path_of(invited(committed_cast.northwind)), Barrier(50)

    def use(number: int) -> int:
        gate.wait()
        try:
            form = {"name": f"Nora {number}", "password": NEW_PASSWORD}
            return Client().post(path, form).status_code
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(50) as pool:
        answers = sorted(pool.map(use, range(50)))
    assert answers == [HTTPStatus.FOUND] + [HTTPStatus.GONE] * 49
    assert len(accesses("nora@northwind.example")) == 1
    with scope.acting_as(scope.OPERATOR):
        assert User.objects.filter(email="nora@northwind.example").count() == 1
