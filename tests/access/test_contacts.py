"""The list of contacts, one contact's page, and what is written down of a person."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clearwork.access import queries
from clearwork.access.queries import Which
from clearwork.accounts.actions import VisitActivity
from clearwork.accounts.models import PortalAccess, Role
from clearwork.audit.actions import Action
from clearwork.database import embedded, scope
from clearwork.database.address import DATABASE
from clearwork.employers.models import Contact, ReportSubscription
from clearwork.employers.rules import ReportType
from tests.access.story import access_of, contact_id, events, let_see, northwind
from tests.cast import Cast, person
from tests.conftest import SignIn
from tests.environment import DATA

type NewContact = Callable[..., Contact]


def listed(cast: Cast, which: str = "", typed: str = "") -> list[str]:
    with northwind(cast):
        page = queries.page(cast.alice.viewer, queries.listed(cast.alice.viewer, which, typed), "")
        return [row.contact.first_name for row in page.rows]


def edit_page(client: Client, contact: Contact) -> tuple[str, str]:
    """Its address, and what it tells of what it shows."""
    path = f"/account/people/{contact.pk}/edit/"
    return path, client.get(path).context["form"]["shown"].value()


def test_the_list_tells_admin_users_view_only_users_and_the_others_apart(
    cast: Cast, new_contact: NewContact
) -> None:
    new_contact("Carla")
    with scope.acting_as(scope.OPERATOR):
        left = person(cast.northwind, "Lee", Role.ADMIN)
        PortalAccess.objects.filter(user=left.user).update(is_active=False)
    assert listed(cast) == ["Carla", "Alice", "Lee", "Victor"]
    assert listed(cast, Which.ADMIN) == ["Alice"]
    assert listed(cast, Which.VIEW_ONLY) == ["Victor"]
    assert listed(cast, Which.NONE) == ["Carla"]
    assert listed(cast, Which.OFF) == ["Lee"]
    assert listed(cast, Which.REMOVED) == []


@pytest.mark.parametrize("typed", ["josé", "NUNEZ", "Núñez, José", "jose nun"])
def test_a_contact_is_found_by_the_start_of_either_name(
    cast: Cast, new_contact: NewContact, typed: str
) -> None:
    new_contact("José", "Núñez")
    assert listed(cast, typed=typed) == ["José"]


def test_a_renamed_contact_is_found_by_the_new_name_alone(
    cast: Cast, new_contact: NewContact, alice: Client
) -> None:
    contact = new_contact("Ana", "Silva")
    facts = {"first_name": "Ana", "last_name": "Castillo"}
    path, shown = edit_page(alice, contact)
    assert alice.post(path, {**facts, "shown": shown}).status_code == HTTPStatus.FOUND
    assert listed(cast, typed="castillo") == ["Ana"]
    assert listed(cast, typed="silva") == []


def test_paging_shows_each_contact_once(cast: Cast) -> None:
    with northwind(cast):
        same_names = [
            Contact(employer=cast.northwind, first_name="Same", last_name=f"Name{i % 3}")
            for i in range(70)
        ]
        Contact.objects.bulk_create(same_names)
        seen, after = [], ""
        while True:
            found = queries.listed(cast.alice.viewer, "", "same")
            page = queries.page(cast.alice.viewer, found, after)
            seen += [row.contact.pk for row in page.rows]
            after = page.next
            if not after:
                break
    assert len(seen) == 70 and len(set(seen)) == 70


@pytest.mark.parametrize("after", ["nonsense", "98576c77-818d-46e5-b403-d87b1a2596b3"])
def test_a_cursor_that_makes_no_sense_shows_the_first_page(alice: Client, after: str) -> None:
    assert "Alice Example" in alice.get("/account/people/", {"after": after}).content.decode()


def test_five_thousand_contacts_cost_as_many_queries_as_three(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.alice)
    few = _queries(client, "/account/people/?q=wor")
    with northwind(cast):
        Contact.objects.bulk_create(
            Contact(employer=cast.northwind, first_name=f"Worker{i}", last_name=f"Of{i % 997}")
            for i in range(5_000)
        )
    for address in (
        "/account/people/",
        "/account/people/?q=worker49",
        "/account/people/?which=none",
    ):
        assert _queries(client, address) <= few + 1, address  # + the invitations of this page


def test_the_database_finds_names_by_their_index(committed_cast: Cast) -> None:
    cast = committed_cast
    with northwind(cast):
        Contact.objects.bulk_create(
            Contact(employer=cast.northwind, first_name=f"Worker{i}", last_name=f"Of{i % 997}")
            for i in range(5_000)
        )
    with embedded.connect(Path(DATA), DATABASE) as superuser:
        superuser.execute("ANALYZE employers_contact")
    with northwind(cast):
        first_page = queries.listed(cast.alice.viewer, "", "").values("pk")[:26].explain()
        by_name = queries.listed(cast.alice.viewer, "", "worker4999").values("pk")[:26].explain()
    assert "contact_listed" in first_page and "Seq Scan" not in first_page
    assert "contact_name_key" in by_name and "Seq Scan" not in by_name


def _queries(client: Client, address: str) -> int:
    with scope.acting_as(scope.ANONYMOUS), CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == HTTPStatus.OK
    return len(captured)


def test_a_contacts_page_says_role_and_powers_in_plain_words(
    cast: Cast, sign_in: SignIn, alice: Client
) -> None:
    let_see(cast, cast.victor, VisitActivity(injury=True, worksites=(cast.plant,)))
    page = alice.get(f"/account/people/{contact_id(cast.victor)}/").content.decode()
    assert "View Only User" in page
    assert "See injury results of Plant 4." in page
    assert "Cannot see authorizations created by others." in page
    assert "Injury at Plant 4" in page, "the history tells what was granted"
    assert "No visit activity" in page, "and what was before"


def test_a_view_only_user_reads_their_own_contact_and_nobody_elses(
    cast: Cast, sign_in: SignIn
) -> None:
    victor = sign_in(cast.victor)
    answer = victor.get("/account/people/me/", follow=True)
    assert "What you can see and do" in answer.content.decode()
    assert "History of access" not in answer.content.decode()
    assert victor.get(f"/account/people/{contact_id(cast.alice)}/").status_code == 404
    assert victor.get("/account/people/").status_code == 403
    own = contact_id(cast.victor)
    for change in ("edit", "remove", "role", "off", "visits", "invite"):
        assert victor.get(f"/account/people/{own}/{change}/").status_code == 403, change


def test_only_who_may_open_it_has_account_information_in_the_navigation(
    cast: Cast, sign_in: SignIn
) -> None:
    admins, viewers = (sign_in(p).get("/").content.decode() for p in (cast.alice, cast.victor))
    assert '<a href="/results/"' in admins and '<a href="/results/"' not in viewers
    assert "<span>My account</span>" in viewers and "<span>My account</span>" not in admins


def test_a_new_contact_is_added_and_a_wrong_one_sent_back(cast: Cast, alice: Client) -> None:
    wrong = alice.post("/account/people/add/", {"first_name": "Ana", "email": "no address"})
    assert wrong.status_code == 422
    assert b"Enter a valid email address" in wrong.content
    facts = {"first_name": "Ana", "last_name": "Silva", "email": " ana@northwind.example "}
    added = alice.post("/account/people/add/", facts, follow=True)
    assert "Ana Silva is now a contact." in added.content.decode()
    assert events(Action.CONTACT_CHANGED)[0].detail == {"change": "added"}


def test_the_trail_names_the_fields_that_changed_not_what_was_in_them(
    cast: Cast, new_contact: NewContact, alice: Client
) -> None:
    contact = new_contact("Ana", "Silva")
    facts = {"first_name": "Ana", "last_name": "Silva", "phone": "555-0100"}
    path, shown = edit_page(alice, contact)
    alice.post(path, {**facts, "shown": shown})
    (event,) = events(Action.CONTACT_CHANGED)
    assert event.detail == {"change": "edited", "fields": ["phone"]}
    assert "Contact edited: phone" in alice.get(f"/account/people/{contact.pk}/").content.decode()


def test_a_page_left_open_restores_no_email_that_a_colleague_corrected(
    cast: Cast, new_contact: NewContact, alice: Client
) -> None:
    contact = new_contact("Ana", "Silva", email="anna@northwind.example")
    facts = {"first_name": "Ana", "last_name": "Silva", "email": contact.email, "phone": "555-0100"}
    path, drawn = edit_page(alice, contact)
    alice.post(path, {**facts, "email": "ana@northwind.example", "phone": "", "shown": drawn})
    late = alice.post(path, {**facts, "shown": drawn})
    form = late.context["form"]
    assert late.status_code == 422 and form["phone"].value() == "555-0100", "what was typed stays"
    assert form.errors["email"] == ["Saved meanwhile: ana@northwind.example"]
    assert form.errors["phone"] == ["Saved meanwhile: (empty)"]
    with northwind(cast):
        assert Contact.objects.get(pk=contact.pk).email == "ana@northwind.example"
    again = alice.post(path, {**facts, "shown": form["shown"].value()})
    assert again.status_code == HTTPStatus.FOUND, "having seen it, one may replace it"


def test_removing_a_contact_ends_access_and_reports_and_keeps_the_record(
    cast: Cast, sign_in: SignIn, alice: Client
) -> None:
    pk = contact_id(cast.victor)
    victor = sign_in(cast.victor)
    with northwind(cast):
        ReportSubscription.objects.create(
            employer=cast.northwind,
            contact_id=pk,
            report_type=ReportType.AUDIOGRAM,
            worksite=cast.plant,
        )
    assert "signed out at once" in alice.get(f"/account/people/{pk}/remove/").content.decode()
    alice.post(f"/account/people/{pk}/remove/")
    assert victor.get("/").status_code == HTTPStatus.FOUND
    assert not access_of(cast.victor).is_active
    with northwind(cast):
        assert not ReportSubscription.objects.exists()
    assert listed(cast) == ["Alice"] and listed(cast, Which.REMOVED) == ["Victor"]
    assert "was removed" in alice.get(f"/account/people/{pk}/").content.decode()
    assert alice.post(f"/account/people/{pk}/on/").status_code == 404, "not by the back door"


def test_a_contact_removed_by_mistake_comes_back_without_access_until_it_is_turned_on(
    cast: Cast, alice: Client
) -> None:
    pk = contact_id(cast.victor)
    alice.post(f"/account/people/{pk}/remove/")
    assert "Restore contact" in alice.get(f"/account/people/{pk}/").content.decode()
    page = alice.post(f"/account/people/{pk}/restore/", follow=True).content.decode()
    assert "a contact again, without portal access" in page
    assert listed(cast, Which.OFF) == ["Victor"] and not access_of(cast.victor).is_active
    alice.post(f"/account/people/{pk}/on/")
    assert access_of(cast.victor).is_active
    changes = [event.detail["change"] for event in events(Action.CONTACT_CHANGED)]
    assert changes == ["removed", "restored"]


def test_the_last_admin_user_cannot_be_removed(cast: Cast, alice: Client) -> None:
    answer = alice.post(f"/account/people/{contact_id(cast.alice)}/remove/")
    assert answer.status_code == 422
    assert "last Admin User" in answer.content.decode()
    assert access_of(cast.alice).is_active and listed(cast) == ["Alice", "Victor"]


def test_the_history_of_access_is_exported_with_names_ids_and_no_formula(
    cast: Cast, alice: Client, new_contact: NewContact
) -> None:
    evil = new_contact("=HYPERLINK(1)", "Evil", email="evil@northwind.example")
    alice.post(
        f"/account/people/{evil.pk}/invite/",
        {"email": "evil@northwind.example", "role": "view_only"},
    )
    let_see(cast, cast.victor, VisitActivity(non_injury=True, worksites=(cast.plant,)))
    answer = alice.get("/account/people/history.csv")
    assert answer["Content-Type"].startswith("text/csv")
    text = answer.content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["What"] for row in rows] == ["Visit activity changed", "Invited"]
    granted, invited = rows
    assert granted["Before"] == "No visit activity" and granted["By"] == "Alice Example"
    assert granted["After"] == "Non-injury at Plant 4"
    assert granted["Subject id"] == str(contact_id(cast.victor))
    assert invited["Person"] == "'=HYPERLINK(1) Evil" and invited["After"] == "View Only User"


def test_another_employers_history_is_not_in_the_export(cast: Cast, sign_in: SignIn) -> None:
    let_see(cast, cast.victor, VisitActivity(injury=True))
    rows = sign_in(cast.bob).get("/account/people/history.csv").content.decode().splitlines()
    assert len(rows) == 1
