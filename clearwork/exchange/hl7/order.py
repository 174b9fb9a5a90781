"""Writing an order to a medical center: OMG^O19, or ORM^O01 for systems that want that.

HL7 v2.5.1, chapter 4 (4.4.6 and 4.4.1): ORC, OBR, NTE and OBX are the same in both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal

from clearwork.exchange.hl7.dates import format_date, format_timestamp
from clearwork.exchange.hl7.er7 import components, encode_message, escape, segment

PLACER = "CLEARWORK"
"""The namespace of the order numbers the portal gives (ORC-2, component 2)."""
LOCAL = "99CW"
"""The coding system of the portal's own codes (HL7 table 0396)."""
VERSION = "2.5.1"
CHARSET = "UNICODE UTF-8"
MAX_CONTROL_ID = 20
_TYPES = {"OMG_O19": "OMG^O19^OMG_O19", "ORM_O01": "ORM^O01^ORM_O01"}


@dataclass(frozen=True, repr=False)
class Person:
    """The employee: PID-5, PID-7, PID-3 (the employer's own identifier) and PID-13."""

    family: str
    given: str
    date_of_birth: date
    identifier: str
    phone: str


@dataclass(frozen=True)
class OrderedService:
    """A service of the network's catalogue: OBR-4."""

    code: str
    name: str


WHOLE_ORDER = OrderedService("ORDER", "The whole order")
"""In a cancellation, what a center need not know of any more."""


@dataclass(frozen=True, repr=False)
class Injury:
    """What is known of a work injury; each known part is one OBX."""

    date: date
    time: time | None
    body_part: str
    description: str
    claim_number: str
    insurer: str


@dataclass(frozen=True, repr=False)
class DotTest:
    """What a collector must know of a DOT drug or alcohol test (49 CFR 40.14); each one OBX.

    `agency` and `specimen` are the portal's codes; `observed` is Y, N or "".
    """

    donor_id: str
    agency: str
    specimen: str
    observed: str
    der: tuple[str, str]
    laboratory: tuple[str, str]
    review_officer: tuple[str, str, str, str]
    ctpa: tuple[str, str, str]


@dataclass(frozen=True, repr=False)
class Order:
    """One authorization as a center receives it.

    `created_at` is aware. `kind` is `injury` or `non_injury`. Texts may hold any
    character; those the receiver need not know may be empty. `control` (ORC-1, table
    0119): a new order, its change, or its cancellation with the reason.
    """

    number: str
    structure: Literal["OMG_O19", "ORM_O01"]
    created_at: datetime
    creator_name: str
    callback_phone: str
    reason_code: str
    reason_text: str
    employer_name: str
    account_number: str
    employee: Person
    services: tuple[OrderedService, ...]
    kind: str
    modality: str
    expires: date
    worksite: str
    note: str
    billing_note: str
    injury: Injury | None
    dot_test: DotTest | None = None
    control: Literal["NW", "XO", "CA"] = "NW"
    control_reason: str = ""


@dataclass(frozen=True)
class Route:
    """From whom to whom: MSH-3 to MSH-6."""

    sending_application: str
    sending_facility: str
    receiving_application: str
    receiving_facility: str


def build_order(order: Order, route: Route, *, control_id: str, sent_at: datetime) -> bytes:
    """The order as one message; the same arguments give the same bytes.

    ValueError when `control_id` is empty or longer than MSH-10 allows (20 characters),
    when a time has no zone, or when no service is ordered.
    """
    if not 0 < len(control_id) <= MAX_CONTROL_ID:
        raise ValueError("a message control id has 1 to 20 characters")
    if not order.services:
        raise ValueError("an order names at least one service")
    header = _msh(route, _TYPES[order.structure], control_id, sent_at)
    return encode_message([header, _pid(order), "PV1|1|O", *_services(order)])


def _msh(route: Route, message_type: str, control_id: str, sent_at: datetime) -> str:
    fields = {
        2: escape(route.sending_application),
        3: escape(route.sending_facility),
        4: escape(route.receiving_application),
        5: escape(route.receiving_facility),
        6: format_timestamp(sent_at),
        8: message_type,
        9: escape(control_id),
        10: "P",
        11: VERSION,
        17: CHARSET,
    }
    return segment("MSH", {1: "^~\\&"} | fields)


