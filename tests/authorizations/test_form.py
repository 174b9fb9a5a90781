"""What a form begins with, what it keeps, and changing an order by it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clearwork.accounts.models import PortalAccess
from clearwork.authorizations import actions, drafts, jobs, keeping, prefill
from clearwork.authorizations.models import Authorization, DotTestOrder, Draft
from clearwork.authorizations.rules import State
from clearwork.centers.actions import Package, add_package
from clearwork.centers.models import (
    EmployerDefaults,
    MedicalCenter,
    PackagedService,
    Service,
    ServicePackage,
)
from clearwork.database import scope
from clearwork.employers.models import Worksite
from clearwork.foundation import clock
from clearwork.people.models import Employee
from tests.authorizations.conftest import filled_in
from tests.authorizations.test_document import DOT
from tests.cast import Cast, Person, offer_everything
from tests.conftest import SignIn
from tests.exchange.records import kept

NEW = reverse("authorizations:new")
DOT_TYPED = {
    **{f"dot_{name}": value for name, value in DOT.items() if name not in ("donor_id", "observed")},
    "dot_observed": "no",
}


@pytest.fixture
def drug_test(cast: Cast) -> Service:
    with scope.acting_as(scope.OPERATOR):
        test = Service.objects.create(
            code="DRUG", name="DOT drug test", kind="non_injury", dot_test="drug", with_injury=True
        )
        offer_everything(cast)
    return test


def authorized(cast: Cast, by: Person | None = None, **changes: Any) -> Authorization:
    by = by or cast.alice
    with scope.acting_as(scope.employer(by.viewer.employer_id)):
        return actions.authorize(cast.order(**changes), by=by.viewer)


def first_values(client: Client, **query: Any) -> dict[str, Any]:
    answer = client.get(NEW, query)
    assert answer.status_code == 200
    form = answer.context["form"]
    return {name: form[name].value() for name in form.fields}


def edit(made: Authorization) -> str:
    return reverse("authorizations:edit", args=[made.pk])


def stored() -> Authorization:
    with scope.acting_as(scope.OPERATOR):
        return Authorization.objects.get()


# What it begins with


def test_an_injury_begins_today_now_with_the_first_visit(alice: Client, cast: Cast) -> None:
    values = first_values(alice, kind="injury")
    now = clock.now().astimezone()
    assert values["injury_date"] == now.date() and values["services"] == [cast.injury_care.pk]
    assert abs(values["injury_time"].hour - now.hour) in (0, 1, 23)


def test_it_begins_with_the_employers_defaults(alice: Client, cast: Cast) -> None:
    with scope.acting_as(scope.OPERATOR):
        EmployerDefaults.objects.create(
            employer=cast.northwind, center=cast.mesa, billing_note="Cost center 9"
        )
    values = first_values(alice)
    assert (values["center"], values["billing_note"]) == (cast.mesa.pk, "Cost center 9")
    with scope.acting_as(scope.OPERATOR):
        MedicalCenter.objects.update(is_active=False)
    assert first_values(alice)["center"] is None


def test_it_begins_where_one_was_last_and_with_ones_own_laboratory(cast: Cast) -> None:
    """As the operator; a colleague's worksite and another employer's DOT test came later."""
    with scope.acting_as(scope.OPERATOR):
        depot = Worksite.objects.create(employer=cast.northwind, name="Depot", state="AZ")
        own = actions.authorize(cast.order(worksite=depot), by=cast.alice.viewer)
        actions.authorize(cast.order(), by=cast.victor.viewer)
        other = cast.order(employee=cast.other_maria, worksite=cast.yard)
        theirs = actions.authorize(other, by=cast.bob.viewer)
        for made, laboratory in ((own, "Desert Lab"), (theirs, "Other Lab")):
            DotTestOrder.objects.create(
                employer_id=made.employer_id, authorization=made, laboratory_name=laboratory
            )
        begins = prefill.initial(cast.alice.viewer, {})
    assert (begins["worksite"], begins["dot_laboratory_name"]) == (depot.pk, "Desert Lab")


@pytest.mark.parametrize(("modality", "days"), [("in_center", 30), ("telemed", 7)])
def test_the_last_day_is_the_modalitys(alice: Client, modality: str, days: int) -> None:
    expires = first_values(alice, modality=modality)["expires"]
    assert expires == clock.today() + timedelta(days=days)


def test_a_package_fills_in_its_services(alice: Client, cast: Cast) -> None:
    with scope.acting_as(scope.OPERATOR):
        package = ServicePackage.objects.create(
            employer=cast.northwind, name="Driver", kind="non_injury", reason="periodic"
        )
        for service in (cast.dot_physical, cast.audiogram):
            PackagedService.objects.create(
                employer=cast.northwind, package=package, service=service
            )
    values = first_values(alice, package=str(package.pk))
    assert set(values["services"]) == {cast.dot_physical.pk, cast.audiogram.pk}
    assert values["reason"] == "periodic"


def test_a_template_is_without_the_person_and_a_duplicate_with(alice: Client, cast: Cast) -> None:
    made = authorized(cast, center_note="Fasting", reason="periodic")
    template = first_values(alice, **{"from": str(made.pk)})
    assert template["employee"] is None
    assert (template["center_note"], template["reason"]) == ("Fasting", "periodic")
    assert (template["services"], template["center"]) == ([cast.dot_physical.pk], cast.dallas.pk)
    duplicate = first_values(alice, **{"from": str(made.pk), "how": "duplicate"})
    assert duplicate["employee"] == str(cast.maria.pk)


def test_nothing_of_an_injury_is_copied(alice: Client, cast: Cast) -> None:
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        made = actions.authorize(cast.injury_order(), by=cast.alice.viewer)
    values = first_values(alice, **{"from": str(made.pk), "how": "duplicate"})
    assert values["body_part"] is None and values["what_happened"] is None


def test_a_center_can_be_chosen_before(alice: Client, cast: Cast) -> None:
    assert first_values(alice, center=str(cast.mesa.pk))["center"] == cast.mesa.pk
    assert first_values(alice, center="junk")["center"] is None


def test_one_may_copy_only_what_one_may_see(cast: Cast, sign_in: SignIn) -> None:
    made = authorized(cast, center_note="Fasting")
    for person in (cast.victor, cast.bob):
        values = first_values(sign_in(person), **{"from": str(made.pk), "how": "duplicate"})
        assert values["employee"] is None and values["center_note"] is None
    assert first_values(sign_in(cast.bob), employee=str(cast.maria.pk))["employee"] is None


# DOT tests


def test_a_dot_test_is_refused_until_complete_and_kept_whole(
    alice: Client, cast: Cast, filled: dict[str, Any], drug_test: Service
) -> None:
    form = filled | {"services": [str(drug_test.pk)], "reason": "random"}
    answer = alice.post(NEW, form)
    assert answer.status_code == 422 and kept().authorizations == 0
    page = answer.content.decode()
    assert "A DOT test needs the DOT agency." in page
    made = alice.post(NEW, form | DOT_TYPED, follow=True).content.decode()
    assert "<dd>Dana Whitfield" in made and "Directly observed</dt><dd>No" in made
    with scope.acting_as(scope.OPERATOR):
        test = DotTestOrder.objects.get()
    assert (test.donor_id, test.agency, test.observed) == ("N-1", "fmcsa", False)
    values = first_values(alice)  # the next order knows whom to call, and nothing of Maria
    assert values["dot_der_name"] == "Dana Whitfield" and not values["dot_donor_id"]


def test_another_test_keeps_nothing_of_dot(
    alice: Client, filled: dict[str, Any], drug_test: Service
) -> None:
    assert alice.post(NEW, filled | DOT_TYPED).status_code == 302
    with scope.acting_as(scope.OPERATOR):
        assert not DotTestOrder.objects.exists()


# Bad days


def test_a_center_that_closed_meanwhile_is_told(
    alice: Client, cast: Cast, filled: dict[str, Any]
) -> None:
    with scope.acting_as(scope.OPERATOR):
        MedicalCenter.objects.filter(pk=cast.dallas.pk).update(is_active=False)
    answer = alice.post(NEW, filled)
    assert answer.status_code == 422
    assert "takes no orders any more" in answer.context["form"].errors["center"][0]


def test_a_center_that_does_not_offer_a_service_is_told(
    alice: Client, cast: Cast, filled: dict[str, Any]
) -> None:
    with scope.acting_as(scope.OPERATOR):
        cast.dallas.services.remove(cast.dot_physical)
    error = alice.post(NEW, filled).context["form"].errors["center"][0]
    assert "does not offer: DOT physical" in error


def test_an_employee_who_left_cannot_be_sent(
    alice: Client, cast: Cast, filled: dict[str, Any]
) -> None:
    with scope.acting_as(scope.OPERATOR):
        cast.maria.is_active = False
        cast.maria.save()
    assert "has left" in alice.post(NEW, filled).context["form"].errors["employee"][0]


def test_a_form_sent_again_says_so_and_offers_a_new_one(
    alice: Client, filled: dict[str, Any]
) -> None:
    alice.post(NEW, filled)
    again = alice.post(NEW, filled | {"center_note": "Changed"}, follow=True).content.decode()
    assert "was submitted from this form before" in again
    back = alice.get(NEW, {"sent": filled["submission"]}).content.decode()
    assert "This form was submitted" in back and stored().number in back
    assert "This form was submitted" not in alice.get(NEW, {"sent": str(uuid4())}).content.decode()


def test_submitting_costs_few_queries(alice: Client, filled: dict[str, Any]) -> None:
    alice.get(NEW)  # the first page of a session also notes when it began
    with CaptureQueriesContext(connection) as captured:
        assert alice.post(NEW, filled).status_code == 302
    assert len(captured) <= 8  # and what runs through database.fast


# Someone new


def test_a_new_employee_who_is_on_the_list_is_asked_about(
    alice: Client, cast: Cast, filled: dict[str, Any]
) -> None:
    before = kept()
    new = {"who": "new", "first_name": "GARCIA", "last_name": "María", "employee": ""}
    new |= {"date_of_birth": "1988-04-17"}
    answer = alice.post(NEW, filled | new)
    text = answer.content.decode()
    assert answer.status_code == 422 and kept() - before == {}
    assert "Plant 4 · N-1" in text and f'value="{cast.maria.pk}"' in text, "to be chosen instead"
    with scope.acting_as(scope.OPERATOR):
        Employee.objects.filter(pk=cast.maria.pk).update(is_active=False)
    text = alice.post(NEW, filled | new).content.decode()
    assert "put back on the list" in text and f'value="{cast.maria.pk}"' not in text
    assert alice.post(NEW, filled | new | {"is_namesake": "on"}).status_code == 302
    assert kept().employees == before.employees + 1


def test_a_number_of_someone_elsewhere_is_taken_and_names_nobody(
    cast: Cast, sign_in: SignIn, filled: dict[str, Any]
) -> None:
    with scope.acting_as(scope.OPERATOR):
        depot = Worksite.objects.create(employer=cast.northwind, name="Depot")
        access = PortalAccess.objects.get(user=cast.victor.user)
        access.worksites.add(depot, through_defaults={"employer_id": cast.northwind.pk})
        PortalAccess.objects.filter(pk=access.pk).update(all_worksites=False)
    new = {"who": "new", "first_name": "Li", "last_name": "Lee", "date_of_birth": "1990-01-02"}
    theirs = new | {"employee_number": cast.maria.employee_number, "employee": ""}
    answer = sign_in(cast.victor).post(NEW, filled | theirs | {"worksite": str(depot.pk)})
    text = answer.content.decode()
    assert (answer.status_code, "already has this number" in text) == (422, True)
    assert "Garcia" not in text


# Drafts


def draft(client: Client, submission: str, **typed: Any) -> int:
    return client.post(reverse("authorizations:draft", args=[submission]), typed).status_code


def test_a_draft_is_kept_shown_gone_on_with_and_gone_once_sent(
    alice: Client, cast: Cast, filled: dict[str, Any]
) -> None:
    typed = {k: v for k, v in filled.items() if k != "submission"} | {"center_note": "Fasting"}
    assert draft(alice, filled["submission"], **typed, junk="x") == 204
    assert draft(alice, filled["submission"], **typed) == 204
    with scope.acting_as(scope.OPERATOR):
        kept_draft = Draft.objects.get()
    assert "junk" not in kept_draft.typed
    assert "did not send it" in alice.get(NEW).content.decode()
    values = first_values(alice, draft=str(kept_draft.pk))
    assert values["submission"] == filled["submission"]
    assert (values["center_note"], values["employee"]) == ("Fasting", str(cast.maria.pk))
    assert alice.post(NEW, filled).status_code == 302
    with scope.acting_as(scope.OPERATOR):
        assert not Draft.objects.exists()
    assert draft(alice, filled["submission"], **typed) == 409  # a late one does not come back


def test_a_draft_is_its_authors_alone(cast: Cast, sign_in: SignIn) -> None:
    submission = str(uuid4())
    draft(sign_in(cast.alice), submission, center_note="Fasting")
    with scope.acting_as(scope.OPERATOR):
        pk = str(Draft.objects.get().pk)
    for other in (cast.victor, cast.bob):
        client = sign_in(other)
        assert "did not send it" not in client.get(NEW).content.decode()
        assert first_values(client, draft=pk)["center_note"] is None
        client.post(reverse("authorizations:discard_draft", args=[submission]))
    with scope.acting_as(scope.OPERATOR):
        assert Draft.objects.count() == 1
    sign_in(cast.alice).post(reverse("authorizations:discard_draft", args=[submission]))
    with scope.acting_as(scope.OPERATOR):
        assert not Draft.objects.exists()


def test_a_draft_at_another_employer_or_another_persons_stays(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the operator; all three are of a form with the same id."""
    monkeypatch.setattr(drafts, "MOST", 1)
    order, by, victor = cast.order(), cast.alice.viewer, cast.victor.viewer
    others = {(cast.southport.pk, by.user_id), (by.employer_id, victor.user_id)}
    with scope.acting_as(scope.OPERATOR):
        for employer_id, user_id in others:
            whose: dict[str, Any] = {"employer_id": employer_id, "user_id": user_id}
            Draft.objects.create(**whose, submission=order.submission, typed={})
        ends: tuple[Callable[..., object], ...] = (
            partial(drafts.discard_draft, submission=order.submission),
            partial(actions.authorize, order),
        )
        for end in ends:
            drafts.save_draft({}, submission=order.submission, by=by)
            assert drafts.drafts(by).get().employer_id == by.employer_id
            end(by=by)
            assert set(Draft.objects.values_list("employer_id", "user_id")) == others


