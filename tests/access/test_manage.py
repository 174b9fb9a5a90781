"""An Admin User gives access, changes it and takes it away, without phoning anyone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from clearwork.access import queries
from clearwork.access.load import grants_of
from clearwork.accounts import actions as accounts
from clearwork.accounts.models import Invitation, Role
from clearwork.audit.actions import Action
from clearwork.database import scope
from clearwork.employers.models import Contact, Worksite
from clearwork.foundation import clock
from tests.access.story import access_of, contact_id, events, granted_now, northwind
from tests.cast import Cast, Person
from tests.conftest import SignIn

type NewContact = Callable[..., Contact]
FULL = {"kinds": ["injury", "non_injury"], "how_much": "all", "where": "all"}


def at(someone: Person, what: str) -> str:
    return f"/account/people/{contact_id(someone)}/{what}/"


def granted(by: Client, someone: Person, form: dict[str, Any]) -> None:
    shown = granted_now(contact_id(someone))
    answer = by.post(at(someone, "visits"), {**form, "shown": shown})
    assert answer.status_code == HTTPStatus.FOUND


def test_a_contact_is_invited_and_the_page_says_until_when(
    cast: Cast, alice: Client, new_contact: NewContact
) -> None:
    carla = new_contact("Carla", email="carla@northwind.example")
    form = {"email": "Carla@Northwind.example ", "role": "admin"}
    answer = alice.post(f"/account/people/{carla.pk}/invite/", form, follow=True)
    page = answer.content.decode()
    assert "Invited" in page and "The link works once" in page
    with northwind(cast):
        invitation = Invitation.objects.get(contact=carla)
    assert (invitation.email, invitation.role) == ("carla@northwind.example", Role.ADMIN)
    assert events(Action.ACCESS_INVITED)[0].detail == {"role": "admin"}


def test_a_contact_without_an_email_is_not_invited_and_told_why(
    cast: Cast, alice: Client, new_contact: NewContact
) -> None:
    carla = new_contact("Carla")
    answer = alice.post(f"/account/people/{carla.pk}/invite/", {"email": "", "role": "view_only"})
    assert answer.status_code == 422
    assert "Give a work email first." in answer.content.decode()
    assert not events(Action.ACCESS_INVITED)


def test_the_address_one_is_invited_at_becomes_the_contacts(
    cast: Cast, alice: Client, new_contact: NewContact
) -> None:
    carla = new_contact("Carla")
    form = {"email": "carla@northwind.example", "role": "view_only"}
    alice.post(f"/account/people/{carla.pk}/invite/", form)
    with northwind(cast):
        carla.refresh_from_db()
    assert carla.email == "carla@northwind.example"


@pytest.mark.parametrize("email", ["victor@northwind.example", " VICTOR@northwind.example"])
def test_nobody_is_invited_at_a_colleagues_address(
    cast: Cast, alice: Client, new_contact: NewContact, email: str
) -> None:
    carla = new_contact("Carla")
    form = {"email": email, "role": "view_only"}
    answer = alice.post(f"/account/people/{carla.pk}/invite/", form)
    assert answer.status_code == 422
    assert "already signs in with this email" in answer.content.decode()


def test_who_works_elsewhere_too_is_invited_like_anyone(
    cast: Cast, alice: Client, new_contact: NewContact
) -> None:
    """The answer does not tell that Bob is known at Southport."""
    known, unknown = new_contact("Bob"), new_contact("Nobody")
    answers = [
        alice.post(
            f"/account/people/{contact.pk}/invite/", {"email": email, "role": "view_only"}
        ).status_code
        for contact, email in ((known, cast.bob.user.email), (unknown, "new@southport.example"))
    ]
    assert answers == [HTTPStatus.FOUND, HTTPStatus.FOUND]


def test_a_new_link_kills_the_old_one_and_revoking_kills_both(
    cast: Cast, alice: Client, new_contact: NewContact
) -> None:
    carla = new_contact("Carla")
    page = f"/account/people/{carla.pk}"
    alice.post(f"{page}/invite/", {"email": "carla@northwind.example", "role": "admin"})
    alice.post(f"{page}/invitation/resend/")
    with northwind(cast):
        old, new = Invitation.objects.filter(contact=carla).order_by("invited_at")
    assert old.revoked_at is not None and new.revoked_at is None
    assert (new.role, new.email) == (old.role, old.email)
    answer = alice.post(f"{page}/invitation/revoke/", follow=True)
    assert "No portal access" in answer.content.decode()
    with northwind(cast):
        assert not Invitation.objects.filter(revoked_at=None).exists()
    assert len(events(Action.ACCESS_INVITATION_REVOKED)) == 1
    assert alice.post(f"{page}/invitation/resend/").status_code == 404


def test_a_link_that_is_dead_died_when_it_did(cast: Cast) -> None:
    """Whatever ends the person's links later."""
    by, died = cast.alice.viewer.actor, clock.now() - timedelta(hours=1)
    access = access_of(cast.victor)
    asked: dict[str, Any] = {"contact": access.contact, "email": cast.victor.user.email}
    with northwind(cast):
        dead = accounts.invite(by=by, role=Role.VIEW_ONLY, **asked)
        Invitation.objects.filter(pk=dead.pk).update(revoked_at=died)
        accounts.revoke_invitations(by=by, contact=access.contact)
        accounts.invite(by=by, role=Role.VIEW_ONLY, **asked)
        accounts.turn_off(by=by, access=access)
        assert Invitation.objects.get(pk=dead.pk).revoked_at == died
        assert not Invitation.objects.filter(revoked_at=None).exists()
    assert not events(Action.ACCESS_INVITATION_REVOKED), "there was none to revoke"