def _pid(order: Order) -> str:
    person = order.employee
    fields = {
        1: "1",
        3: components(person.identifier, "", "", order.account_number, "EI"),
        5: components(person.family, person.given),
        7: format_date(person.date_of_birth),
        13: escape(person.phone),
    }
    return segment("PID", fields)


def _services(order: Order) -> Iterator[str]:
    for number, service in enumerate(order.services, start=1):
        yield _orc(order)
        yield _obr(order, service, number)
        if number == 1 and order.control != "CA":  # a cancellation needs no more
            yield from _notes(order)
            yield from _observations(order)


def _orc(order: Order) -> str:
    placer = components(order.number, PLACER)
    employer = components(order.employer_name, *[""] * 8, order.account_number)
    fields = {
        1: order.control,
        2: placer,
        4: placer,
        9: format_timestamp(order.created_at),
        10: components("", order.creator_name),
        14: escape(order.callback_phone),
        16: components("", order.control_reason)
        if order.control == "CA"
        else components(order.reason_code, order.reason_text, LOCAL),
        21: employer,
    }
    return segment("ORC", fields)


def _obr(order: Order, service: OrderedService, number: int) -> str:
    fields = {
        1: str(number),
        2: components(order.number, PLACER),
        4: components(service.code, service.name, LOCAL),
    }
    if order.control != "CA":
        fields[31] = components(order.reason_code, order.reason_text, LOCAL)
    return segment("OBR", fields)


def _notes(order: Order) -> Iterator[str]:
    if note := escape(order.note):
        yield segment("NTE", {1: "1", 3: note})


def _observations(order: Order) -> Iterator[str]:
    rows = [row for row in (*_care(order), *_injury(order.injury), *_dot(order.dot_test)) if row[3]]
    for number, (code, name, value_type, value) in enumerate(rows, start=1):
        question = components(code, name, LOCAL)
        yield segment("OBX", {1: str(number), 2: value_type, 3: question, 5: value, 11: "F"})


type _Row = tuple[str, str, str, str]
"""Code, name, value type (HL7 table 0125) and encoded value of one OBX."""


def _care(order: Order) -> Iterator[_Row]:
    yield "KIND", "Injury or non-injury", "ST", escape(order.kind)
    yield "MODALITY", "Modality", "ST", escape(order.modality)
    yield "EXPIRES", "Authorization expires", "TS", format_date(order.expires)
    yield "WORKSITE", "Worksite", "ST", escape(order.worksite)
    yield "BILLING", "Billing note", "ST", escape(order.billing_note)


def _injury(injury: Injury | None) -> Iterator[_Row]:
    if injury is None:
        return
    yield "INJDATE", "Date of injury", "TS", format_date(injury.date)
    yield "INJTIME", "Time of injury", "ST", f"{injury.time:%H%M}" if injury.time else ""
    yield "BODYPART", "Injured body part", "ST", escape(injury.body_part)
    yield "INJDESC", "What happened", "ST", escape(injury.description)
    yield "CLAIMNO", "Claim number", "ST", escape(injury.claim_number)
    yield "INSURER", "Insurer", "ST", escape(injury.insurer)


def _dot(test: DotTest | None) -> Iterator[_Row]:
    if test is None:
        return
    yield "DOTAGENCY", "DOT agency", "ST", escape(test.agency)
    yield "DOTDONOR", "Employee's ID number", "ST", escape(test.donor_id)
    yield "DOTSPECIMEN", "Specimen", "ST", escape(test.specimen)
    yield "DOTOBSERVED", "Directly observed", "ID", escape(test.observed)
    for code, name, parts in (
        ("DOTDER", "Designated employer representative: name, phone", test.der),
        ("DOTLAB", "Laboratory: name, address", test.laboratory),
        ("DOTMRO", "Medical review officer: name, address, phone, fax", test.review_officer),
        ("DOTCTPA", "C/TPA: name, address, phone", test.ctpa),
    ):
        yield code, name, "ST", _joined(parts)


def _joined(parts: tuple[str, ...]) -> str:
    return escape(", ".join(filter(None, parts)))
