"""Who receives which report: one cell, many at once, from a colleague, and the reverse."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from clearwork.audit.models import AuditEvent
from clearwork.database import scope
from clearwork.employers import account_actions, plans, queries
from clearwork.employers.account_actions import Choice
from clearwork.employers.models import Contact, ReportSubscription, Worksite
from clearwork.employers.rules import ChangedMeanwhile
from tests.cast import Cast

Acting = Callable[[], Any]
CHANGE = "/account/reports/change/"


@pytest.fixture
def subscribe(cast: Cast, as_northwind: Acting) -> Callable[..., None]:
    def act(contact: Contact, *types: str, at: Worksite | None = None) -> None:
        with as_northwind():
            account_actions.subscribe(
                by=cast.alice.viewer.actor,
                employer_id=cast.northwind.pk,
                choice=Choice([contact.pk], types, [(at or cast.plant).pk]),
            )

    return act


@pytest.fixture
def received(as_northwind: Acting) -> Callable[[Contact], set[tuple[str, str]]]:
    """(type, worksite's name) of a contact."""

    def read(contact: Contact) -> set[tuple[str, str]]:
        with as_northwind():
            rows = ReportSubscription.objects.filter(contact=contact)
            return set(rows.values_list("report_type", "worksite__name"))

    return read


Received = Callable[[Contact], set[tuple[str, str]]]
Subscribe = Callable[..., None]


def cell_form(client: Client, path: str) -> dict[str, Any]:
    form = client.get(path).context["form"]
    return {"shown": form["shown"].value(), "worksites": list(form["worksites"].value())}


def test_a_cell_chooses_its_worksites(
    alice: Client, cast: Cast, ann: Contact, depot: Worksite, received: Received
) -> None:
    path = f"/account/reports/{ann.pk}/audiogram/"
    first = cell_form(alice, path)
    assert first["worksites"] == []
    answer = alice.post(path, {**first, "worksites": [cast.plant.pk, depot.pk]}, follow=True)
    assert "Ann Lee: Audiogram is saved." in answer.content.decode()
    assert received(ann) == {("audiogram", "Plant 4"), ("audiogram", "Depot")}
    alice.post(path, {**cell_form(alice, path), "worksites": [depot.pk]})
    assert received(ann) == {("audiogram", "Depot")}


def test_the_contacts_record_tells_what_changed(
    alice: Client, cast: Cast, ann: Contact, as_northwind: Acting
) -> None:
    path = f"/account/reports/{ann.pk}/audiogram/"
    alice.post(path, {**cell_form(alice, path), "worksites": [cast.plant.pk]})
    with as_northwind():
        event = AuditEvent.objects.get(action="subscription:changed")
    assert (event.subject_id, event.actor_id) == (ann.pk, cast.alice.user.pk)
    assert event.detail["before"] == {}
    assert event.detail["after"] == {"audiogram": 1}
    assert event.detail["added"] == {"audiogram": [str(cast.plant.pk)]}


def test_the_contacts_page_tells_who_changed_what_from_what_to_what(
    alice: Client, cast: Cast, ann: Contact, depot: Worksite, subscribe: Subscribe
) -> None:
    subscribe(ann, "fit_test", "audiogram")
    subscribe(ann, "audiogram", at=depot)
    told = alice.get(f"/account/reports/{ann.pk}/").context["history"]
    assert [(t.what, t.before, t.after, t.by) for t in told] == [
        ("Reports changed", "Audiogram: 1 worksite", "Audiogram: 2 worksites", "Alice Example"),
        (
            "Reports changed",
            "Audiogram: not received; Fit test: not received",
            "Audiogram: 1 worksite; Fit test: 1 worksite",
            "Alice Example",
        ),
    ]


def test_of_two_who_change_a_cell_at_once_the_second_sees_the_first(
    alice: Client, cast: Cast, ann: Contact, depot: Worksite, received: Received
) -> None:
    path = f"/account/reports/{ann.pk}/fit_test/"
    drawn = cell_form(alice, path)
    alice.post(path, {**drawn, "worksites": [cast.plant.pk]})
    second = alice.post(path, {**drawn, "worksites": [depot.pk]})
    assert second.status_code == 422
    assert "Someone changed this meanwhile" in second.content.decode()
    assert second.context["form"]["worksites"].value() == [str(cast.plant.pk)]
    assert received(ann) == {("fit_test", "Plant 4")}


@pytest.mark.parametrize("kind", ["theirs", "unknown", "nonsense"])
def test_a_worksite_that_is_not_ours_is_an_error_and_nothing_is_written(
    kind: str, alice: Client, cast: Cast, ann: Contact, received: Received
) -> None:
    chosen = {"theirs": cast.yard.pk, "unknown": uuid4(), "nonsense": "x' OR 1=1"}[kind]
    path = f"/account/reports/{ann.pk}/audiogram/"
    answer = alice.post(path, {**cell_form(alice, path), "worksites": [cast.plant.pk, chosen]})
    assert answer.status_code == 422
    assert answer.context["form"].errors["worksites"]
    assert received(ann) == set()


@pytest.mark.parametrize("page", ["", "copy/", "audiogram/", "mer_long_form/request/"])
def test_another_employers_contact_is_a_missing_one(
    page: str, alice: Client, theirs: Contact
) -> None:
    there = alice.get(f"/account/reports/{theirs.pk}/{page}")
    nowhere = alice.get(f"/account/reports/{uuid4()}/{page}")
    assert there.status_code == nowhere.status_code == 404
    assert there.content == nowhere.content


def changes(cast: Cast, *contacts: Contact, **more: Any) -> dict[str, Any]:
    return {
        "what": "add",
        "contacts": [contact.pk for contact in contacts],
        "types": ["audiogram", "fit_test"],
        "worksites": [cast.plant.pk],
        **more,
    }


def test_many_are_added_after_a_preview_in_words(
    alice: Client,
    cast: Cast,
    ann: Contact,
    ben: Contact,
    depot: Worksite,
    subscribe: Subscribe,
    received: Received,
) -> None:
    subscribe(ben, "audiogram")
    asked = changes(cast, ann, ben, worksites=[cast.plant.pk, depot.pk])
    preview = alice.post(CHANGE, asked)
    text = " ".join(preview.content.decode().split())
    assert "This adds 7 and removes 0, for 2 contacts." in text
    assert "1 of these is set this way already." in text
    assert "Adds Audiogram (2 worksites), Fit test (2 worksites)" in text
    assert received(ann) == set(), "a preview writes nothing"
    answer = alice.post(CHANGE, {**asked, "save": 1, "shown": preview.context["plan"].fingerprint})
    assert answer["Location"] == "/account/reports/"
    assert len(received(ann)) == len(received(ben)) == 4


def test_many_are_removed_after_a_preview(
    alice: Client, cast: Cast, ann: Contact, subscribe: Subscribe, received: Received
) -> None:
    subscribe(ann, "audiogram", "fit_test", "test_and_lab_result")
    asked = changes(cast, ann, what="remove")
    preview = alice.post(CHANGE, asked)
    assert preview.context["words"] == "This adds 0 and removes 2, for 1 contact."
    alice.post(CHANGE, {**asked, "save": 1, "shown": preview.context["plan"].fingerprint})
    assert received(ann) == {("test_and_lab_result", "Plant 4")}


def test_nothing_is_saved_that_was_not_shown(
    alice: Client, cast: Cast, ann: Contact, subscribe: Subscribe, received: Received
) -> None:
    asked = changes(cast, ann)
    preview = alice.post(CHANGE, asked)
    subscribe(ann, "audiogram")  # a colleague is quicker
    late = alice.post(CHANGE, {**asked, "save": 1, "shown": preview.context["plan"].fingerprint})
    assert "Someone changed this meanwhile" in late.content.decode()
    assert received(ann) == {("audiogram", "Plant 4")}
    alice.post(CHANGE, {**asked, "save": 1, "shown": late.context["plan"].fingerprint})
    assert len(received(ann)) == 2
    blind = alice.post(CHANGE, {**asked, "what": "remove", "save": 1})
    assert blind.status_code == 200
    assert len(received(ann)) == 2, "without a preview nothing is saved"


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("contacts", "theirs"),
        ("contacts", "unknown"),
        ("contacts", "none"),
        ("worksites", "yard"),
        ("worksites", "unknown"),
        ("worksites", "none"),
        ("types", "xray"),
        ("types", "none"),
        ("what", "destroy"),
    ],
)
def test_a_foreign_or_missing_choice_is_an_error_at_its_field(
    field: str,
    wrong: str,
    alice: Client,
    cast: Cast,
    ann: Contact,
    theirs: Contact,
    received: Received,
) -> None:
    known = {"theirs": theirs.pk, "yard": cast.yard.pk, "unknown": uuid4(), "none": None}
    usual = changes(cast, ann)
    value: Any = known.get(wrong, wrong)
    if field != "what" and value is not None:
        value = [*usual[field], value]
    for more in ({}, {"save": 1, "shown": "whatever"}):
        answer = alice.post(CHANGE, {**usual, field: value or [], **more})
        assert answer.status_code == 422
        assert field in answer.context["form"].errors
    assert received(ann) == set()
    assert "Carla" not in answer.content.decode()