def test_a_draft_holds_no_more_than_a_form(alice: Client) -> None:
    assert draft(alice, str(uuid4()), center_note="x" * 30_000) == 413
    assert draft(alice, str(uuid4()), center_note="a\0b") == 204


def test_only_the_newest_drafts_of_a_week_are_kept(
    alice: Client, cast: Cast, sign_in: SignIn
) -> None:
    draft(sign_in(cast.victor), str(uuid4()), center_note="mine")
    for _ in range(22):
        draft(alice, str(uuid4()), center_note="x")
    with scope.acting_as(scope.OPERATOR):
        assert Draft.objects.filter(user=cast.alice.user).count() == 20
        assert Draft.objects.filter(user=cast.victor.user).count() == 1
        Draft.objects.update(saved_at=clock.now() - timedelta(days=8))
    assert "did not send it" not in alice.get(NEW).content.decode()
    draft(alice, str(uuid4()), center_note="x")
    jobs.forget_drafts(timestamp=0)
    with scope.acting_as(scope.OPERATOR):
        assert Draft.objects.count() == 1


def test_each_person_has_a_key_of_their_own(cast: Cast) -> None:
    alices, victors = keeping.key_for(cast.alice.viewer.user_id), keeping.key_for(uuid4())
    assert alices == keeping.key_for(cast.alice.viewer.user_id) != victors and len(alices) == 44


