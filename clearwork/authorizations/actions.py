"""Authorizing care. Each action is one transaction with its audit event inside.

What becomes of an authorization afterwards: changes.py, deliveries.py and ending.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Model

from clearwork.access.decide import Viewer
from clearwork.audit.actions import Action, event
from clearwork.authorizations import deliveries, moves, ordering
from clearwork.authorizations.dot import DotTest
from clearwork.authorizations.models import (
    Authorization,
    AuthorizedService,
    Delivery,
    DotTestOrder,
)
from clearwork.authorizations.ordering import Injury as Injury
from clearwork.authorizations.rules import NUMBER_PREFIX, Kind, Modality, Reason
from clearwork.centers.models import MedicalCenter, Service
from clearwork.database import fast
from clearwork.database.jobs import defer_each
from clearwork.employers.models import Worksite
from clearwork.foundation.ids import new_number, uuid7
from clearwork.messaging.mail import QUEUE
from clearwork.people.models import Employee

# Named, not imported: the passes app stands above this one.
SEND_PASS_JOB = "passes.send_to_employee"  # noqa: S105 - a job


_SERVED = """
    DELETE FROM authorizations_draft WHERE employer_id = %s AND user_id = %s AND submission = %s
"""


@dataclass(frozen=True)
class Order:
    """What the employer asks for. `center` is None for centralized care."""

    employee: Employee
    worksite: Worksite
    modality: Modality
    center: MedicalCenter | None
    kind: Kind
    reason: Reason
    services: Sequence[Service]
    valid_from: date
    expires: date
    injury: Injury = field(default_factory=Injury)
    dot: DotTest | None = None
    billing_note: str = ""
    center_note: str = ""
    submission: UUID = field(default_factory=uuid7)


@transaction.atomic(savepoint=False)
def authorize(order: Order, *, by: Viewer) -> Authorization:
    """Save the authorization and queue its delivery: one commit, and one trip to the database.

    A draft of the same form has served its turn. Raises IntegrityError for a second submission,
    ordering.IncompleteOrder for a DOT test that lacks what 49 CFR 40.14 asks for.
    """
    ordering.require_dot_data(order)
    authorization = Authorization(
        employer_id=by.employer_id,
        number=new_number(NUMBER_PREFIX),
        created_by_id=by.user_id,
        submission=order.submission,
        **facts(order),
    )
    rows = _rows_of(authorization, order, by)
    with fast.together():
        fast.insert_all(rows)
        started = [row.pk for row in rows if isinstance(row, Delivery)]
        if started:
            deliveries.start_now(by.employer_id, started)
        fast.execute(_SERVED, [by.employer_id, by.user_id, order.submission])
    return authorization


def _rows_of(authorization: Authorization, order: Order, by: Viewer) -> list[Model]:
    """All that belongs to a new authorization, in an order that the keys allow."""
    created = event(
        Action.AUTHORIZATION_CREATED,
        by=by.actor,
        employer_id=authorization.employer_id,
        subject_id=authorization.pk,
    )
    rows: list[Model] = [authorization, *_services_of(authorization, order.services)]
    rows += [_dot_test_of(authorization, order.dot)] if order.dot else []
    rows += [moves.event_of(authorization, actor=by.name), created]
    return rows + list(deliveries.first_delivery(authorization, by=by) if order.center else ())


def send_pass(authorization: Authorization, *, by: Viewer) -> None:
    send_passes([authorization.pk], by=by)


def send_passes(ids: Sequence[UUID], *, by: Viewer) -> None:
    """Queue each employee's pass, in the open transaction; it goes to the address on record."""
    shared = {"employer_id": str(by.employer_id), "user_id": str(by.user_id)}
    defer_each(SEND_PASS_JOB, "authorization_id", ids, queue=QUEUE, **shared)


def facts(order: Order) -> dict[str, Any]:
    """What the order says, as an authorization's fields."""
    return {
        "worksite": order.worksite,
        "employee": order.employee,
        "modality": order.modality,
        "center": order.center,
        "kind": order.kind,
        "reason": order.reason,
        "valid_from": order.valid_from,
        "expires": order.expires,
        "billing_note": order.billing_note,
        "center_note": order.center_note,
        **asdict(order.injury),
    }


def add_dot_test(authorization: Authorization, test: DotTest | None) -> None:
    if test is not None:
        _dot_test_of(authorization, test).save(force_insert=True)


def add_services(authorization: Authorization, services: Sequence[Service]) -> None:
    AuthorizedService.objects.bulk_create(_services_of(authorization, services))


def _dot_test_of(authorization: Authorization, test: DotTest) -> DotTestOrder:
    return DotTestOrder(
        employer_id=authorization.employer_id, authorization_id=authorization.pk, **asdict(test)
    )


def _services_of(
    authorization: Authorization, services: Sequence[Service]
) -> list[AuthorizedService]:
    own = {"employer_id": authorization.employer_id, "authorization_id": authorization.pk}
    return [AuthorizedService(**own, service_id=service.pk) for service in services]
