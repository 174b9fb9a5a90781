"""A link to one card: given by an Admin User, opened with a code, ended by time or by hand."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from clearwork.access.decide import Grants
from clearwork.accounts.actions import VisitActivity
from clearwork.audit.actions import Action
from clearwork.database import scope
from clearwork.foundation import clock
from clearwork.passes.opening import Outcome
from clearwork.people.models import Employee
from clearwork.visits import links, messages
from clearwork.visits.link_models import TRIES, SupervisorLink
from clearwork.visits.links import CODES, LASTS, Job
from clearwork.visits.rules import Duty
from tests.access.story import let_see
from tests.cast import Cast, employee
from tests.conftest import SignIn
from tests.exchange.records import events, jobs
from tests.messaging.postman import post
from tests.visits.conftest import Seen
from tests.visits.words import days

LADDERS = "Climbing ladders: none"
FORM = {"name": "Otto Boss", "email": "Otto@Northwind.example", "confirmed": "on"}


@pytest.fixture
def given(cast: Cast, sign_in: SignIn) -> SupervisorLink:
    """Alice sent Otto a link to Maria's card."""
    path = f"/visits/card/{cast.maria.pk}/link/"
    assert sign_in(cast.alice).post(path, FORM).status_code == 302
    return the_link()


def the_link() -> SupervisorLink:
    with scope.acting_as(scope.OPERATOR):
        return SupervisorLink.objects.select_related("employer").get()


def change(**facts: Any) -> None:
    with scope.acting_as(scope.OPERATOR):
        SupervisorLink.objects.update(**facts)


def path_of(link: SupervisorLink) -> str:
    mail = messages.link_mail(link)
    assert mail is not None
    return mail.link_path


def ask(client: Client, link: SupervisorLink) -> str:
    """Press the button; the code that is mailed."""
    assert client.post(f"{path_of(link)}code/").status_code == 302
    mail = messages.code_mail(the_link())
    return mail.subject[:6] if mail else ""


def let_in(link: SupervisorLink) -> Client:
    client = Client()
    assert client.post(path_of(link), {"code": ask(client, link)}).status_code == 302
    return client


def test_the_mail_names_neither_the_person_nor_anything_of_them(
    cast: Cast, given: SupervisorLink
) -> None:
    (job,) = jobs(Job.MAIL_LINK)
    assert job.args == {"employer_id": str(cast.northwind.pk), "link_id": str(given.pk)}
    mail = messages.link_mail(given)
    assert mail is not None and mail.to == "otto@northwind.example"
    text = f"{mail.subject} {mail.paragraphs}"
    assert "Northwind Freight" in text and "Maria" not in text and "Garcia" not in text


def test_send_pressed_twice_sends_once(given: SupervisorLink, cast: Cast, sign_in: SignIn) -> None:
    def press(about: Employee = cast.maria, **changed: str) -> int:
        path = f"/visits/card/{about.pk}/link/"
        assert sign_in(cast.alice).post(path, FORM | changed).status_code == 302
        return len(jobs(Job.MAIL_LINK))

    assert press() == 1
    assert press(email="another@northwind.example") == 2
    with scope.acting_as(scope.OPERATOR):
        someone = employee(cast.plant, "Sam", "Rivera")
    assert press(someone) == 3
    change(expires_at=clock.now() + LASTS - timedelta(minutes=1))
    assert press() == 4, "a minute later it is meant"
    change(revoked_at=clock.now())
    assert press() == 5


def test_without_the_code_it_names_the_employer_and_nobody(
    given: SupervisorLink, cast: Cast, seen: Seen
) -> None:
    seen(cast.maria, Duty.OFF)
    page = unescape(Client().get(path_of(given)).content.decode())
    assert "Northwind Freight" in page and "Send me a code" in page
    assert "Maria" not in page and "Off work" not in page


def test_the_code_opens_the_card_as_it_stands_now(
    given: SupervisorLink, cast: Cast, seen: Seen
) -> None:
    client = let_in(given)
    seen(cast.maria, Duty.RESTRICTED, LADDERS, until=days(3))
    page = unescape(client.get(path_of(given)).content.decode())
    for said in ("Maria Garcia", "Restricted duty", LADDERS, "Northwind Freight"):
        assert said in page
    for unsaid in ("njury", "1988", "Dallas", "/employees/", "csrf"):
        assert unsaid not in page
    answer = client.get(path_of(given))
    assert answer["Cache-Control"] == "no-store" and answer["Referrer-Policy"] == "no-referrer"
    assert [event.subject_id for event in events(Action.CARD_LINK_OPENED)] == [cast.maria.pk] * 2
    assert the_link().times_opened == 2


