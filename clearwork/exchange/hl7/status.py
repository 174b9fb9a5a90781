"""Reading what became of an order: ORC-1 (HL7 table 0119) and ORC-5 (table 0038)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Literal

from clearwork.exchange.hl7.dates import message_zone, timestamp_at
from clearwork.exchange.hl7.message import MalformedMessage, Message, Segment, require_type
from clearwork.exchange.hl7.result import NOBODY, Patient, read_patient

type Answer = Literal["cancel_done", "cancel_no", "change_done", "change_no"]
type Status = Literal["accepted", "refused", "checked_in", "completed", "no_show"] | Answer

STATUS_TYPES = {
    ("ORM", "O01"),
    ("ORR", "O02"),
    ("OMG", "O19"),
    ("ORG", "O20"),
    ("OSU", "O51"),
}
ANSWERS: dict[str, Answer] = {
    "CR": "cancel_done",
    "UC": "cancel_no",
    "XR": "change_done",
    "UX": "change_no",
}
"""To an order of ours that asked for a cancellation (CA) or a change (XO)."""
_BY_CONTROL: dict[str, Status] = {"OK": "accepted", "UA": "refused", **ANSWERS}
_BY_ORDER_STATUS: dict[str, Status] = {"IP": "checked_in", "CM": "completed", "DC": "no_show"}


@dataclass(frozen=True)
class StatusUpdate:
    """What a center says of one authorization; `at` (ORC-9) is aware, or None when unsaid.

    `patient` is empty where it names none (PID).
    """

    number: str
    status: Status
    reason: str = field(repr=False)
    at: datetime | None
    patient: Patient = field(default=NOBODY, repr=False)


def read_status(message: Message) -> StatusUpdate:
    """The status in a message that carries one.

    A message may repeat ORC for each service of the order; they must then agree.
    MalformedMessage when the type, the number or the status is missing or unknown.
    """
    require_type(message, STATUS_TYPES)
    zone, patient = message_zone(message), _patient(message)
    updates = [_update(orc, zone, patient) for orc in message.segments("ORC")]
    if not updates:
        raise MalformedMessage(100, "ORC^1", "Send the order's ORC segment.")
    if len({(update.number, update.status) for update in updates}) > 1:
        raise MalformedMessage(100, "ORC^2", "Send one order and one status a message.")
    return updates[0]


def _patient(message: Message) -> Patient:
    """Whom it names: of a date of birth that is none, nobody."""
    try:
        return next(map(read_patient, message.segments("PID")), NOBODY)
    except MalformedMessage:
        return NOBODY


def _update(orc: Segment, zone: tzinfo, patient: Patient) -> StatusUpdate:
    number = orc.get(2)
    if not number:
        raise orc.error(101, 2, "Give back the authorization number of the order's ORC-2.")
    reason = orc.get(16, 2) or orc.get(16)
    return StatusUpdate(number, _status(orc), reason, timestamp_at(orc, 9, zone), patient)


def _status(orc: Segment) -> Status:
    control = orc.get(1)
    if control in _BY_CONTROL:
        return _BY_CONTROL[control]
    if control != "SC":
        raise orc.error(103, 1, "Unknown order control: send OK, UA, SC, CR, UC, XR or UX.")
    if orc.get(5) not in _BY_ORDER_STATUS:
        raise orc.error(103, 5, "Unknown order status: send IP, CM or DC.")
    return _BY_ORDER_STATUS[orc.get(5)]
