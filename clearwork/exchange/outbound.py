"""Handing an authorization to its center. The network is used outside any transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast
from uuid import UUID

from django.conf import settings

from clearwork.authorizations import deliveries
from clearwork.authorizations.models import Authorization, Delivery
from clearwork.authorizations.rules import (
    Control,
    DeliveryState,
    Kind,
    Reason,
    State,
    has_ended,
)
from clearwork.centers.models import MedicalCenter
from clearwork.database import scope
from clearwork.exchange import patience
from clearwork.exchange.hl7.ack import BUSY, UNKNOWN_KEY, Ack, read_ack
from clearwork.exchange.hl7.message import MalformedMessage
from clearwork.exchange.hl7.mllp import FrameError, send
from clearwork.exchange.hl7.order import (
    WHOLE_ORDER,
    DotTest,
    Injury,
    Order,
    OrderedService,
    Person,
    Route,
    build_order,
)

APPLICATION = "CLEARWORK"
_ANSWER_SECONDS = 15.0  # connecting and answering together: see deliveries.LONGEST_TRY
_UNDER_WAY = (DeliveryState.QUEUED, DeliveryState.WITHDRAWN)
_SAYS_NO = {
    Control.NEW: "could not take the order",
    Control.CHANGE: "could not take the change",
    Control.CANCEL: "could not cancel the order",
}


class NotDelivered(Exception):
    """No acknowledgment came; the next try sends the same control id."""


class _Busy(Exception):
    """The center's system says to try again later."""


@dataclass(frozen=True)
class _Try:
    """What is sent, and where to."""

    control_id: str
    center: MedicalCenter
    message: bytes


def deliver(employer_id: UUID, delivery_id: UUID, *, last_try: bool) -> None:
    """One attempt. Raises NotDelivered where another attempt may help, patience.NotNow for none."""
    with scope.acting_as(scope.employer(employer_id)):
        center_id = deliveries.center_of_queued(delivery_id)
    if center_id is None:
        return
    try:
        with patience.turn(center_id) as line:
            _deliver(employer_id, delivery_id, line, last_try=last_try)
    except patience.NotNow as put_off:
        with scope.acting_as(scope.employer(employer_id)):
            deliveries.note_put_off(delivery_id, why=str(put_off))
        raise


def _deliver(employer_id: UUID, delivery_id: UUID, line: patience.Line, *, last_try: bool) -> None:
    with scope.acting_as(scope.employer(employer_id)):
        attempt = _begin(delivery_id)
    if attempt is None:
        return
    host, port = attempt.center.hl7_host, attempt.center.hl7_port
    try:
        with line.asking():
            answer = send(host, port, attempt.message, timeout=_ANSWER_SECONDS)
        ack = read_ack(answer)
        _check_answer(ack, attempt)
    except (OSError, FrameError, MalformedMessage, _Busy) as error:
        _note_failure(employer_id, delivery_id, _in_words(error), last=last_try)
        raise NotDelivered(str(delivery_id)) from error
    _note_answer(employer_id, delivery_id, attempt.center, ack)


def give_up(employer_id: UUID, delivery_id: UUID) -> None:
    """Something is wrong with us, to the last try: a person sees it, and can send again."""
    _note_failure(employer_id, delivery_id, "Something went wrong here. Call support.", last=True)


def _begin(delivery_id: UUID) -> _Try | None:
    """Keep what is about to be sent; None where it is over, waits, or is not needed any more."""
    delivery = _locked(delivery_id)
    if delivery is None or delivery.state != DeliveryState.QUEUED or _waits(delivery):
        return None
    authorization, center = delivery.authorization, delivery.center
    if _arrived_before(delivery):
        deliveries.delivery_acknowledged(delivery, center=center)
        return None
    if has_ended(State(authorization.state)) and delivery.control != Control.CANCEL:
        deliveries.withdraw([authorization])
        return None
    message = bytes(delivery.message) if delivery.message else _message(delivery)
    deliveries.begin_try(delivery, message)
    return _Try(delivery.control_id, center, message)


def _waits(delivery: Delivery) -> bool:
    """Whether the center has still to get what comes before."""
    before = Delivery.objects.filter(
        employer_id=delivery.employer_id,
        authorization_id=delivery.authorization_id,
        center_id=delivery.center_id,
        state=DeliveryState.QUEUED,
        id__lt=delivery.pk,
    )
    return before.exists()


def _arrived_before(delivery: Delivery) -> bool:
    """Whether the center spoke of the order already, so that it must have it.

    Its acknowledgment was lost, with a worker that was killed or with the line.
    """
    spoken_of = (State.ACCEPTED, State.REFUSED, State.CHECKED_IN, State.COMPLETED, State.NO_SHOW)
    return delivery.control == Control.NEW and delivery.authorization.state in spoken_of


