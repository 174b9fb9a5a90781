"""One login, two employers: a switch at the top."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client

from clearwork.accounts.actions import turn_off
from clearwork.accounts.models import PortalAccess, Role
from clearwork.database import scope
from clearwork.employers.models import Contact
from tests.access.story import northwind
from tests.cast import Cast
from tests.conftest import SignIn
from tests.database.stage import northwinds, southports


@pytest.fixture
def at_both(cast: Cast) -> PortalAccess:
    """Alice is View Only User at Southport too."""
    with scope.acting_as(scope.OPERATOR):
        contact = Contact.objects.create(
            employer=cast.southport, first_name="Alice", last_name="Example"
        )
        return PortalAccess.objects.create(
            employer=cast.southport, user=cast.alice.user, contact=contact, role=Role.VIEW_ONLY
        )


@pytest.fixture
def alice(cast: Cast, at_both: PortalAccess, sign_in: SignIn) -> Client:
    return sign_in(cast.alice)


def switch(client: Client, employer_id: object) -> int:
    return client.post("/account/people/switch/", {"employer": str(employer_id)}).status_code


@pytest.mark.usefixtures("layers")
def test_the_switch_names_the_other_employer_and_leads_there(cast: Cast, alice: Client) -> None:
    assert "Switch to Southport Tile" in alice.get("/").content.decode()
    assert switch(alice, cast.southport.pk) == 302
    page = alice.get("/").content.decode()
    assert "Switch to Northwind Freight" in page and "<h1>" in page
    assert alice.get("/account/people/").status_code == 403, "a View Only User here"


def test_each_employers_records_stay_its_own(cast: Cast, alice: Client) -> None:
    ours, theirs = northwinds(cast), southports(cast)
    address = "/authorizations/{}/".format
    assert alice.get(address(ours.authorization.pk)).status_code == 200
    switch(alice, cast.southport.pk)
    missing = alice.get(address(ours.authorization.pk))
    assert missing.status_code == 404
    assert "You act for Southport Tile now." in missing.content.decode(), "a mail led her here"
    assert alice.get(address(theirs.authorization.pk)).status_code == 404, "Bob's, not hers"


def test_a_page_of_the_employer_one_left_changes_nothing_at_the_other(
    cast: Cast, alice: Client
) -> None:
    """Open in another tab: a person typed there would become the other employer's."""
    alice.handler.enforce_csrf_checks = True
    alice.get("/")
    token = alice.cookies["csrftoken"].value

    def sent(path: str, **form: object) -> int:
        return alice.post(path, {"csrfmiddlewaretoken": token, **form}).status_code

    assert sent("/employees/new/") == 422, "read, though nothing is filled in"
    assert sent("/account/people/switch/", employer=cast.southport.pk) == 302
    assert sent("/employees/new/") == 403
    token = alice.cookies["csrftoken"].value
    assert sent("/employees/new/") == 422


def test_who_has_one_employer_has_no_switch(cast: Cast, sign_in: SignIn) -> None:
    bob = sign_in(cast.bob)
    assert "switch/" not in bob.get("/").content.decode()
    assert "You act for" not in bob.get(f"/results/{uuid4()}/").content.decode()
    for wanted in (cast.southport.pk, cast.northwind.pk, uuid4(), "nonsense", ""):
        assert switch(bob, wanted) == 404, wanted
    assert "Southport Tile" in bob.get("/").content.decode()


def test_access_turned_off_here_leaves_the_other_employer(
    cast: Cast, alice: Client, at_both: PortalAccess, sign_in: SignIn
) -> None:
    with scope.acting_as(scope.employer(cast.southport.pk)):
        turn_off(by=cast.bob.viewer.actor, access=at_both)
    assert alice.get("/").status_code == 302, "sessions end"
    with scope.acting_as(scope.ANONYMOUS):
        cast.alice.user.refresh_from_db()
    again = sign_in(cast.alice)
    assert "Northwind Freight" in again.get("/").content.decode()
    assert switch(again, cast.southport.pk) == 404


def test_in_a_preview_there_is_no_switch(cast: Cast, alice: Client) -> None:
    with northwind(cast):
        victors = PortalAccess.objects.get(user=cast.victor.user).contact_id
    alice.post(f"/account/people/{victors}/preview/")
    assert "switch/" not in alice.get("/").content.decode()
    assert switch(alice, cast.southport.pk) == 403