def test_a_role_change_is_in_force_at_once_and_signs_the_person_out(
    cast: Cast, alice: Client, sign_in: SignIn
) -> None:
    victor = sign_in(cast.victor)
    answer = alice.post(at(cast.victor, "role"), {"role": "admin"}, follow=True)
    assert "is now an Admin User" in answer.content.decode()
    assert victor.get("/").status_code == HTTPStatus.FOUND
    (event,) = events(Action.ACCESS_ROLE_CHANGED)
    assert event.detail == {"before": "view_only", "after": "admin"}
    page = alice.get(f"/account/people/{contact_id(cast.victor)}/").content.decode()
    assert "Role changed" in page


@pytest.mark.parametrize(("what", "form"), [("role", {"role": "view_only"}), ("off", {})])
def test_the_last_admin_user_stays_and_the_page_says_why(
    cast: Cast, alice: Client, what: str, form: dict[str, str]
) -> None:
    answer = alice.post(at(cast.alice, what), form)
    assert answer.status_code == 422
    assert "last Admin User" in answer.content.decode()
    own = access_of(cast.alice)
    assert own.is_active and own.role == Role.ADMIN
    assert alice.get("/account/people/").status_code == 200, "still signed in: nothing changed"


def test_with_a_second_admin_user_the_first_may_step_down(
    cast: Cast, dana: Person, alice: Client
) -> None:
    assert alice.post(at(cast.alice, "role"), {"role": "view_only"}).status_code == 302
    assert access_of(cast.alice).role == Role.VIEW_ONLY


def test_what_a_view_only_user_sees_is_set_and_the_next_click_obeys(
    cast: Cast, alice: Client, sign_in: SignIn
) -> None:
    victor = sign_in(cast.victor)
    assert victor.get("/results/").status_code == 403
    granted(alice, cast.victor, FULL)
    assert victor.get("/results/").status_code == 200
    some = {"kinds": ["injury"], "how_much": "restrictions", "where": "some"}
    granted(alice, cast.victor, {**some, "worksites": [cast.plant.pk]})
    with northwind(cast):
        grants = grants_of(access_of(cast.victor))
    assert grants.injury and not grants.non_injury and grants.restrictions_only
    assert set(grants.worksites or ()) == {cast.plant.pk}
    granted(alice, cast.victor, {"how_much": "all", "where": "all"})
    assert victor.get("/results/").status_code == 403


def test_a_page_left_open_restores_no_grant_that_a_colleague_narrowed(
    cast: Cast, alice: Client, dana: Person, sign_in: SignIn
) -> None:
    granted(alice, cast.victor, FULL)
    path = at(cast.victor, "visits")
    drawn = alice.get(path).context["form"]["shown"].value()
    narrow = {"kinds": ["injury"], "how_much": "all", "where": "some"}
    granted(sign_in(dana), cast.victor, {**narrow, "worksites": [cast.plant.pk]})
    late = alice.post(path, {**FULL, "shown": drawn})
    assert late.status_code == 422
    form = late.context["form"]
    assert form["kinds"].value() == FULL["kinds"], "what was typed stays"
    assert {name: list(form.errors[name]) for name in form.errors if name != "__all__"} == {
        "kinds": ["Saved meanwhile: Injury"],
        "where": ["Saved meanwhile: Plant 4"],
    }
    with northwind(cast):
        assert set(grants_of(access_of(cast.victor)).worksites or ()) == {cast.plant.pk}
    again = {**FULL, "shown": form["shown"].value()}
    assert alice.post(path, again).status_code == 302, "having seen it, one may replace it"


