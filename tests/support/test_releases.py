"""Support decides documented requests for more than the minimum necessary."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

import pytest
from django.test import Client

from clearwork.audit.actions import Action
from clearwork.audit.models import AuditEvent
from clearwork.database import scope
from clearwork.documents.storage import delete_document
from clearwork.employers.account_actions import request_release
from clearwork.employers.models import Contact, ReleaseRequest
from clearwork.employers.rules import ReportType
from clearwork.foundation import clock
from tests.cast import Cast
from tests.conftest import SignIn

PDF = b"%PDF-1.7 the signed request"


@pytest.fixture
def release(cast: Cast) -> ReleaseRequest:
    """Alice asks to receive MER long forms."""
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        return request_release(
            by=cast.alice.viewer.actor,
            contact=Contact.objects.get(employer=cast.northwind, first_name="Alice"),
            report_type=ReportType.MER_LONG_FORM,
            reason="The DER reads them.",
            pdf=PDF,
        )


def page(release: ReleaseRequest, what: str = "") -> str:
    return f"/support/releases/{release.pk}/{what}"


def fresh(release: ReleaseRequest) -> ReleaseRequest:
    with scope.acting_as(scope.OPERATOR):
        return ReleaseRequest.objects.get(pk=release.pk)


def test_both_of_the_networks_people_read_and_approve(
    release: ReleaseRequest, support: Client, officer: Client
) -> None:
    assert "The DER reads them." in support.get(page(release)).content.decode()
    assert "Northwind Freight" in officer.get("/support/releases/").content.decode()
    until = clock.today() + timedelta(days=90)
    assert officer.post(page(release), {"expires": until}).status_code == HTTPStatus.FOUND
    decided = fresh(release)
    assert (decided.state, decided.expires) == ("approved", until)
    late = support.post(page(release, "decline/"), {"reason": "No."}, follow=True)
    assert "Someone else has decided this" in late.content.decode()
    assert fresh(release).state == "approved"


@pytest.mark.parametrize("days", [-1, 366])
def test_an_approval_ends_within_a_year(
    release: ReleaseRequest, support: Client, days: int
) -> None:
    answer = support.post(page(release), {"expires": clock.today() + timedelta(days=days)})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert set(answer.context["form"].errors) == {"expires"}
    assert fresh(release).state == "waiting"


def test_declining_needs_a_reason(release: ReleaseRequest, support: Client) -> None:
    path = page(release, "decline/")
    assert support.post(path, {"reason": ""}).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert support.post(path, {"reason": "Not signed."}).status_code == HTTPStatus.FOUND
    assert (fresh(release).state, fresh(release).decision_reason) == ("declined", "Not signed.")


def test_reading_the_signed_request_is_on_record(release: ReleaseRequest, support: Client) -> None:
    answer = support.get(page(release, "document/"))
    assert answer.content == PDF
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Cache-Control"] == "no-store"
    with scope.acting_as(scope.OPERATOR):
        event = AuditEvent.objects.get(action=Action.RELEASE_DOWNLOADED)
    assert (event.actor_kind, event.subject_id) == ("staff", release.contact_id)


def test_a_signed_request_that_is_lost_is_said_so(release: ReleaseRequest, support: Client) -> None:
    delete_document(release.document)
    answer = support.get(page(release, "document/"), follow=True)
    assert answer.redirect_chain == [(page(release), 302)]
    assert "missing or damaged" in answer.content.decode()


def test_nobody_else_has_them(release: ReleaseRequest, cast: Cast, sign_in: SignIn) -> None:
    for what in ("", "decline/", "document/"):
        assert sign_in(cast.alice).get(page(release, what)).status_code == HTTPStatus.FORBIDDEN
        assert Client().get(page(release, what)).status_code == HTTPStatus.FOUND