def test_a_corrected_report_ends_what_the_card_said(
    given: SupervisorLink, cast: Cast, seen: Seen
) -> None:
    client = let_in(given)
    seen(cast.maria, Duty.UNKNOWN)
    page = unescape(client.get(path_of(given)).content.decode())
    assert "What this card said before no longer counts." in page and "Until" not in page
    assert "Ask Northwind Freight" in page and "/results/" not in page


def test_another_browser_has_to_ask_again(given: SupervisorLink, cast: Cast) -> None:
    let_in(given)
    assert "Maria" not in Client().get(path_of(given)).content.decode()


def test_a_code_works_once(given: SupervisorLink) -> None:
    client = Client()
    code = ask(client, given)
    assert client.post(path_of(given), {"code": code}).status_code == 302
    assert Client().post(path_of(given), {"code": code}).status_code == 422


def test_an_old_code_opens_nothing(given: SupervisorLink) -> None:
    code = ask(Client(), given)
    change(code_asked_at=clock.now() - timedelta(minutes=11))
    assert Client().post(path_of(given), {"code": code}).status_code == 422


def test_five_wrong_codes_end_the_link(given: SupervisorLink, cast: Cast, sign_in: SignIn) -> None:
    code, client = ask(Client(), given), Client()
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    got = [client.post(path_of(given), {"code": wrong}).status_code for _ in range(TRIES)]
    assert got == [422] * (TRIES - 1) + [410]
    assert client.post(path_of(given), {"code": code}).status_code == 410
    assert len(events(Action.CARD_LINK_TRY_FAILED)) == TRIES
    card = sign_in(cast.alice).get(f"/visits/card/{cast.maria.pk}/").content.decode()
    assert "Locked" in card


def test_what_is_no_code_costs_no_try(given: SupervisorLink) -> None:
    for typed in ("", "12345", "abcdef"):
        assert Client().post(path_of(given), {"code": typed}).status_code == 422
    assert the_link().tries_left == TRIES


def test_codes_run_out_and_do_not_come_every_second(given: SupervisorLink) -> None:
    client = Client()
    first = ask(client, given)
    assert ask(client, given) == first and len(jobs(Job.MAIL_CODE)) == 1
    for _ in range(CODES - 1):
        change(code_asked_at=None)
        ask(client, given)
    change(code_asked_at=None)
    assert client.post(f"{path_of(given)}code/").status_code == 429
    assert len(jobs(Job.MAIL_CODE)) == CODES


def test_a_revoked_link_answers_like_one_that_never_was(
    given: SupervisorLink, cast: Cast, sign_in: SignIn
) -> None:
    client, path = let_in(given), path_of(given)
    assert sign_in(cast.alice).post(f"/visits/links/{given.pk}/revoke/").status_code == 302
    never = re.sub(r".{64}/$", "A" * 64 + "/", path)
    answers = [client.get(path), client.get(never)]
    assert [answer.status_code for answer in answers] == [410, 410]
    assert answers[0].content == answers[1].content
    assert messages.link_mail(the_link()) is None
    assert len(events(Action.CARD_LINK_REVOKED)) == 1
    sign_in(cast.alice).post(f"/visits/links/{given.pk}/revoke/")
    assert len(events(Action.CARD_LINK_REVOKED)) == 1, "once is enough"


def test_a_link_that_is_over_takes_no_code_and_leaves_others(
    given: SupervisorLink, cast: Cast
) -> None:
    code = ask(Client(), given)
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        to = {"name": "Ida Boss", "address": "ida@northwind.example"}
        other = links.give(by=cast.alice.viewer, employee=cast.maria, **to)
        assert links.revoke(by=cast.alice.viewer, link=given)
        assert links.try_code(given, code) is Outcome.OVER, "typed before it was revoked"
        for link in (given, other):
            link.refresh_from_db()
        assert messages.code_mail(given) is None
        assert (given.standing, other.standing) == ("pass_revoked", "pass_sent")
        other.expires_at = clock.now()
        assert other.standing == "invitation_expired"