def _note_answer(employer_id: UUID, delivery_id: UUID, center: MedicalCenter, ack: Ack) -> None:
    with scope.acting_as(scope.employer(employer_id)):
        delivery = _locked(delivery_id)
        if delivery is None or delivery.state not in _UNDER_WAY:
            return
        if ack.code == "AA" or _never_had_it(delivery, ack):
            deliveries.delivery_acknowledged(delivery, center=center)
        elif delivery.state == DeliveryState.QUEUED:
            # The center read it and says no: trying again unchanged cannot help.
            text = f"{center.name} {_SAYS_NO[Control(delivery.control)]}: {ack.text or ack.code}"
            deliveries.delivery_attempt_failed(delivery, error=text, last=True)


def _note_failure(employer_id: UUID, delivery_id: UUID, error: str, *, last: bool) -> None:
    with scope.acting_as(scope.employer(employer_id)):
        delivery = _locked(delivery_id)
        if delivery is None:
            return
        if delivery.state == DeliveryState.QUEUED:
            deliveries.delivery_attempt_failed(delivery, error=error, last=last)
        else:  # withdrawn meanwhile
            deliveries.end_try(delivery)


def _never_had_it(delivery: Delivery, ack: Ack) -> bool:
    """What a center does not know needs no cancelling."""
    return delivery.control == Control.CANCEL and ack.condition == UNKNOWN_KEY


def _locked(delivery_id: UUID) -> Delivery | None:
    """The delivery with what its message is made of; the authorization is locked first.

    So do all who change both: nobody waits in a circle.
    """
    whose = Authorization.objects.filter(deliveries=delivery_id)
    if whose.select_for_update(of=("self",)).only("id").first() is None:
        return None
    found = Delivery.objects.select_related(
        "center", "authorization__employee", "authorization__worksite", "authorization__employer"
    )
    return found.select_for_update(of=("self",)).filter(pk=delivery_id).first()


def _check_answer(ack: Ack, attempt: _Try) -> None:
    if ack.control_id != attempt.control_id:
        raise FrameError("the answer is for another message")
    if ack.code == "AR" and ack.condition in BUSY:
        raise _Busy


def _in_words(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "The center's system did not answer in time."
    if isinstance(error, OSError):
        return "The center's system could not be reached."
    if isinstance(error, _Busy):
        return "The center's system is busy and asks to try again later."
    return "The center's system gave an answer that could not be read."


def _message(delivery: Delivery) -> bytes:
    center = delivery.center
    route = Route(
        APPLICATION, settings.ENVIRONMENT.hl7_facility, center.hl7_application, center.hl7_facility
    )
    return build_order(
        _order(delivery, center),
        route,
        control_id=delivery.control_id,
        sent_at=delivery.requested_at,  # a retry is the same message to the byte
    )


def _order(delivery: Delivery, center: MedicalCenter) -> Order:
    authorization = delivery.authorization
    employee, employer = authorization.employee, authorization.employer
    return Order(
        control=cast(Literal["NW", "XO", "CA"], delivery.control),
        control_reason=_why_cancelled(delivery),
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
        services=_services(delivery),
        kind=authorization.kind,
        modality=authorization.modality,
        expires=authorization.expires,
        worksite=authorization.worksite.name,
        note=authorization.center_note,
        billing_note=authorization.billing_note,
        injury=_injury(authorization),
        dot_test=_dot_test(authorization),
    )


def _services(delivery: Delivery) -> tuple[OrderedService, ...]:
    """What is ordered; of a center that was left for another, that is the other's to know."""
    authorization = delivery.authorization
    if delivery.center_id != authorization.center_id:
        return (WHOLE_ORDER,)
    return tuple(OrderedService(s.code, s.name) for s in authorization.services.all())


def _why_cancelled(delivery: Delivery) -> str:
    if delivery.control != Control.CANCEL:
        return ""
    events = delivery.authorization.events.filter(state=State.CANCELLED)
    return events.values_list("note", flat=True).first() or "Cancelled by the employer"


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


def _dot_test(authorization: Authorization) -> DotTest | None:
    """What its collector must know, for a DOT drug or alcohol test."""
    test = authorization.dot_tests.first()
    if test is None:
        return None
    return DotTest(
        donor_id=test.donor_id,
        agency=test.agency,
        specimen=test.specimen,
        observed={True: "Y", False: "N", None: ""}[test.observed],
        der=(test.der_name, test.der_phone),
        laboratory=(test.laboratory_name, test.laboratory_address),
        review_officer=(test.mro_name, test.mro_address, test.mro_phone, test.mro_fax),
        ctpa=(test.ctpa_name, test.ctpa_address, test.ctpa_phone),
    )