# Changing an order


def changed(cast: Cast, made: Authorization, **typed: Any) -> dict[str, Any]:
    person = {"who", "employee"}
    form = {name: value for name, value in filled_in(cast).items() if name not in person}
    return form | {"revision": str(made.revision)} | typed


def test_what_a_package_or_an_order_had_and_is_not_offered_any_more_is_said(
    alice: Client, cast: Cast
) -> None:
    both = [cast.dot_physical, cast.audiogram]
    made = authorized(cast, services=both)
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        new = add_package(Package("Driver", both), by=cast.alice.viewer)
    starts = (
        *(f"{NEW}?{how}={one.pk}" for how, one in (("from", made), ("package", new))),
        f"{reverse('bulk:new')}?package={new.pk}",
    )
    assert not any("left out here" in alice.get(path).content.decode() for path in starts)
    with scope.acting_as(scope.OPERATOR):
        Service.objects.filter(pk=cast.audiogram.pk).update(is_active=False)
    for path in starts:
        assert "left out here: Audiogram." in alice.get(path).content.decode(), path


def test_an_order_is_changed_by_the_same_form(alice: Client, cast: Cast) -> None:
    made = authorized(cast, center_note="Fasting")
    shown = alice.get(edit(made))
    assert shown.context["form"]["center_note"].value() == "Fasting"
    assert "Maria Garcia" in shown.content.decode()
    typed = changed(cast, made, center_note="Not fasting", services=[str(cast.audiogram.pk)])
    assert alice.post(edit(made), typed).status_code == 302
    now = stored()
    with scope.acting_as(scope.OPERATOR):
        assert [one.code for one in now.services.all()] == ["AUDIO"]
    assert (now.center_note, now.revision, now.employee_id) == ("Not fasting", 1, cast.maria.pk)


