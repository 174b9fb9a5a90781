"""An Admin User keeps the company and its worksites."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from clearwork.audit.models import AuditEvent
from clearwork.authorizations.forms import AuthorizationForm
from clearwork.database import scope
from clearwork.employers import account_actions
from clearwork.employers.models import Contact, Employer, ReportSubscription, Worksite
from tests.cast import Cast

Acting = Callable[[], Any]

COMPANY = {
    "legal_name": "Northwind Freight",
    "street": "1 Harbor Way",
    "city": "Houston",
    "state": "tx",
    "postal_code": "77001",
    "phone": "713-555-0100",
    "billing_address": "PO Box 9\r\nHouston, TX 77001",
    "billing_phone": "",
}
SITE = {"name": "Dock 2", "street": "", "city": "", "state": "", "postal_code": "", "phone": ""}


def shown(client: Client, path: str) -> str:
    value: str = client.get(path).context["form"].initial["shown"]
    return value


def test_the_company_is_saved_and_what_changed_is_on_record(
    alice: Client, cast: Cast, as_northwind: Acting
) -> None:
    path = "/account/company/"
    answer = alice.post(path, {**COMPANY, "shown": shown(alice, path)})
    assert answer["Location"] == "/account/"
    with as_northwind():
        employer = Employer.objects.get()
        event = AuditEvent.objects.get(action="company:changed")
    assert (employer.state, employer.billing_address) == ("TX", "PO Box 9\nHouston, TX 77001")
    assert event.actor_id == cast.alice.user.pk
    assert event.detail["before"]["city"] == ""
    assert event.detail["after"]["city"] == "Houston"
    assert "legal_name" not in event.detail["after"], "it did not change"


def test_the_account_number_is_shown_and_never_taken_from_a_form(
    alice: Client, as_northwind: Acting
) -> None:
    path = "/account/company/"
    assert b"200100" in alice.get(path).content
    alice.post(path, {**COMPANY, "account_number": "999999", "shown": shown(alice, path)})
    with as_northwind():
        assert Employer.objects.get().account_number == "200100"


@pytest.mark.parametrize(
    ("field", "typed", "says"),
    [
        ("legal_name", "", "required"),
        ("legal_name", "N" * 201, "at most 200"),
        ("state", "Texas", "at most 2"),
        ("state", "T1", "two letters"),
        ("postal_code", "7700", "ZIP code"),
        ("postal_code", "77001-1", "ZIP code"),
        ("phone", "call me", "phone number"),
        ("phone", "555", "phone number"),
        ("phone", "x" * 41, "at most 40"),
        ("billing_phone", "<script>", "phone number"),
        ("legal_name", "North\x00wind", "Null characters"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_nothing_is_saved(
    field: str, typed: str, says: str, alice: Client, as_northwind: Acting
) -> None:
    path = "/account/company/"
    answer = alice.post(path, {**COMPANY, field: typed, "shown": shown(alice, path)})
    assert answer.status_code == 422
    assert says in " ".join(answer.context["form"].errors[field])
    with as_northwind():
        assert Employer.objects.get().city == ""


def test_of_two_who_edit_at_once_the_second_sees_what_the_first_saved(
    alice: Client, as_northwind: Acting
) -> None:
    path = "/account/company/"
    drawn = shown(alice, path)
    alice.post(path, {**COMPANY, "city": "Austin", "shown": drawn})
    second = alice.post(path, {**COMPANY, "city": "Houston", "shown": drawn})
    assert second.status_code == 422
    assert "Saved meanwhile: Austin" in second.context["form"].errors["city"]
    with as_northwind():
        assert Employer.objects.get().city == "Austin"
    third = alice.post(
        path, {**COMPANY, "city": "Houston", "shown": second.context["form"]["shown"].value()}
    )
    assert third.status_code == 302, "having seen it, one may replace it"


def test_a_worksite_is_added_with_a_chinese_name(alice: Client, as_northwind: Acting) -> None:
    answer = alice.post("/account/worksites/new/", {**SITE, "name": " 上海仓库 "}, follow=True)
    assert "上海仓库 is added." in answer.content.decode()
    with as_northwind():
        worksite = Worksite.objects.get(name="上海仓库")
        event = AuditEvent.objects.get(subject_id=worksite.pk)
    assert (event.action, event.detail["change"]) == ("worksite:changed", "added")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("", "required"),
        ("   ", "required"),
        ("W" * 300, "at most 120"),
        ("Plant 4", "Another worksite"),
        ("  plant   4 ", "Another worksite"),
        ("PLÁNT 4", "Another worksite"),
    ],
)
def test_a_worksites_name_is_refused_at_its_field(
    name: str, says: str, alice: Client, as_northwind: Acting
) -> None:
    answer = alice.post("/account/worksites/new/", {**SITE, "name": name})
    assert answer.status_code == 422
    assert says in " ".join(answer.context["form"].errors["name"])
    with as_northwind():
        assert Worksite.objects.count() == 1


def test_a_worksite_cannot_take_a_closed_ones_name_but_keeps_its_own(
    alice: Client, cast: Cast, depot: Worksite, as_northwind: Acting
) -> None:
    alice.post(f"/account/worksites/{depot.pk}/close/")
    path = f"/account/worksites/{cast.plant.pk}/"
    taken = alice.post(path, {**SITE, "name": "depot", "shown": shown(alice, path)})
    assert taken.status_code == 422
    kept = {**SITE, "name": "PLANT 4", "shown": shown(alice, path)}
    assert alice.post(path, kept).status_code == 302
    with as_northwind():
        assert Worksite.objects.get(pk=cast.plant.pk).name == "PLANT 4"


def test_two_who_rename_a_worksite_at_once_do_not_overwrite_each_other(
    alice: Client, cast: Cast, as_northwind: Acting
) -> None:
    path = f"/account/worksites/{cast.plant.pk}/"
    drawn = shown(alice, path)
    alice.post(path, {**SITE, "name": "Plant Four", "shown": drawn})
    second = alice.post(path, {**SITE, "name": "Plant IV", "shown": drawn})
    assert "Saved meanwhile: Plant Four" in second.context["form"].errors["name"]


def test_a_new_worksite_can_begin_with_the_people_of_another(
    alice: Client, cast: Cast, ann: Contact, as_northwind: Acting
) -> None:
    with as_northwind():
        account_actions.subscribe(
            by=cast.alice.viewer.actor,
            employer_id=cast.northwind.pk,
            choice=account_actions.Choice([ann.pk], ["audiogram"], [cast.plant.pk]),
        )
    alice.post("/account/worksites/new/", {**SITE, "like": cast.plant.pk})
    with as_northwind():
        rows = ReportSubscription.objects.filter(worksite__name="Dock 2")
        assert [(row.contact_id, row.report_type) for row in rows] == [(ann.pk, "audiogram")]


def test_another_employers_worksite_is_no_model_to_copy(
    alice: Client, cast: Cast, as_northwind: Acting
) -> None:
    answer = alice.post("/account/worksites/new/", {**SITE, "like": cast.yard.pk})
    assert answer.status_code == 422
    assert "like" in answer.context["form"].errors


def test_closing_a_worksite_names_the_consequences_and_ends_new_authorizations(
    alice: Client, cast: Cast, depot: Worksite, as_northwind: Acting
) -> None:
    asked = alice.get(f"/account/worksites/{depot.pk}/close/").content
    assert b"No new authorization can name Depot" in asked
    assert b"last open worksite" not in asked
    alice.post(f"/account/worksites/{depot.pk}/close/")
    with as_northwind():
        form = AuthorizationForm(viewer=cast.alice.viewer)
        assert [words for _, words in form.fields["worksite"].widget.choices] == ["Plant 4"]
        assert Worksite.objects.filter(pk=depot.pk, is_active=False).exists(), "closed, not gone"
    assert b"last open worksite" in alice.get(f"/account/worksites/{cast.plant.pk}/close/").content


def test_a_closed_worksite_opens_again(
    alice: Client, depot: Worksite, as_northwind: Acting
) -> None:
    alice.post(f"/account/worksites/{depot.pk}/close/")
    alice.post(f"/account/worksites/{depot.pk}/reopen/")
    with as_northwind():
        assert Worksite.objects.get(pk=depot.pk).is_active
        changes = AuditEvent.objects.filter(subject_id=depot.pk).order_by("at", "id")
        assert [event.detail["change"] for event in changes] == ["closed", "reopened"]


@pytest.mark.parametrize("page", ["", "close/"])
def test_another_employers_worksite_is_a_missing_one(page: str, alice: Client, cast: Cast) -> None:
    path = f"/account/worksites/{cast.yard.pk}/{page}"
    assert alice.get(path).status_code == alice.post(path, SITE).status_code == 404
    with scope.acting_as(scope.OPERATOR):
        yard = Worksite.objects.get(pk=cast.yard.pk)
    assert (yard.name, yard.is_active) == ("Yard", True)


def test_the_home_lists_admin_users_and_view_only_users(alice: Client, cast: Cast) -> None:
    page = alice.get("/account/").content.decode()
    groups = {group.label: group for group in alice.get("/account/").context["users"]}
    assert [str(c) for c in groups["Admin User"].first] == ["Alice Example"]
    assert [str(c) for c in groups["View Only User"].first] == ["Victor Example"]
    assert "Bob Example" not in page
    assert "200100" in page
