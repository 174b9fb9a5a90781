"""Support decides what becomes of a report received in error."""

from __future__ import annotations

import re
from datetime import date
from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client

from clearwork.audit.actions import Action
from clearwork.audit.models import AuditEvent
from clearwork.authorizations.actions import authorize
from clearwork.authorizations.models import Authorization
from clearwork.database import scope
from clearwork.documents.storage import read_document
from clearwork.foundation import clock
from clearwork.privacy.models import PrivacyIncident
from clearwork.results import dot_queries, queries
from clearwork.results.models import Report
from clearwork.visits import queries as visits
from clearwork.visits.models import Visit
from tests.api.story import integration
from tests.cast import BORN, Cast
from tests.conftest import SignIn
from tests.exchange import wire
from tests.messaging import postman
from tests.privacy.conftest import pressed, work
from tests.results.reports import report
from tests.results.test_versions import document, sent, withdrawal

REASON = "The center confirmed it."


def page(incident: PrivacyIncident) -> str:
    return f"/support/incidents/{incident.pk}/"


def other_marias(**changes: Any) -> dict[str, Any]:
    """She works at Southport."""
    whose = {"account_number": "200200", "first_name": "maria", "last_name": "García"}
    answer = {"decision": "released", "reason": REASON, "date_of_birth": f"{BORN}"}
    return {**answer, **whose, **changes}


def put_back(client: Client, incident: PrivacyIncident) -> Any:
    return client.post(page(incident), {"decision": "restored", "reason": REASON})


def now(found: Report | PrivacyIncident) -> Any:
    with scope.acting_as(scope.OPERATOR):
        return type(found).objects.get(pk=found.pk)


def test_who_opened_and_downloaded_it_is_listed(
    cast: Cast, sign_in: SignIn, wrong: Report, officer: Client
) -> None:
    alice = sign_in(cast.alice)
    alice.get(f"/results/{wrong.pk}/")
    alice.get(f"/results/{wrong.pk}/download.pdf")
    integration(cast.alice).get(f"/results/{wrong.pk}")
    incident = pressed(wrong, cast)
    answer = officer.get(page(incident))
    text = answer.content.decode()
    assert text.count("own systems") == 1 and "without an account" not in text
    assert "Alice Example" in text and cast.alice.user.email in text
    openings = answer.context["facts"].openings
    assert [each.downloaded for each in openings] == [False, True, False]
    with scope.acting_as(scope.OPERATOR):
        read = AuditEvent.objects.get(action=Action.PRIVACY_VIEWED)
    assert (read.subject_id, read.actor_kind) == (incident.pk, "staff")
    assert "Northwind Freight" in officer.get("/support/incidents/").content.decode()


def test_it_is_released_to_the_right_employer_byte_for_byte(
    cast: Cast, sign_in: SignIn, wrong: Report, support: Client
) -> None:
    incident = pressed(wrong, cast)
    answer = support.post(page(incident), other_marias())
    assert answer.status_code == HTTPStatus.FOUND, answer.content.decode()
    with scope.acting_as(scope.OPERATOR):
        theirs = queries.in_full(cast.bob.viewer).get()
        cards = dot_queries.certificates(cast.bob.viewer)
        assert [card.report_id for card in cards] == [theirs.pk]
    assert (theirs.employee_id, theirs.title) == (cast.other_maria.pk, wrong.title)
    assert sign_in(cast.bob).get(f"/results/{theirs.pk}/download.pdf").content == wire.pdf()
    left = now(wrong)
    assert (left.document, bool(left.destroyed_at)) == ("", True)
    assert sign_in(cast.alice).get(f"/results/{wrong.pk}/").status_code == HTTPStatus.NOT_FOUND
    assert (now(incident).decision, now(incident).reason) == ("released", REASON)


def test_its_visit_and_work_status_are_released_with_it(
    cast: Cast, wrong_status: Report, support: Client
) -> None:
    support.post(page(pressed(wrong_status, cast)), other_marias())
    with scope.acting_as(scope.OPERATOR):
        assert not Visit.objects.filter(employer=cast.northwind).exists()
        (status,) = visits.current(cast.bob.viewer)
    assert status.restrictions == ["No lifting"] and status.employee_id == cast.other_maria.pk


@pytest.mark.parametrize(
    ("wrongly", "field"),
    [
        ({"account_number": "999"}, "account_number"),
        ({"date_of_birth": date(1990, 1, 1)}, "last_name"),
        ({"first_name": ""}, "first_name"),
        ({"account_number": "200100"}, "last_name"),  # Maria of Northwind, who had it
        ({"reason": ""}, "reason"),
        ({"decision": ""}, "decision"),
    ],
)
def test_a_release_to_nobody_in_particular_changes_nothing(
    wrongly: dict[str, Any], field: str, cast: Cast, wrong: Report, support: Client
) -> None:
    incident = pressed(wrong, cast)
    answer = support.post(page(incident), other_marias(**wrongly))
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert field in answer.context["form"].errors
    assert now(incident).state == "open" and now(wrong).document


