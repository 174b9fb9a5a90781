"""Once a quarter an Admin User says of each person whether they still need access."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client

from clearwork.accounts.models import PortalAccess, Role, User
from clearwork.accounts.rules import REVIEW_DAYS
from clearwork.audit.actions import Action
from clearwork.database import scope
from clearwork.foundation import clock
from tests.access.story import access_of, contact_id, events
from tests.cast import Cast, Person, person
from tests.conftest import SignIn

LONG_AGO = timedelta(days=REVIEW_DAYS + 1)


@pytest.fixture
def overdue(cast: Cast, dana: Person) -> None:
    """Everyone's access began longer than a quarter ago; Dana and Alice signed in since."""
    with scope.acting_as(scope.OPERATOR):
        PortalAccess.objects.update(since=clock.now() - LONG_AGO)
        User.objects.filter(pk__in=(cast.alice.user.pk, dana.user.pk)).update(
            last_login=clock.now() - timedelta(days=3)
        )


def reviewed_at(someone: Person) -> datetime | None:
    return access_of(someone).reviewed_at


def test_an_overdue_review_shows_on_home_with_the_way_there(
    cast: Cast, overdue: None, alice: Client
) -> None:
    home = alice.get("/").content.decode()
    assert "The access of 3 people was not confirmed for a quarter." in " ".join(home.split())
    assert 'href="/account/people/review/"' in home


def test_who_may_not_review_is_not_told_of_it(cast: Cast, overdue: None, sign_in: SignIn) -> None:
    victor = sign_in(cast.victor)
    assert "Access review overdue" not in victor.get("/").content.decode()
    assert victor.get("/account/people/review/").status_code == 403
    assert victor.post("/account/people/review/", {"confirm_in_use": "1"}).status_code == 403
    assert reviewed_at(cast.alice) is None


def test_nothing_is_due_in_the_first_quarter(cast: Cast, alice: Client) -> None:
    assert "Access review overdue" not in alice.get("/").content.decode()
    assert "Review done" in alice.get("/account/people/review/").content.decode()


def test_who_has_not_signed_in_for_90_days_is_marked_with_a_word(
    cast: Cast, overdue: None, alice: Client
) -> None:
    page = alice.get("/account/people/review/").content.decode()
    victors_row = page[page.index("victor@northwind.example") :].split("</tr>")[0]
    alices_row = page[page.index("alice@northwind.example") :].split("</tr>")[0]
    assert "Not for 90 days" in victors_row and "Never" in victors_row
    assert "Not for 90 days" not in alices_row


def test_each_person_is_confirmed_or_turned_off_in_one_form(
    cast: Cast, dana: Person, overdue: None, alice: Client, sign_in: SignIn
) -> None:
    victor = sign_in(cast.victor)
    choices = {
        f"choice-{access_of(dana).pk}": "keep",
        f"choice-{access_of(cast.victor).pk}": "remove",
    }
    answer = alice.post("/account/people/review/", choices, follow=True)
    assert "1 confirmed, 1 turned off." in answer.content.decode()
    assert reviewed_at(dana) is not None
    assert not access_of(cast.victor).is_active
    assert victor.get("/").status_code == 302
    assert reviewed_at(cast.alice) is None, "undecided stays as it was"
    (event,) = events(Action.ACCESS_REVIEWED)
    assert (event.subject_id, event.actor_id) == (contact_id(dana), cast.alice.user.pk)


def test_all_who_signed_in_lately_are_confirmed_at_once_and_nobody_else(
    cast: Cast, dana: Person, overdue: None, alice: Client
) -> None:
    with scope.acting_as(scope.OPERATOR):
        User.objects.filter(pk=cast.victor.user.pk).update(last_login=clock.now() - LONG_AGO)
    alice.post("/account/people/review/", {"confirm_in_use": "1"})
    assert reviewed_at(cast.alice) and reviewed_at(dana) and not reviewed_at(cast.victor)
    assert len(events(Action.ACCESS_REVIEWED)) == 2
    home = " ".join(alice.get("/").content.decode().split())
    assert "One person's access was not confirmed for a quarter." in home


def test_one_does_not_turn_oneself_off_in_a_review(
    cast: Cast, dana: Person, overdue: None, alice: Client
) -> None:
    alice.post("/account/people/review/", {f"choice-{access_of(cast.alice).pk}": "remove"})
    assert access_of(cast.alice).is_active


def test_another_employers_people_cannot_be_reviewed(
    cast: Cast, overdue: None, alice: Client
) -> None:
    alice.post("/account/people/review/", {f"choice-{access_of(cast.bob).pk}": "remove"})
    bobs = access_of(cast.bob)
    assert bobs.is_active and bobs.reviewed_at is None


def test_a_review_of_hundreds_fits_one_form(cast: Cast, alice: Client, sign_in: SignIn) -> None:
    """Django refuses forms of more than 1,000 fields: a page shows at most 200 people."""
    with scope.acting_as(scope.OPERATOR):
        for i in range(205):
            person(cast.northwind, f"P{i:03}", Role.VIEW_ONLY)
    page = alice.get("/account/people/review/").content.decode()
    assert page.count('value="keep"') == 200
    assert "The 200 longest unconfirmed are shown." in page