def test_a_closed_worksite_gains_nobody_but_may_lose_them(
    alice: Client, cast: Cast, ann: Contact, depot: Worksite, subscribe: Subscribe
) -> None:
    subscribe(ann, "audiogram", at=depot)
    alice.post(f"/account/worksites/{depot.pk}/close/")
    refused = alice.post(CHANGE, changes(cast, ann, worksites=[depot.pk]))
    assert "Depot is closed" in refused.context["form"].errors["worksites"][0]
    allowed = alice.post(CHANGE, changes(cast, ann, worksites=[depot.pk], what="remove"))
    assert allowed.context["words"] == "This adds 0 and removes 1, for 1 contact."
    page = alice.get(f"/account/reports/{ann.pk}/audiogram/").content.decode()
    assert "Depot (closed)" in page
    assert "1 closed" in alice.get("/account/reports/?type=audiogram").content.decode()


def test_too_much_at_once_is_refused_before_it_is_counted_out(
    alice: Client, cast: Cast, ann: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clearwork.company.forms.CHANGES_AT_ONCE", 1)
    answer = alice.post(CHANGE, changes(cast, ann))
    assert "2 changes; make at most 1" in answer.context["form"].errors["contacts"][0]


def test_a_colleagues_reports_are_copied_beside_ones_own(
    alice: Client, ann: Contact, ben: Contact, subscribe: Subscribe, received: Received
) -> None:
    subscribe(ann, "audiogram", "fit_test")
    subscribe(ben, "fit_test", "test_and_lab_result")
    path = f"/account/reports/{ben.pk}/copy/"
    preview = alice.post(path, {"source": ann.pk, "how": "add"})
    assert preview.context["words"] == "This adds 1 and removes 0, for 1 contact."
    saved = {"source": ann.pk, "how": "add", "save": 1}
    alice.post(path, {**saved, "shown": preview.context["plan"].fingerprint})
    assert {kind for kind, _ in received(ben)} == {"audiogram", "fit_test", "test_and_lab_result"}


def test_a_colleagues_reports_replace_ones_own(
    alice: Client, ann: Contact, ben: Contact, subscribe: Subscribe, received: Received
) -> None:
    subscribe(ann, "audiogram")
    subscribe(ben, "fit_test")
    path = f"/account/reports/{ben.pk}/copy/"
    asked = {"source": ann.pk, "how": "replace"}
    preview = alice.post(path, asked)
    assert preview.context["words"] == "This adds 1 and removes 1, for 1 contact."
    assert received(ben) == {("fit_test", "Plant 4")}
    alice.post(path, {**asked, "save": 1, "shown": preview.context["plan"].fingerprint})
    assert received(ben) == {("audiogram", "Plant 4")} == received(ann)


@pytest.mark.parametrize("who", ["theirs", "oneself"])
def test_one_copies_from_colleagues_alone(
    who: str, alice: Client, ben: Contact, theirs: Contact
) -> None:
    source = theirs.pk if who == "theirs" else ben.pk
    answer = alice.post(f"/account/reports/{ben.pk}/copy/", {"source": source, "how": "add"})
    assert answer.status_code == 422
    assert "source" in answer.context["form"].errors


def test_who_gets_audiograms_at_plant_4(
    alice: Client, cast: Cast, ann: Contact, ben: Contact, depot: Worksite, subscribe: Subscribe
) -> None:
    subscribe(ann, "audiogram")
    subscribe(ben, "audiogram", at=depot)
    path = f"/account/reports/who/?type=audiogram&worksite={cast.plant.pk}"
    page = " ".join(alice.get(path).content.decode().split())
    assert "1 contact receives Audiogram of Plant 4" in page
    assert "ann@northwind.example" in page
    assert "214-555-0142" in page
    assert "Ben Okafor" not in page
    nobody = alice.get(f"/account/reports/who/?type=fit_test&worksite={cast.plant.pk}")
    assert "Nobody receives Fit test of Plant 4" in " ".join(nobody.content.decode().split())


@pytest.mark.parametrize("query", ["type=xray", "worksite=1", "type=&worksite=", "type=audiogram"])
def test_the_reverse_question_needs_both_halves(query: str, alice: Client) -> None:
    assert alice.get(f"/account/reports/who/?{query}").status_code == 422


def test_another_employers_worksite_cannot_be_asked_about(alice: Client, cast: Cast) -> None:
    answer = alice.get(f"/account/reports/who/?type=audiogram&worksite={cast.yard.pk}")
    assert answer.status_code == 422
    assert "Yard" not in answer.content.decode()


def test_the_matrix_says_all_some_or_none(
    alice: Client, cast: Cast, ann: Contact, ben: Contact, depot: Worksite, subscribe: Subscribe
) -> None:
    subscribe(ann, "audiogram")
    subscribe(ann, "fit_test")
    subscribe(ann, "fit_test", at=depot)
    rows = {str(row.contact): row for row in _rows(alice, "?kind=non_injury")}
    texts = {cell.report_type: cell.text for cell in rows["Ann Lee"].cells}
    assert (texts["audiogram"], texts["fit_test"]) == ("1 of 2 sites", "All sites")
    assert {cell.text for cell in rows["Ben Okafor"].cells} == {"–", "Needs a request"}
    at_depot = _rows(alice, f"?type=audiogram&worksite={depot.pk}&q=ann")
    assert [(str(row.contact), row.cells[0].text) for row in at_depot] == [("Ann Lee", "–")]


def _rows(client: Client, query: str) -> Any:
    return client.get(f"/account/reports/{query}").context["rows"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("le", ["Ann Lee"]),
        ("ANN l", ["Ann Lee"]),
        ("lee, ann", ["Ann Lee"]),
        ("zz", []),
        ("%", []),
        ("", 4),
    ],
)
def test_contacts_are_found_by_the_start_of_a_name(
    typed: str, found: Any, alice: Client, ann: Contact, ben: Contact
) -> None:
    names = [str(row.contact) for row in _rows(alice, f"?q={typed.replace('%', '%25')}")]
    assert (len(names) if typed == "" else names) == found


