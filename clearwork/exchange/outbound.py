"""Handing an authorization to its center. The network is used outside any transaction."""

from __future__ import annotations

from typing import Literal, cast
from uuid import UUID

from django.conf import settings

from clearwork.authorizations import actions
from clearwork.authorizations.models import Authorization, Delivery
from clearwork.authorizations.rules import DeliveryState, Kind, Reason, State
from clearwork.centers.models import MedicalCenter
from clearwork.database import scope
from clearwork.exchange.hl7.ack import Ack, read_ack
from clearwork.exchange.hl7.message import MalformedMessage
from clearwork.exchange.hl7.mllp import FrameError, send
from clearwork.exchange.hl7.order import (
    Injury,
    Order,
    OrderedService,
    Person,
    Route,
    build_order,
)

APPLICATION = "CLEARWORK"
_ANSWER_SECONDS = 15.0


class NotDelivered(Exception):
    """No acknowledgment came; the next try sends the same control id."""


def deliver(employer_id: UUID, delivery_id: UUID, *, last_try: bool) -> None:
    """One attempt. Raises NotDelivered where another attempt may help."""
    with scope.acting_as(scope.employer(employer_id)):
        delivery = _waiting(delivery_id)
        if delivery is None or _arrived_before(delivery):
            return
        center, message = delivery.center, _message(delivery)
    try:
        ack = read_ack(send(center.hl7_host, center.hl7_port, message, timeout=_ANSWER_SECONDS))
        _check_answer(ack, delivery)
    except (OSError, TimeoutError, FrameError, MalformedMessage) as error:
        _note_failure(employer_id, delivery_id, _in_words(error), last=last_try)
        raise NotDelivered(str(delivery_id)) from error
    _note_answer(employer_id, delivery_id, center, ack)


def _waiting(delivery_id: UUID) -> Delivery | None:
    """The delivery, unless it was finished before or nobody needs it any more."""
    waiting = Delivery.objects.select_related(
        "center", "authorization__employee", "authorization__worksite", "authorization__employer"
    )
    unneeded = (State.CANCELLED, State.EXPIRED)
    queued = waiting.filter(pk=delivery_id, state=DeliveryState.QUEUED)
    return queued.exclude(authorization__state__in=unneeded).first()


def _arrived_before(delivery: Delivery) -> bool:
    """Whether the center spoke of the order already, so that it must have it.

    Its acknowledgment was lost, with a worker that was killed or with the line.
    """
    if delivery.authorization.state == State.SUBMITTED:
        return False
    locked = _locked(UUID(str(delivery.pk)))
    if locked.state == DeliveryState.QUEUED:
        actions.delivery_acknowledged(locked, center=delivery.center)
    return True


def _note_answer(employer_id: UUID, delivery_id: UUID, center: MedicalCenter, ack: Ack) -> None:
    with scope.acting_as(scope.employer(employer_id)):
        delivery = _locked(delivery_id)
        if delivery.state != DeliveryState.QUEUED:
            return
        if ack.code == "AA":
            actions.delivery_acknowledged(delivery, center=center)
        else:  # the center read it and says no: trying again unchanged cannot help
            text = f"{center.name} could not take the order: {ack.text or ack.code}"
            actions.delivery_attempt_failed(delivery, error=text, last=True)


def _note_failure(employer_id: UUID, delivery_id: UUID, error: str, *, last: bool) -> None:
    with scope.acting_as(scope.employer(employer_id)):
        delivery = _locked(delivery_id)
        if delivery.state == DeliveryState.QUEUED:
            actions.delivery_attempt_failed(delivery, error=error, last=last)


def _locked(delivery_id: UUID) -> Delivery:
    return Delivery.objects.select_for_update(of=("self",)).get(pk=delivery_id)


def _check_answer(ack: Ack, delivery: Delivery) -> None:
    if ack.control_id != delivery.control_id:
        raise FrameError("the answer is for another message")


def _in_words(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "The center's system did not answer in time."
    if isinstance(error, OSError):
        return "The center's system could not be reached."
    return "The center's system gave an answer that could not be read."


def _message(delivery: Delivery) -> bytes:
    center = delivery.center
    route = Route(
        APPLICATION, settings.ENVIRONMENT.hl7_facility, center.hl7_application, center.hl7_facility
    )
    return build_order(
        _order(delivery.authorization, center),
        route,
        control_id=delivery.control_id,
        sent_at=delivery.requested_at,  # a retry is the same message to the byte
    )


def _order(authorization: Authorization, center: MedicalCenter) -> Order:
    employee, employer = authorization.employee, authorization.employer
    return Order(
        number=authorization.number,
        structure=cast(Literal["OMG_O19", "ORM_O01"], center.order_message),
        created_at=authorization.created_at,
        creator_name=str(authorization.created_by),
        callback_phone=employer.phone,
        reason_code=authorization.reason,
        reason_text=Reason(authorization.reason).label,
        employer_name=employer.legal_name,
        account_number=employer.account_number,
        employee=Person(
            family=employee.last_name,
            given=employee.first_name,
            date_of_birth=employee.date_of_birth,
            identifier=employee.employee_number or str(employee.pk),
            phone=employee.phone,
        ),
        services=tuple(OrderedService(s.code, s.name) for s in authorization.services.all()),
        kind=authorization.kind,
        modality=authorization.modality,
        expires=authorization.expires,
        worksite=authorization.worksite.name,
        note=authorization.center_note,
        billing_note=authorization.billing_note,
        injury=_injury(authorization),
    )


def _injury(authorization: Authorization) -> Injury | None:
    if authorization.kind != Kind.INJURY or authorization.injury_date is None:
        return None
    return Injury(
        date=authorization.injury_date,
        time=authorization.injury_time,
        body_part=authorization.body_part,
        description=authorization.what_happened,
        claim_number=authorization.claim_number,
        insurer=authorization.insurer,
    )