def test_what_is_no_longer_offered_stays_with_an_order_that_is_changed(
    alice: Client, cast: Cast
) -> None:
    """Half the order was gone with a note, and the other half at the first worksite of the list."""
    with scope.acting_as(scope.OPERATOR):
        Worksite.objects.create(employer=cast.northwind, name="Annex")
    made = authorized(cast, services=[cast.dot_physical, cast.audiogram])
    with scope.acting_as(scope.OPERATOR):
        Service.objects.filter(pk=cast.audiogram.pk).update(is_active=False)
        Worksite.objects.filter(pk=cast.plant.pk).update(is_active=False)
    page = alice.get(edit(made)).content.decode()
    assert re.search(rf'value="{cast.audiogram.pk}"[^>]*checked', page)
    assert re.search(rf'value="{cast.plant.pk}"[^>]*selected', page)
    both = [str(cast.dot_physical.pk), str(cast.audiogram.pk)]
    typed = changed(cast, made, services=both, center_note="Gate 2")
    assert alice.post(edit(made), typed).status_code == 302
    now = stored()
    with scope.acting_as(scope.OPERATOR):
        assert {one.code for one in now.services.all()} == {"AUDIO", "DOT-PHYS"}
    assert (now.center_note, now.worksite_id) == ("Gate 2", cast.plant.pk)
    assert "worksite" in alice.post(NEW, filled_in(cast)).context["form"].errors