def test_it_dies_by_itself(given: SupervisorLink) -> None:
    client, path = let_in(given), path_of(given)
    assert abs(given.expires_at - clock.now() - LASTS) < timedelta(minutes=1)
    change(expires_at=clock.now())
    assert client.get(path).status_code == 410


def test_it_opens_no_more_once_the_person_left(
    given: SupervisorLink, cast: Cast, sign_in: SignIn
) -> None:
    client, path, alice = let_in(given), path_of(given), sign_in(cast.alice)
    code, card = ask(Client(), given), f"/visits/card/{cast.maria.pk}/"
    alice.post(f"/employees/{cast.maria.pk}/left/")
    assert client.get(path).status_code == 410
    assert Client().post(path, {"code": code}).status_code == 410
    assert post() == [], "nor is it mailed"
    assert "no link to this card opens" in alice.get(card).content.decode()
    assert alice.post(f"{card}link/", FORM).status_code == 404
    alice.post(f"/employees/{cast.maria.pk}/back/")
    assert (
        client.get(path).status_code == 200 and f"{card}link/" in alice.get(card).content.decode()
    )


def test_a_tampered_secret_opens_nothing(given: SupervisorLink) -> None:
    path = path_of(given)
    other = path[:-2] + ("A/" if path[-2] != "A" else "B/")
    assert Client().get(other).status_code == 410
    assert Client().post(f"{other}code/").status_code == 410
    assert jobs(Job.MAIL_CODE) == []


def test_the_secret_itself_is_not_kept(given: SupervisorLink) -> None:
    secret = path_of(given).split("/")[-2]
    with scope.acting_as(scope.OPERATOR):
        row = SupervisorLink.objects.values().get()
    assert secret not in str(row) and len(row["token_hash"]) == 32


def test_only_an_admin_user_gives_and_sees_links(
    given: SupervisorLink, cast: Cast, sign_in: SignIn
) -> None:
    card = f"/visits/card/{cast.maria.pk}/"
    let_see(cast, cast.victor, VisitActivity(injury=True, non_injury=True))
    for who, is_told in ((cast.alice, True), (cast.victor, False)):
        page = sign_in(who).get(card).content.decode()
        assert [word in page for word in (f"{card}link/", given.address)] == [is_told] * 2
    weis = sign_in(cast.alice).get(f"/visits/card/{cast.wei.pk}/").content.decode()
    assert given.address not in weis
    assert sign_in(cast.victor).post(f"{card}link/", FORM).status_code == 403
    assert sign_in(cast.bob).post(f"{card}link/", FORM).status_code == 404
    assert the_link() == given


@pytest.mark.parametrize("wrong", [{"email": "no"}, {"name": ""}, {"confirmed": ""}])
def test_a_form_that_lacks_something_sends_nothing(
    wrong: dict[str, str], cast: Cast, sign_in: SignIn
) -> None:
    answer = sign_in(cast.alice).post(f"/visits/card/{cast.maria.pk}/link/", {**FORM, **wrong})
    assert answer.status_code == 422 and list(answer.context["form"].errors) == list(wrong)
    assert jobs(Job.MAIL_LINK) == []


def test_a_stranger_sees_one_links_row_and_nothing_else(given: SupervisorLink, cast: Cast) -> None:
    """Until the secret is checked, the database itself says so."""
    with scope.acting_as(scope.opened_pass(given.pk)):
        assert SupervisorLink.objects.count() == 1
        assert not Employee.objects.exists()
    with scope.acting_as(scope.opened_pass(cast.maria.pk)):
        assert not SupervisorLink.objects.exists()


def test_links_are_of_people_one_may_see(given: SupervisorLink, cast: Cast) -> None:
    nowhere = replace(cast.victor.viewer, granted=Grants(injury=True, worksites=frozenset()))
    with scope.acting_as(scope.OPERATOR):
        assert not links.links(nowhere)


def test_links_are_of_ones_own_employer(given: SupervisorLink, cast: Cast) -> None:
    """As the operator, for whom the database lets everything through."""
    with scope.acting_as(scope.OPERATOR):
        assert list(links.links(cast.alice.viewer)) == [given]
        assert not links.links(cast.bob.viewer).exists()
        assert not links.revoke(by=cast.bob.viewer, link=given)
