"""Changing authorizations. Each action is one transaction with its audit event inside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time
from uuid import UUID

from django.db import transaction
from procrastinate.contrib.django import app as jobs

from clearwork.access.decide import Viewer
from clearwork.audit.actions import SYSTEM, Action, Actor, record
from clearwork.authorizations import document, queries
from clearwork.authorizations.models import (
    Authorization,
    AuthorizationEvent,
    AuthorizedService,
    Delivery,
)
from clearwork.authorizations.rules import (
    NUMBER_PREFIX,
    DeliveryState,
    Kind,
    Modality,
    Reason,
    State,
    has_ended,
    may_become,
)
from clearwork.centers.models import MedicalCenter, Service
from clearwork.documents.storage import save_document
from clearwork.employers.models import Worksite
from clearwork.foundation import clock
from clearwork.foundation.ids import new_control_id, new_number, uuid7
from clearwork.people.models import Employee

# Named, not imported: the exchange app stands above this one.
DELIVER_JOB = "exchange.deliver"


@dataclass(frozen=True)
class Injury:
    injury_date: date | None = None
    injury_time: time | None = None
    body_part: str = ""
    what_happened: str = ""
    claim_number: str = ""
    insurer: str = ""


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
    injury: Injury = Injury()
    billing_note: str = ""
    center_note: str = ""
    submission: UUID = field(default_factory=uuid7)


@transaction.atomic
def authorize(order: Order, *, by: Viewer) -> Authorization:
    """Save the authorization with its PDF and queue its delivery: one commit."""
    authorization = Authorization(
        employer_id=by.employer_id,
        number=new_number(NUMBER_PREFIX),
        worksite=order.worksite,
        employee=order.employee,
        modality=order.modality,
        center=order.center,
        kind=order.kind,
        reason=order.reason,
        valid_from=order.valid_from,
        expires=order.expires,
        billing_note=order.billing_note,
        center_note=order.center_note,
        created_by_id=by.user_id,
        submission=order.submission,
        **asdict(order.injury),
    )
    authorization.document = save_document(_pdf(authorization, order, by))
    authorization.save(force_insert=True)
    _add_services(authorization, order.services)
    _add_event(authorization, actor=by.name)
    _audit(Action.AUTHORIZATION_CREATED, authorization, by.actor)
    if order.center is not None:
        request_delivery(authorization, by=by)
    return authorization


@transaction.atomic
def request_delivery(authorization: Authorization, *, by: Viewer) -> Delivery:
    """Queue handing the authorization to its center, under a fresh control id."""
    if authorization.center_id is None:
        raise ValueError("Centralized care is delivered to no center.")
    delivery = Delivery.objects.create(
        employer_id=authorization.employer_id,
        authorization=authorization,
        center_id=authorization.center_id,
        control_id=new_control_id(),
    )
    jobs.configure_task(DELIVER_JOB, queue="delivery").defer(
        employer_id=str(delivery.employer_id), delivery_id=str(delivery.pk)
    )
    _audit(Action.DELIVERY_REQUESTED, authorization, by.actor, delivery=str(delivery.pk))
    return delivery


@transaction.atomic
def resend(authorization: Authorization, *, by: Viewer) -> bool:
    """Send again what did not reach its center; False where nothing failed or all is over."""
    locked = Authorization.objects.select_for_update().get(pk=authorization.pk)
    delivery = queries.latest_delivery(locked)
    failed = delivery is not None and delivery.state == DeliveryState.FAILED
    if not failed or has_ended(State(locked.state)):
        return False
    request_delivery(locked, by=by)
    return True


@transaction.atomic
def cancel(authorization: Authorization, *, by: Viewer) -> bool:
    """Cancel while nobody has been seen yet; False where it is too late."""
    if not change_state(authorization, State.CANCELLED, actor=by.name):
        return False
    _audit(Action.AUTHORIZATION_CANCELLED, authorization, by.actor)
    return True


@transaction.atomic
def hear_from_center(
    authorization: Authorization,
    state: State,
    *,
    by: Actor,
    actor: str,
    note: str = "",
    at: datetime,
) -> bool:
    """A center's news of an authorization. Late or repeated news changes nothing: False."""
    if not change_state(authorization, state, actor=actor, note=note, at=at):
        return False
    _audit(Action.AUTHORIZATION_CHANGED, authorization, by, state=state.value)
    return True


@transaction.atomic
def delivery_acknowledged(delivery: Delivery, *, center: MedicalCenter) -> None:
    delivery.state = DeliveryState.ACKNOWLEDGED
    delivery.attempts += 1
    delivery.last_error = ""
    delivery.finished_at = clock.now()
    delivery.save()
    change_state(delivery.authorization, State.DELIVERED, actor=center.name)
    _audit(Action.DELIVERY_ACKNOWLEDGED, delivery.authorization, SYSTEM)


@transaction.atomic
def delivery_attempt_failed(delivery: Delivery, *, error: str, last: bool) -> None:
    """Note a failed attempt. After the last one a person sees it and can send again."""
    delivery.attempts += 1
    delivery.last_error = error[:300]
    if last:
        delivery.state = DeliveryState.FAILED
        delivery.finished_at = clock.now()
        _audit(Action.DELIVERY_FAILED, delivery.authorization, SYSTEM)
    delivery.save()


def change_state(
    authorization: Authorization,
    wanted: State,
    *,
    actor: str,
    note: str = "",
    at: datetime | None = None,
) -> bool:
    """Move a locked, fresh row to `wanted` where the rules allow it, with its event."""
    fresh = Authorization.objects.select_for_update().only("state").get(pk=authorization.pk)
    if not may_become(State(fresh.state), wanted):
        return False
    authorization.state = wanted
    authorization.state_since = clock.now()
    authorization.save(update_fields=("state", "state_since"))
    _add_event(authorization, actor=actor, note=note, at=at)
    return True


def _pdf(authorization: Authorization, order: Order, by: Viewer) -> bytes:
    return document.render(
        authorization,
        viewer=by,
        employee=order.employee,
        worksite=order.worksite,
        center=order.center,
        services=order.services,
    )


def _add_services(authorization: Authorization, services: Sequence[Service]) -> None:
    AuthorizedService.objects.bulk_create(
        AuthorizedService(
            employer_id=authorization.employer_id, authorization=authorization, service=service
        )
        for service in services
    )


def _add_event(
    authorization: Authorization, *, actor: str, note: str = "", at: datetime | None = None
) -> None:
    AuthorizationEvent.objects.create(
        employer_id=authorization.employer_id,
        authorization=authorization,
        state=authorization.state,
        at=at or authorization.state_since,
        actor=actor[:200],
        note=note[:500],
    )


def _audit(action: Action, authorization: Authorization, by: Actor, **detail: str) -> None:
    record(
        action,
        by=by,
        employer_id=authorization.employer_id,
        center_id=by.id if by.kind == "center" else None,
        subject_id=authorization.pk,
        **detail,
    )
