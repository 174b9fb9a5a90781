"""Which documents an order brings about, and the messages that tell the portal of a visit."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from clearwork.demo.clinic import documents, wire
from clearwork.demo.clinic.coded import Said, said
from clearwork.demo.clinic.examination import Facts, rows
from clearwork.demo.clinic.orders import Order
from clearwork.demo.clinic.store import Outgoing

# By the service code's start; the activity status report comes with every visit.
_DOCUMENTS = {
    "DOT-": "mec_dot_card",
    "PHYS-PREPLACE": "pre_placement_physical",
    "AUDIO": "audiogram",
    "RESP-CLEAR": "respirator_clearance",
    "FIT-TEST": "fit_test",
    "VAC-": "vaccine_administration_record",
    "TB-": "test_and_lab_result",
    "LAB-": "test_and_lab_result",
    "HPE": "human_performance_evaluation",
    "SURV-": "medical_surveillance_opinion",
    "DRUG-": "custody_and_control_form",
    "ALC-": "alcohol_testing_form",
    "PFT": "other_physical_or_ancillary",
    "PT-": "other_physical_or_ancillary",
    "EKG": "other_physical_or_ancillary",
    "XRAY-": "other_physical_or_ancillary",
    "VISION-": "other_physical_or_ancillary",
}
_STATE = re.compile(r"(?:^|-)([A-Z]{2})-")


@dataclass(frozen=True)
class Document:
    """`coded`: what it says, for machines, as (code, value type, value) of OBX segments."""

    report_type: str
    pdf: bytes
    coded: tuple[Said, ...] = ()


def report_types(order: Order) -> list[str]:
    """The types of report the order's services bring, each once."""
    status = "injury_activity_status" if order.injury else "non_injury_activity_status"
    found = [
        report_type
        for service in order.services
        for start, report_type in _DOCUMENTS.items()
        if service.code.startswith(start)
    ]
    return list(dict.fromkeys([status, *found]))


def make_documents(order: Order, visited: datetime) -> list[Document]:
    """The order's documents; in each, what examination.complete finds for its number."""
    facts = _facts(order, visited)
    return [
        Document(kind, documents.make(kind, facts), said(kind, facts))
        for kind in report_types(order)
    ]


def _facts(order: Order, visited: datetime) -> Facts:
    state = _STATE.search(order.receiver[1])
    return {
        "number": order.number,
        "given": order.given,
        "family": order.family,
        "birth_date": _iso(order.birth_date),
        "employee_id": order.employee_id,
        "employer": order.employer,
        "worksite": order.observations.get("WORKSITE", ""),
        "reason": order.reason,
        "center": f"Medical center {order.receiver[1] or order.receiver[0]}",
        "state": state[1] if state else "",
        "visit_date": visited.date().isoformat(),
        "time_in": f"{visited:%H:%M}",
        "services": rows(*([s.name or s.code, "Completed"] for s in order.services)),
        "injury_date": _iso(order.observations.get("INJDATE", "")),
        "body_part": order.observations.get("BODYPART", ""),
        "claim_number": order.observations.get("CLAIMNO", ""),
    }


def _iso(day: str) -> str:
    return f"{day[:4]}-{day[4:6]}-{day[6:8]}" if len(day) >= 8 and day.isdigit() else ""


def status(order: Order, control: str, when: datetime, state: str = "") -> Outgoing:
    """ORM^O01: ORC-1 OK (accepted), or SC with ORC-5 IP (checked in) or CM (completed)."""
    control_id = _control_id(order, control + state)
    orc = _orc(order, control) | {5: state, 9: wire.timestamp(when)}
    segments = [
        _header(order, "ORM^O01^ORM_O01", control_id, when),
        _pid(order),
        wire.segment("ORC", orc),
    ]
    return Outgoing(control_id, wire.encode(segments))


def result(order: Order, made: list[Document], visited: datetime, when: datetime) -> Outgoing:
    """ORU^R01 with each document as base64 in an OBX of type ED."""
    control_id = _control_id(order, "ORU")
    segments = [_header(order, "ORU^R01^ORU_R01", control_id, when), _pid(order)]
    for index, document in enumerate(made, start=1):
        segments += _observation(order, index, document, visited, when)
    return Outgoing(control_id, wire.encode(segments))


def _observation(
    order: Order, index: int, document: Document, visited: datetime, when: datetime
) -> Iterator[str]:
    orc = _orc(order, "RE")
    title = documents.TITLES[document.report_type]
    coded = wire.components(document.report_type, title, "99CW")
    pdf = base64.b64encode(document.pdf).decode("ascii")
    seen = wire.timestamp(visited)
    filler = wire.components(f"{_filler(order)}-{index}", order.receiver[0])
    employer = wire.components(order.employer, *[""] * 8, order.account)
    yield wire.segment("ORC", orc | {3: filler, 9: wire.timestamp(when), 21: employer})
    obr = {1: str(index), 2: orc[2], 3: filler, 4: coded, 7: seen, 22: wire.timestamp(when)}
    yield wire.segment("OBR", obr | {25: "F"})
    obx = {1: "1", 2: "ED", 3: coded, 5: f"^application^pdf^Base64^{pdf}", 11: "F", 14: seen}
    yield wire.segment("OBX", obx)
    for number, (code, kind, value) in enumerate(document.coded, start=2):
        named = wire.components(code, "", "99CW")
        yield wire.segment("OBX", {1: str(number), 2: kind, 3: named, 5: value, 11: "F", 14: seen})


def _header(order: Order, kind: str, control_id: str, when: datetime) -> str:
    return wire.header(kind, control_id, order.receiver, order.sender, when)


def _pid(order: Order) -> str:
    identifier = wire.components(order.employee_id, "", "", order.account, "EI")
    name = wire.components(order.family, order.given)
    return wire.segment("PID", {1: "1", 3: identifier, 5: name, 7: order.birth_date})


def _orc(order: Order, control: str) -> dict[int, str]:
    placer = wire.components(order.number, order.namespace)
    return {1: control, 2: placer, 3: wire.components(_filler(order), order.receiver[0]), 4: placer}


def _filler(order: Order) -> str:
    return "V" + _digest(order, "visit")[:10]


def _control_id(order: Order, what: str) -> str:
    """At most 20 characters, the same for the same order: a restart sends nothing twice."""
    return f"{what[:5]}{_digest(order, what)}"[:20]


def _digest(order: Order, what: str) -> str:
    digest = hashlib.sha256(f"{order.control_id}|{order.number}|{what}".encode()).digest()
    return base64.b32encode(digest).decode("ascii")[:15]
