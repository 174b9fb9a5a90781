"""One employee: added, changed, left; and who may."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from clearwork.audit.actions import Action
from clearwork.authorizations.actions import authorize
from clearwork.database import scope
from clearwork.employers.models import Worksite
from clearwork.foundation import clock
from clearwork.people.models import Employee
from tests.cast import BORN, Cast, Person
from tests.conftest import SignIn
from tests.exchange.records import events, kept

NEW = reverse("roster:new")


def address(name: str, employee: Employee) -> str:
    return reverse(f"roster:{name}", args=[employee.pk])


def filled(site: Worksite, **changes: Any) -> dict[str, Any]:
    usual = {
        "first_name": "Ana",
        "last_name": "Ruiz",
        "date_of_birth": "1990-02-03",
        "employee_number": "E-5",
        "worksite": str(site.pk),
        "job_title": "Welder",
        "hire_date": "2020-05-06",
        "is_dot_driver": "on",
        "phone": "214-555-0100",
        "email": "ana@example.com",
        "language": "es",
    }
    return {**usual, **changes}


def stored(pk: UUID) -> Employee:
    with scope.acting_as(scope.OPERATOR):
        return Employee.objects.get(pk=pk)


def errors(answer: Any) -> dict[str, list[str]]:
    assert answer.status_code == 422, answer.status_code
    found: dict[str, list[str]] = answer.context["form"].errors
    return found


# Adding


def test_a_new_employee_has_all_that_was_written_down(alice: Client, cast: Cast) -> None:
    answer = alice.post(NEW, filled(cast.plant), follow=True)
    employee = stored(answer.context["employee"].pk)
    assert (employee.first_name, employee.name_key) == ("Ana", "ana ruiz")
    assert (employee.date_of_birth, employee.hire_date) == (date(1990, 2, 3), date(2020, 5, 6))
    assert (employee.is_dot_driver, employee.language) == (True, "es")
    assert (employee.phone, employee.email) == ("214-555-0100", "ana@example.com")
    assert (employee.job_title, employee.worksite_id) == ("Welder", cast.plant.pk)
    assert employee.employer_id == cast.northwind.pk and employee.is_active
    assert [e.subject_id for e in events(Action.EMPLOYEE_ADDED)] == [employee.pk]


def test_a_name_a_birth_date_and_a_worksite_are_enough(alice: Client, cast: Cast) -> None:
    needed = ("first_name", "last_name", "date_of_birth", "worksite", "language")
    few = {name: filled(cast.plant)[name] for name in needed}
    assert alice.post(NEW, few).status_code == 302


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("first_name", " "),
        ("last_name", "x" * 101),
        ("date_of_birth", f"{clock.today() + timedelta(days=1)}"),
        ("date_of_birth", "1899-12-31"),
        ("date_of_birth", "2001-02-29"),
        ("hire_date", "1990-02-03"),
        ("hire_date", f"{clock.today() + timedelta(days=400)}"),
        ("worksite", ""),
        ("worksite", "0192f5f0-0000-7000-8000-000000000000"),
        ("phone", "ask Bob"),
        ("email", "ana@"),
        ("language", "fr"),
        ("employee_number", "N-1"),  # Maria's
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nobody_is_added(
    field: str, value: str, alice: Client, cast: Cast
) -> None:
    before = kept()
    assert list(errors(alice.post(NEW, filled(cast.plant, **{field: value})))) == [field]
    assert kept() == before


def test_a_worksite_of_another_employer_or_a_closed_one_is_no_choice(
    alice: Client, cast: Cast, depot: Worksite
) -> None:
    with scope.acting_as(scope.OPERATOR):
        Worksite.objects.filter(pk=depot.pk).update(is_active=False)
    for site in (cast.yard, depot):
        assert list(errors(alice.post(NEW, filled(site)))) == ["worksite"]
        moved = as_shown(alice, cast.maria, worksite=str(site.pk))
        assert list(errors(alice.post(address("edit", cast.maria), moved))) == ["worksite"]


def maria_again(cast: Cast, **changes: Any) -> dict[str, Any]:
    same = {"first_name": "GARCIA", "last_name": "María", "date_of_birth": f"{BORN}"}
    return filled(cast.plant, **same, **changes)


def test_the_same_name_and_birth_date_is_asked_about_before_adding(
    alice: Client, cast: Cast
) -> None:
    born_later = {"date_of_birth": "1990-02-03", "employee_number": "N-500"}
    younger = {**maria_again(cast), **born_later}
    assert alice.post(NEW, younger).status_code == 302, "someone else"
    before = kept()
    answer = alice.post(NEW, maria_again(cast))
    assert errors(answer) == {} and kept() == before
    text = answer.content.decode()
    assert "Is it this person?" in text and address("employee", cast.maria) in text
    assert str(cast.other_maria.pk) not in text, "another employer's"
    assert alice.post(NEW, maria_again(cast, anyway="1")).status_code == 302
    assert (kept() - before)["employees"] == 1


def test_a_view_only_user_adds_where_they_were_granted(
    dan: Person, dora: Employee, cast: Cast, sign_in: SignIn
) -> None:
    browser = sign_in(dan)
    assert list(errors(browser.post(NEW, filled(cast.plant)))) == ["worksite"]
    with scope.acting_as(scope.OPERATOR):
        depot = Worksite.objects.get(pk=dora.worksite_id)
    assert browser.post(NEW, filled(depot)).status_code == 302
    # Nobody hints at a namesake where this person may not look.
    again = maria_again(cast, employee_number="")
    assert browser.post(NEW, {**again, "worksite": str(depot.pk)}).status_code == 302


# Changing


def as_shown(client: Client, employee: Employee, **changes: Any) -> dict[str, Any]:
    """What the browser sends of the edit page it was shown."""
    form = client.get(address("edit", employee)).context["form"]
    fields = {field.name: field.value() for field in form}
    fields["date_of_birth"] = f"{fields['date_of_birth']}"
    return {k: v for k, v in {**fields, **changes}.items() if v not in (None, False)}


def test_a_change_is_saved_and_its_fields_are_named_in_the_trail(
    alice: Client, cast: Cast, depot: Worksite
) -> None:
    sent = as_shown(alice, cast.maria, last_name="Núñez", worksite=str(depot.pk))
    assert alice.post(address("edit", cast.maria), sent).status_code == 302
    maria = stored(cast.maria.pk)
    assert (maria.last_name, maria.name_key, maria.worksite_id) == (
        "Núñez",
        "maria nunez",
        depot.pk,
    )
    (event,) = events(Action.EMPLOYEE_CHANGED)
    assert event.detail == {"fields": ["last_name", "worksite"]}
    assert (event.subject_id, event.actor_id) == (maria.pk, cast.alice.user.pk)


def test_saving_what_is_there_already_changes_and_notes_nothing(alice: Client, cast: Cast) -> None:
    assert alice.post(address("edit", cast.maria), as_shown(alice, cast.maria)).status_code == 302
    assert events(Action.EMPLOYEE_CHANGED) == []


def test_of_two_who_edit_at_once_the_second_is_told(alice: Client, cast: Cast) -> None:
    first, second = (as_shown(alice, cast.maria, job_title=job) for job in ("Clerk", "Cook"))
    assert alice.post(address("edit", cast.maria), first).status_code == 302
    answer = alice.post(address("edit", cast.maria), second)
    assert "Saved meanwhile: Clerk" in str(errors(answer)["job_title"])
    assert stored(cast.maria.pk).job_title == "Clerk"
    again = {**second, "shown": answer.context["form"]["shown"].value()}
    assert alice.post(address("edit", cast.maria), again).status_code == 302
    assert stored(cast.maria.pk).job_title == "Cook"


def test_a_number_or_a_name_that_is_anothers_is_told(alice: Client, cast: Cast) -> None:
    taken = as_shown(alice, cast.maria, employee_number="N-2")
    assert list(errors(alice.post(address("edit", cast.maria), taken))) == ["employee_number"]
    wei = as_shown(alice, cast.wei, first_name="Maria", last_name="Garcia")
    answer = alice.post(address("edit", cast.wei), wei)
    assert errors(answer) == {} and "Is it this person?" in answer.content.decode()
    assert alice.post(address("edit", cast.wei), {**wei, "anyway": "1"}).status_code == 302


def test_who_works_at_a_closed_worksite_may_stay_there(
    alice: Client, dora: Employee, depot: Worksite
) -> None:
    with scope.acting_as(scope.OPERATOR):
        Worksite.objects.filter(pk=depot.pk).update(is_active=False)
    sent = as_shown(alice, dora, job_title="Clerk")
    assert alice.post(address("edit", dora), sent).status_code == 302


# Leaving and coming back


def test_who_left_is_no_longer_suggested_and_may_come_back(alice: Client, cast: Cast) -> None:
    suggest = reverse("people:suggest")
    assert (
        "They are no longer suggested" in alice.get(address("leave", cast.maria)).content.decode()
    )
    for _ in range(2):  # pressed twice
        assert alice.post(address("leave", cast.maria)).status_code == 302
    assert "radio" not in alice.get(suggest, {"employee_search": "mar"}).content.decode()
    page = alice.get(address("employee", cast.maria)).content.decode()
    assert "left the company" in page and "put them back on the list" in page
    assert "Authorize care" not in page, "the form would refuse it"
    for _ in range(2):
        assert alice.post(address("come_back", cast.maria)).status_code == 302
    assert "radio" in alice.get(suggest, {"employee_search": "mar"}).content.decode()
    assert len(events(Action.EMPLOYEE_LEFT)) == len(events(Action.EMPLOYEE_RETURNED)) == 1


# Who may


def test_at_another_worksite_than_one_may_see_is_a_missing_employee(
    dan: Person, dora: Employee, cast: Cast, sign_in: SignIn
) -> None:
    browser = sign_in(dan)
    assert browser.get(address("employee", dora)).status_code == 200
    assert browser.get(address("employee", cast.maria)).status_code == 404
    text = browser.get(reverse("people:suggest"), {"employee_search": "mar"}).content.decode()
    assert str(cast.maria.pk) not in text
    text = browser.get(reverse("people:suggest"), {"employee_search": "dor"}).content.decode()
    assert str(dora.pk) in text


def test_a_view_only_user_reads_and_adds_but_changes_nothing(cast: Cast, sign_in: SignIn) -> None:
    victor = sign_in(cast.victor)
    page = victor.get(address("employee", cast.maria)).content.decode()
    assert "Authorize care" in page
    for name in ("edit", "leave", "come_back"):
        assert address(name, cast.maria) not in page
        assert victor.post(address(name, cast.maria)).status_code == 403
    assert (
        address("edit", cast.maria)
        in sign_in(cast.alice).get(address("employee", cast.maria)).content.decode()
    )


def test_an_authorization_leads_to_its_employee_for_who_may_see_them(
    dan: Person, cast: Cast, sign_in: SignIn, alice: Client
) -> None:
    """Dan once authorized Maria, who works where he may not look now."""
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        made = authorize(cast.order(), by=dan.viewer)
    page = reverse("authorizations:detail", args=[made.pk])
    assert address("employee", cast.maria) in alice.get(page).content.decode()
    dans = sign_in(dan).get(page).content.decode()
    assert "Maria Garcia" in dans and address("employee", cast.maria) not in dans