@pytest.mark.parametrize("query", ["?kind=x&type=y&worksite=z", "?page=999", "?page=-1", "?q=%00"])
def test_filters_that_make_no_sense_are_left_out(query: str, alice: Client) -> None:
    assert alice.get(f"/account/reports/{query}").status_code == 200


def test_a_contact_who_left_receives_nothing(
    cast: Cast, ann: Contact, subscribe: Subscribe, as_northwind: Acting
) -> None:
    subscribe(ann, "audiogram")
    with as_northwind():
        assert ann in queries.recipients(cast.northwind.pk, "audiogram", cast.plant.pk)
        Contact.objects.filter(pk=ann.pk).update(is_active=False)
        assert ann not in queries.recipients(cast.northwind.pk, "audiogram", cast.plant.pk)


def test_the_whole_change_is_undone_where_its_record_cannot_be_written(
    cast: Cast, ann: Contact, as_northwind: Acting, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any, **kwargs: Any) -> Any:
        raise OSError("the audit trail is unwritable")

    monkeypatch.setattr(account_actions, "_subscription_events", broken)
    with as_northwind():
        with pytest.raises(OSError, match="unwritable"):
            account_actions.subscribe(
                by=cast.alice.viewer.actor,
                employer_id=cast.northwind.pk,
                choice=Choice([ann.pk], ["audiogram"], [cast.plant.pk]),
            )
        assert not ReportSubscription.objects.exists()


