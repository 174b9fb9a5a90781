"""Reading results: the PDF documents of an ORU^R01 or MDM^T02, and whose they are.

HL7 v2.5.1, chapter 7 (7.3.1) and 9 (9.6.2): the ORC and OBR before an OBX say which
order it answers. A document is an OBX of type ED (2.A.24) with its data in base64.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo

import pybase64

from clearwork.exchange.hl7.dates import date_at, message_zone, timestamp_at
from clearwork.exchange.hl7.message import MalformedMessage, Message, Segment, require_type

RESULT_TYPES = {("ORU", "R01"), ("MDM", "T02")}
_MAGIC = b"%PDF-"
_MAGIC_WITHIN = 1_024
"""Readers accept a PDF whose header is not quite at its start (PDF 1.7, annex H.3.4.1)."""
_FINAL = {"", "F", "C"}


@dataclass(frozen=True, repr=False)
class Patient:
    """Whose results they are: PID-5, PID-7 and PID-3."""

    family: str
    given: str
    date_of_birth: date | None
    identifier: str


@dataclass(frozen=True)
class ResultDocument:
    """One PDF. `number` and `account_number` are empty where the center knows no order.

    number: TXA-14, ORC-2 or OBR-2; account_number: ORC-21, component 10;
    filler_number: TXA-15, ORC-3 or OBR-3; report_type and title: OBX-3, else OBR-4;
    visit_at: OBX-14, OBR-7 or TXA-4, aware.
    """

    number: str
    account_number: str
    filler_number: str
    report_type: str
    title: str = field(repr=False)
    visit_at: datetime | None
    data: bytes = field(repr=False)


@dataclass(frozen=True)
class Result:
    """The documents of one patient, at least one."""

    patient: Patient
    documents: tuple[ResultDocument, ...]


@dataclass
class _Order:
    """The segments that say which order the next observations answer."""

    orc: Segment | None = None
    obr: Segment | None = None
    txa: Segment | None = None

    def first(self, orc: int, obr: int, txa: int, component: int = 1) -> str:
        """The first value among one field of each (0: none); TXA speaks for its document."""
        sources = ((self.txa, txa), (self.orc, orc), (self.obr, obr))
        values = (s.get(number, component) for s, number in sources if s and number)
        return next(filter(None, values), "")


def read_result(message: Message) -> Result:
    """The result in a message, or MalformedMessage with what its sender has to repair."""
    require_type(message, RESULT_TYPES)
    patient = _patient(message)
    documents = tuple(_documents(message, message_zone(message)))
    if not documents:
        text = "Send each report as an OBX of type ED that holds a PDF in base64."
        raise MalformedMessage(101, "OBX^1^5", text)
    return Result(patient, documents)


def _patient(message: Message) -> Patient:
    pids = message.segments("PID")
    if len(pids) != 1:
        raise MalformedMessage(100, "PID^1", "Send exactly one PID: one patient a message.")
    pid = pids[0]
    if not pid.get(5):
        raise pid.error(101, 5, "Give the patient's family name.")
    return Patient(pid.get(5), pid.get(5, 2), date_at(pid, 7), pid.get(3))


def _documents(message: Message, zone: tzinfo) -> Iterator[ResultDocument]:
    order = _Order()
    for segment in message.all_segments:
        if segment.name == "ORC":
            order = _Order(orc=segment)
        elif segment.name == "OBR":
            order = _Order(orc=order.orc if order.obr is None else None, obr=segment)
            _check_number(order)
        elif segment.name == "TXA":
            order.txa = segment
        elif segment.name == "OBX" and segment.get(2) == "ED":
            yield _document(segment, order, zone)


def _check_number(order: _Order) -> None:
    """ORC-2 and OBR-2 are one number (4.5.3.2): two would file it under a stranger's order."""
    orc, obr = order.orc, order.obr
    if orc and obr and orc.get(2) and obr.get(2) and orc.get(2) != obr.get(2):
        raise obr.error(102, 2, "ORC-2 and OBR-2 must be the same authorization number.")


def _document(obx: Segment, order: _Order, zone: tzinfo) -> ResultDocument:
    if obx.get(11) not in _FINAL:
        raise obx.error(103, 11, "Send final (F) or corrected (C) reports only.")
    source = obx if obx.get(3) else order.obr
    number = 3 if source is obx else 4
    if source is None or not source.get(number):
        raise obx.error(101, 3, "Give the report type's code.")
    return ResultDocument(
        number=order.first(2, 2, 14),
        account_number=order.first(21, 0, 0, component=10),
        filler_number=order.first(3, 3, 15),
        report_type=source.get(number),
        title=source.get(number, 2),
        visit_at=_visit_at(obx, order, zone),
        data=_pdf(obx),
    )


def _visit_at(obx: Segment, order: _Order, zone: tzinfo) -> datetime | None:
    for segment, number in ((obx, 14), (order.obr, 7), (order.txa, 4)):
        if segment and (moment := timestamp_at(segment, number, zone)):
            return moment
    return None


def _pdf(obx: Segment) -> bytes:
    if obx.repeats(5):
        raise obx.error(102, 5, "Send each document in an OBX of its own.")
    encoded = _without_white_space(obx.get(5, 5))
    if not encoded:
        raise obx.error(101, 5, "The document is empty: send the PDF in OBX-5.5.", 5)
    if obx.get(5, 4).upper() != "BASE64":
        raise obx.error(103, 5, "Unknown encoding: send Base64.", 4)
    data = _decoded(obx, encoded)
    if _MAGIC not in data[:_MAGIC_WITHIN]:
        raise obx.error(102, 5, "The document is no PDF: its data must begin with %PDF-.", 5)
    return data


def _without_white_space(text: str) -> str:
    """Looking for it takes a tenth of the time that splitting a long text takes."""
    return "".join(text.split()) if any(space in text for space in " \t\n\r") else text


def _decoded(obx: Segment, encoded: str) -> bytes:
    try:
        return pybase64.b64decode(encoded, validate=True)
    except ValueError:
        text = "The base64 is broken: check that it is whole and that nothing is in between."
        raise obx.error(102, 5, text, 5) from None