def test_a_worksite_that_closed_stays_granted_until_it_is_taken_away(
    cast: Cast, alice: Client
) -> None:
    some = {**FULL, "where": "some", "worksites": [cast.plant.pk]}
    granted(alice, cast.victor, some)
    with northwind(cast):
        Worksite.objects.create(employer=cast.northwind, name="Never seen", is_active=False)
        Worksite.objects.filter(pk=cast.plant.pk).update(is_active=False)
    page = alice.get(at(cast.victor, "visits")).content.decode()
    assert "Plant 4 (closed)" in page and "Never seen" not in page
    granted(alice, cast.victor, some)
    with northwind(cast):
        assert set(grants_of(access_of(cast.victor)).worksites or ()) == {cast.plant.pk}


def test_who_was_turned_off_is_told_so_and_can_leave(
    cast: Cast, alice: Client, sign_in: SignIn
) -> None:
    alice.post(at(cast.victor, "off"))
    with northwind(cast):
        cast.victor.user.refresh_from_db()
    page = sign_in(cast.victor).get("/").content.decode()
    assert "You have no access now" in page and cast.victor.user.email in page
    assert 'action="/sign-out/"' in page and "Go to Home" not in page


def test_only_some_worksites_needs_at_least_one(cast: Cast, alice: Client) -> None:
    answer = alice.post(at(cast.victor, "visits"), {**FULL, "where": "some"})
    assert answer.status_code == 422
    assert "Choose at least one worksite." in answer.content.decode()


def test_another_employers_worksite_is_no_choice(cast: Cast, alice: Client) -> None:
    form = {**FULL, "where": "some", "worksites": [cast.yard.pk]}
    assert alice.post(at(cast.victor, "visits"), form).status_code == 422
    assert not events(Action.ACCESS_GRANTED)


def test_an_admin_user_has_no_grants_to_set(cast: Cast, alice: Client, dana: Person) -> None:
    assert alice.get(at(dana, "visits")).status_code == 404


def test_turning_access_off_names_the_consequence_and_works_at_the_next_request(
    cast: Cast, alice: Client, sign_in: SignIn
) -> None:
    victor = sign_in(cast.victor)
    assert "is signed out at once" in alice.get(at(cast.victor, "off")).content.decode()
    alice.post(at(cast.victor, "off"))
    for address in ("/", "/authorizations/", "/results/"):
        answer = victor.get(address)
        assert answer.status_code == 302 and answer["Location"].startswith("/sign-in/")
    alice.post(at(cast.victor, "on"))
    assert access_of(cast.victor).is_active
    told = [e.action for a in ("off", "on") for e in events(f"access:turned_{a}")]
    assert told == ["access:turned_off", "access:turned_on"]


@pytest.mark.parametrize(("what", "form"), [("role", {"role": "view_only"}), ("on", {})])
def test_what_changes_nothing_signs_nobody_out_and_mails_nobody(
    cast: Cast, alice: Client, sign_in: SignIn, what: str, form: dict[str, str]
) -> None:
    victor = sign_in(cast.victor)
    alice.post(at(cast.victor, what), form)
    assert victor.get("/").status_code == 200
    assert not events(Action.ACCESS_ROLE_CHANGED) and not events(Action.ACCESS_TURNED_ON)
    with northwind(cast), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs")
        assert cursor.fetchone() == (0,)


def test_who_gives_up_their_access_is_out_and_an_admin_can_take_them_back(
    cast: Cast, sign_in: SignIn, alice: Client
) -> None:
    victor = sign_in(cast.victor)
    assert "You are signed out at once" in victor.get("/account/people/leave/").content.decode()
    assert victor.post("/account/people/leave/")["Location"] == "/sign-in/"
    assert victor.get("/").status_code == 302
    (event,) = events(Action.ACCESS_TURNED_OFF)
    assert event.actor_id == cast.victor.user.pk
    alice.post(at(cast.victor, "on"))
    assert access_of(cast.victor).is_active


def test_the_last_admin_user_cannot_leave(cast: Cast, alice: Client) -> None:
    answer = alice.post("/account/people/leave/")
    assert answer.status_code == 422 and "last Admin User" in answer.content.decode()
    assert alice.get("/").status_code == 200


def test_whose_address_it_is_at_another_employer_does_not_count(cast: Cast) -> None:
    """As the operator, for whom the database would let everything through."""
    with scope.acting_as(scope.OPERATOR):
        assert queries.has_access_already(cast.southport.pk, cast.bob.user.email)
        assert not queries.has_access_already(cast.northwind.pk, cast.bob.user.email)