def test_it_is_put_back(cast: Cast, sign_in: SignIn, wrong: Report, support: Client) -> None:
    incident = pressed(wrong, cast)
    assert put_back(support, incident).status_code == HTTPStatus.FOUND
    assert sign_in(cast.alice).get(f"/results/{wrong.pk}/").status_code == HTTPStatus.OK
    assert REASON in support.get(page(incident)).content.decode()
    late = support.post(page(incident), {"decision": "destroyed", "reason": "No."}, follow=True)
    assert "Someone else has decided this" in late.content.decode()
    assert now(wrong).document


def test_it_is_destroyed_and_a_record_kept(cast: Cast, wrong: Report, support: Client) -> None:
    incident, document = pressed(wrong, cast), wrong.document
    kept = report(cast.maria, cast.dallas, title="Kept")
    support.post(page(incident), {"decision": "destroyed", "reason": REASON})
    work()
    with pytest.raises(FileNotFoundError):
        read_document(document)
    left = now(wrong)
    assert (left.document, bool(left.destroyed_at)) == ("", True)
    with scope.acting_as(scope.OPERATOR):
        assert list(queries.readable(cast.alice.viewer)) == [kept]
        said = AuditEvent.objects.filter(action=Action.REPORT_DESTROYED, subject_id=wrong.pk)
        assert said.get().actor_kind == "staff"


def by_order(cast: Cast) -> tuple[Authorization, Report]:
    """Alice's order for Maria, and what Dallas first sent of it."""
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        order = authorize(cast.order(), by=cast.alice.viewer)
    assert sent(cast, order, *document(order, seed="wrong")) == "AA"
    with scope.acting_as(scope.OPERATOR):
        return order, Report.objects.get()


def corrected(cast: Cast, order: Authorization) -> PrivacyIncident:
    """Dallas corrects it, and the job has told of that."""
    assert sent(cast, order, *document(order, "C", "right")) == "AA"
    work()
    with scope.acting_as(scope.OPERATOR):
        return PrivacyIncident.objects.select_related("employer").latest("id")


@pytest.mark.parametrize("is_decided", [False, True])
def test_a_correction_is_decided_about_alone(
    cast: Cast, sign_in: SignIn, support: Client, *, is_decided: bool
) -> None:
    """The center sent another patient's card, and sends the right one then."""
    alice, destroyed = sign_in(cast.alice), {"decision": "destroyed", "reason": REASON}
    order, wrong = by_order(cast)
    first = pressed(wrong, cast)
    if is_decided:
        support.post(page(first), destroyed)
    second = corrected(cast, order)
    work()  # a job that comes twice
    assert second != first and second.state == "open"
    assert not alice.get("/results/?all=1").context["page"].rows
    assert "by a correction" in alice.get("/account/privacy/").content.decode()
    assert "Ask it whose" in support.get(page(second)).content.decode()
    support.post(page(first), destroyed)
    assert put_back(support, second).status_code == HTTPStatus.FOUND
    (right,) = alice.get("/results/?all=1").context["page"].rows
    assert right.pk == second.report_id
    assert alice.get(f"/results/{right.pk}/download.pdf").content == wire.pdf("right")
    assert str(wrong.pk) not in alice.get(f"/results/{right.pk}/").content.decode()


def test_what_was_released_is_corrected_and_withdrawn_too(
    cast: Cast, sign_in: SignIn, support: Client
) -> None:
    order, wrong = by_order(cast)
    support.post(page(pressed(wrong, cast)), other_marias())
    support.post(page(corrected(cast, order)), other_marias())
    bob = sign_in(cast.bob)
    (theirs,) = bob.get("/results/?all=1").context["page"].rows
    assert bob.get(f"/results/{theirs.pk}/download.pdf").content == wire.pdf("right")
    assert "Earlier versions" in bob.get(f"/results/{theirs.pk}/").content.decode()
    assert sent(cast, order, *withdrawal(order)) == "AA"
    assert "withdrew this report" in bob.get(f"/results/{theirs.pk}/").content.decode()


def test_what_is_on_legal_hold_is_not_destroyed(cast: Cast, wrong: Report, support: Client) -> None:
    with scope.acting_as(scope.OPERATOR):
        Report.objects.filter(pk=wrong.pk).update(held_at=clock.now())
    incident = pressed(wrong, cast)
    answer = support.post(page(incident), {"decision": "destroyed", "reason": REASON})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "legal hold" in str(answer.context["form"].errors)
    assert now(incident).state == "open" and now(wrong).destroyed_at is None


def test_admin_users_are_told_the_outcome_without_details(
    cast: Cast, wrong: Report, support: Client, mailoutbox: list[Any]
) -> None:
    put_back(support, pressed(wrong, cast))
    work()
    (mail,) = [each for each in mailoutbox if each.to == [cast.alice.user.email]]
    said = postman.everything(mail)
    assert "It belongs to your company" in said
    assert not re.search("Maria|Garcia|card|confirmed", said)
    assert cast.victor.user.email not in {each.to[0] for each in mailoutbox}