def test_an_account_keeps_to_its_own_by_itself(cast: Cast, theirs: Contact) -> None:
    """As the operator: who receives what elsewhere stays, and a name may be taken elsewhere."""
    own: dict[str, Any] = {"by": cast.alice.viewer.actor, "employer_id": cast.northwind.pk}
    choice = Choice([theirs.pk], ["audiogram"], [cast.yard.pk])
    with scope.acting_as(scope.OPERATOR):
        account_actions.subscribe(
            by=cast.bob.viewer.actor, employer_id=cast.southport.pk, choice=choice
        )
        assert account_actions.unsubscribe(**own, choice=choice).is_empty
        account_actions.add_worksite(**own, values={"name": cast.yard.name})
        assert ReportSubscription.objects.get().contact_id == theirs.pk


def test_a_plan_saved_late_is_refused(
    cast: Cast, ann: Contact, as_northwind: Acting, subscribe: Subscribe
) -> None:
    choice = Choice([ann.pk], ["audiogram", "fit_test"], [cast.plant.pk])
    with as_northwind():
        plan = plans.adding(cast.northwind.pk, choice.contacts, choice.types, choice.worksites)
    subscribe(ann, "fit_test")
    with as_northwind(), pytest.raises(ChangedMeanwhile):
        account_actions.subscribe(
            by=cast.alice.viewer.actor,
            employer_id=cast.northwind.pk,
            choice=choice,
            shown=plan.fingerprint,
        )


def test_a_contacts_page_lists_every_type_once(alice: Client, ann: Contact) -> None:
    page = alice.get(f"/account/reports/{ann.pk}/").content.decode()
    assert len(set(re.findall(rf'href="/account/reports/{ann.pk}/([a-z_]+)/"', page))) == 21 + 1
