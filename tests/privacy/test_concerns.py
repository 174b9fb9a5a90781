"""A privacy concern, from someone signed in or from anyone; the answers are the same."""

from __future__ import annotations

from http import HTTPStatus

import pytest
from django.test import Client

from clearwork.audit.actions import Action
from clearwork.audit.models import AuditEvent
from clearwork.database import scope
from clearwork.help.concern_views import A_DAY_FROM_ONE_PLACE
from clearwork.privacy.models import PrivacyConcern, PrivacyIncident
from clearwork.support.privacy_views import CONCERNS_SHOWN
from tests.cast import Cast
from tests.conftest import SignIn

FORM = "/privacy/concern/"
TOLD = {"name": "Nora Nobody", "email": "nora@example.com", "words": "A fax lay open."}


def test_anyone_reports_a_concern_and_support_answers_it(cast: Cast, support: Client) -> None:
    Client().post(FORM, {**TOLD, "name": "Olga Other"})
    answer = Client().post(FORM, TOLD)
    assert (answer.status_code, answer["Location"]) == (302, "/privacy/received/")
    assert "We received your concern" in Client().get(answer["Location"]).content.decode()
    with scope.acting_as(scope.OPERATOR):
        found = PrivacyConcern.objects.get(name="Nora Nobody")
    page = f"/support/concerns/{found.pk}/"
    assert "Nora Nobody" in support.get("/support/incidents/").content.decode()
    assert "A fax lay open." in support.get(page).content.decode()
    assert support.post(page, {"reason": ""}).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert support.post(page, {"reason": "Called her."}).status_code == HTTPStatus.FOUND
    again = support.post(page, {"reason": "Again."}, follow=True).content.decode()
    assert "Someone else has decided this" in again
    with scope.acting_as(scope.OPERATOR):
        found.refresh_from_db()
        assert (found.state, found.reason) == ("decided", "Called her.")
        assert PrivacyConcern.objects.get(state="open").name == "Olga Other"
        told = AuditEvent.objects.filter(subject_id=found.pk).order_by("id")
        actions = [Action.PRIVACY_REPORTED, Action.PRIVACY_DECIDED]
        assert list(told.values_list("action", flat=True)) == actions


def test_of_someone_signed_in_we_know_who_it_is(
    cast: Cast, sign_in: SignIn, support: Client
) -> None:
    victor = sign_in(cast.victor)
    assert "Your name" not in victor.get(FORM).content.decode()
    answer = victor.post(FORM, {"words": "A fax lay open."})
    assert (answer.status_code, answer["Location"]) == (302, "/privacy/received/")
    with scope.acting_as(scope.OPERATOR):
        found = PrivacyIncident.objects.get()
    assert (found.employer_id, found.reported_by_id) == (cast.northwind.pk, cast.victor.user.pk)
    page = f"/support/incidents/{found.pk}/"
    assert "Victor Example" in support.get(page).content.decode()
    assert support.post(page, {"reason": "Called him."}).status_code == HTTPStatus.FOUND
    with scope.acting_as(scope.OPERATOR):
        assert PrivacyIncident.objects.get().decision == "answered"


@pytest.mark.parametrize("missing", ["name", "words"])
def test_what_is_missing_is_said_at_its_field(db: None, missing: str) -> None:
    answer = Client().post(FORM, {**TOLD, missing: ""})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert set(answer.context["form"].errors) == {missing}


def test_one_place_reports_only_so_often_a_day(db: None) -> None:
    anyone = Client()
    for _ in range(A_DAY_FROM_ONE_PLACE):
        assert anyone.post(FORM, TOLD).status_code == HTTPStatus.FOUND
    late = anyone.post(FORM, TOLD)
    assert late.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert "HIPAA hotline" in late.content.decode()
    with scope.acting_as(scope.OPERATOR):
        assert PrivacyConcern.objects.count() == A_DAY_FROM_ONE_PLACE


def test_support_is_told_that_there_are_more_than_it_sees(db: None, support: Client) -> None:
    def listed() -> str:
        return support.get("/support/incidents/").content.decode()

    with scope.acting_as(scope.OPERATOR):
        PrivacyConcern.objects.bulk_create(
            PrivacyConcern(name=f"Nora {n}", words="A fax lay open.") for n in range(CONCERNS_SHOWN)
        )
        assert "There are more" not in listed()
        PrivacyConcern.objects.create(name="Nora Last", words="A fax lay open.")
    page = listed()
    assert "There are more" in page and "Nora Last" not in page


def test_nobody_but_support_reads_concerns(cast: Cast) -> None:
    Client().post(FORM, TOLD)
    for who in (scope.ANONYMOUS, scope.employer(cast.northwind.pk)):
        with scope.acting_as(who):
            assert not PrivacyConcern.objects.exists()
