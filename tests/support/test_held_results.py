"""Results that no one could file: support looks, and files them or puts them aside."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client

from clearwork.audit.actions import Action
from clearwork.audit.models import AuditEvent
from clearwork.authorizations.actions import authorize
from clearwork.authorizations.rules import State
from clearwork.database import scope
from clearwork.employers.rules import ReportType
from clearwork.exchange import inbound
from clearwork.exchange.hl7.ack import read_ack
from clearwork.exchange.models import HeldResult
from clearwork.results import queries
from tests.cast import BORN, Cast
from tests.conftest import SignIn
from tests.exchange import wire

REASON = "The center confirmed it."


@pytest.fixture
def held(cast: Cast) -> HeldResult:
    """Dallas sent a result for a number nobody knows."""
    raw = wire.message(cast.dallas, wire.pid(), *wire.document("CW-0000-0000"))
    (answer,) = inbound.receive([raw])
    assert answer is not None and read_ack(answer).code == "AA"
    with scope.acting_as(scope.OPERATOR):
        return HeldResult.objects.get()


def page(held: HeldResult) -> str:
    return f"/support/held/{held.pk}/"


def marias(**changes: Any) -> dict[str, Any]:
    whose = {"account_number": "200100", "first_name": "Maria", "last_name": "Garcia"}
    answer = {"outcome": "filed", "report_type": "audiogram", "reason": REASON}
    return {**answer, **whose, "date_of_birth": f"{BORN}", **changes}


def settled(held: HeldResult) -> HeldResult:
    with scope.acting_as(scope.OPERATOR):
        return HeldResult.objects.get(pk=held.pk)


def events(action: Action) -> list[AuditEvent]:
    with scope.acting_as(scope.OPERATOR):
        return list(AuditEvent.objects.filter(action=action))


def test_support_sees_what_it_is_and_its_pages(held: HeldResult, support: Client) -> None:
    assert page(held) in support.get("/support/held/").content.decode()
    text = support.get(page(held)).content.decode()
    assert held.why in text and held.family in text and "CW-0000-0000" in text
    picture = support.get(f"{page(held)}pages/1.png")
    assert (picture.status_code, picture["Content-Type"]) == (200, "image/png")
    assert support.get(f"{page(held)}pages/99.png").status_code == HTTPStatus.NOT_FOUND
    (seen,) = events(Action.RESULT_VIEWED)
    assert (seen.subject_id, seen.actor_kind) == (held.pk, "staff")


def test_it_is_filed_with_the_one_employee_byte_for_byte(
    held: HeldResult, cast: Cast, support: Client, sign_in: SignIn
) -> None:
    assert support.post(page(held), marias()).status_code == HTTPStatus.FOUND
    with scope.acting_as(scope.OPERATOR):
        report = queries.reports(cast.alice.viewer).get()
    assert (report.employee_id, report.report_type) == (cast.maria.pk, ReportType.AUDIOGRAM)
    file = sign_in(cast.alice).get(f"/results/{report.pk}/download.pdf").content
    assert file.startswith(b"%PDF") and len(file) == held.size
    now = settled(held)
    assert (now.outcome, now.reason, bool(now.filed_at)) == ("filed", REASON, True)
    (said,) = events(Action.RESULT_SETTLED)
    assert said.subject_id == held.pk and said.actor_kind == "staff"
    assert support.get(page(held)).status_code == HTTPStatus.NOT_FOUND, "it waits no more"


def test_it_is_filed_for_an_authorization(held: HeldResult, cast: Cast, support: Client) -> None:
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        authorize(cast.injury_order(), by=cast.alice.viewer)
        made = authorize(cast.order(), by=cast.alice.viewer)
        authorize(cast.injury_order(), by=cast.alice.viewer)
    answer = support.post(page(held), marias(number=made.number.lower(), account_number=""))
    assert answer.status_code == HTTPStatus.FOUND
    with scope.acting_as(scope.OPERATOR):
        report = queries.reports(cast.alice.viewer).get()
        seen = report.authorization
    assert (report.authorization_id, report.employee_id) == (made.pk, cast.maria.pk)
    assert seen is not None and seen.state == State.CHECKED_IN  # and will be no no-show


@pytest.mark.parametrize(
    ("wrongly", "field"),
    [
        ({"account_number": "999"}, "account_number"),
        ({"last_name": "Gomez"}, "last_name"),
        ({"date_of_birth": ""}, "date_of_birth"),
        ({"number": "CW-1111-1111"}, "number"),
        ({"report_type": ""}, "report_type"),
        ({"outcome": ""}, "outcome"),
        ({"reason": ""}, "reason"),
    ],
)
def test_where_it_is_not_clear_nothing_is_filed(
    wrongly: dict[str, str], field: str, held: HeldResult, cast: Cast, support: Client
) -> None:
    answer = support.post(page(held), marias(**wrongly))
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert field in answer.context["form"].errors
    assert settled(held).filed_at is None
    with scope.acting_as(scope.OPERATOR):
        assert not queries.reports(cast.alice.viewer).exists()


@pytest.mark.parametrize("outcome", ["returned", "duplicate"])
def test_it_is_put_aside_with_a_reason(
    outcome: str, held: HeldResult, cast: Cast, support: Client
) -> None:
    answer = support.post(page(held), {"outcome": outcome, "reason": REASON}, follow=True)
    assert "No result is held" in answer.content.decode()
    assert (settled(held).outcome, settled(held).reason) == (outcome, REASON)
    with scope.acting_as(scope.OPERATOR):
        assert not queries.reports(cast.alice.viewer).exists()


def test_the_privacy_officer_and_employers_have_no_such_page(
    held: HeldResult, cast: Cast, officer: Client, sign_in: SignIn
) -> None:
    for client in (officer, sign_in(cast.alice)):
        for path in ("/support/held/", page(held), f"{page(held)}pages/1.png"):
            assert client.get(path).status_code == HTTPStatus.FORBIDDEN