def test_the_second_of_two_editors_loses_nothing(cast: Cast, sign_in: SignIn) -> None:
    made = authorized(cast, by=cast.victor)
    alice, victor = sign_in(cast.alice), sign_in(cast.victor)
    alice.post(edit(made), changed(cast, made, center_note="Alice's note", reason="random"))
    typed = changed(cast, made, center_note="Victor's note")
    answer = victor.post(edit(made), typed)
    page = answer.content.decode()
    assert answer.status_code == 422 and stored().center_note == "Alice's note"
    assert "Someone else changed this authorization" in page
    differing = {
        one.label: (one.saved, one.typed) for one in answer.context["form"].changed_meanwhile
    }
    assert differing["Note to the center"] == ("Alice's note", "Victor's note")
    assert differing["Reason"] == ("Random", "Pre-placement") and len(differing) == 2
    assert 'name="revision" value="1"' in page.replace("\n", " ")
    assert victor.post(edit(made), typed | {"revision": "1"}).status_code == 302
    assert stored().center_note == "Victor's note"


def test_an_accepted_order_is_not_changed(alice: Client, cast: Cast) -> None:
    made = authorized(cast)
    with scope.acting_as(scope.OPERATOR):
        Authorization.objects.update(state=State.ACCEPTED)
    assert alice.get(edit(made)).status_code == 302
    shown = alice.post(edit(made), changed(cast, made, center_note="x"), follow=True)
    assert "cannot be changed" in shown.content.decode() and stored().center_note == ""


def test_a_first_day_that_is_past_by_now_stays_as_agreed(alice: Client, cast: Cast) -> None:
    yesterday = clock.today() - timedelta(days=1)
    made = authorized(cast, valid_from=yesterday)
    typed = changed(cast, made, valid_from=f"{yesterday}", center_note="x")
    assert alice.post(edit(made), typed).status_code == 302
    earlier = changed(cast, stored(), valid_from=f"{yesterday - timedelta(days=1)}")
    assert "valid_from" in alice.post(edit(made), earlier).context["form"].errors


def test_a_dot_tests_data_are_changed_with_the_order(
    alice: Client, cast: Cast, drug_test: Service
) -> None:
    made = authorized(cast)
    typed = changed(cast, made, services=[str(drug_test.pk)], reason="random", **DOT_TYPED)
    assert alice.post(edit(made), typed).status_code == 302
    values = alice.get(edit(made)).context["form"]
    assert (values["dot_donor_id"].value(), values["dot_observed"].value()) == ("N-1", "no")
    assert alice.post(edit(made), changed(cast, stored())).status_code == 302
    with scope.acting_as(scope.OPERATOR):
        assert not DotTestOrder.objects.exists()
