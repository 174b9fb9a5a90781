"""Reading results: the PDF documents of an ORU^R01 or MDM^T02, and whose they are.

HL7 v2.5.1, chapter 7 (7.3.1) and 9 (9.6.2): the ORC and OBR before an OBX say which
order it answers. A document is an OBX of type ED (2.A.24) with its data in base64; a drug
screen's result may be an address instead, of type ST or RP (2.A.65). OBX-11 (table 0085)
says whether it corrects an earlier one (C) or takes it back (W, D); OBR-25 (table 0123)
says of all of an order that it is corrected (C).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from urllib.parse import urlsplit

import pybase64

from clearwork.exchange.hl7.coded import NOTHING, Coded, read_coded
from clearwork.exchange.hl7.dates import date_at, message_time, message_zone, timestamp_at
from clearwork.exchange.hl7.message import MalformedMessage, Message, Segment, require_type

RESULT_TYPES = {("ORU", "R01"), ("MDM", "T02")}
_MAGIC = b"%PDF-"
_MAGIC_WITHIN = 1_024
"""Readers accept a PDF whose header is not quite at its start (PDF 1.7, annex H.3.4.1)."""
_FINAL = {"", "F", "C"}
_WITHDRAWN = {"W", "D"}
_LINK_TYPE = "drug_screen_result_link"
_LONGEST_LINK = 500


@dataclass(frozen=True, repr=False)
class Patient:
    """Whose results they are: PID-5, PID-7 and PID-3."""

    family: str
    given: str
    date_of_birth: date | None
    identifier: str


NOBODY = Patient("", "", None, "")


@dataclass(frozen=True)
class ResultDocument:
    """One PDF, or a link. `number` and `account_number` are empty where the center knows no order.

    number: TXA-14, ORC-2 or OBR-2; account_number: ORC-21, component 10;
    filler_number: TXA-15, ORC-3 or OBR-3; report_type and title: OBX-3, else OBR-4;
    visit_at: OBX-14, OBR-7 or TXA-4, aware; coded: what the same order's other OBX say;
    corrects: whether OBX-11 or OBR-25 is C; sent_at: MSH-7, aware;
    link: an https address, then without data; obx: its number among the OBX.
    """

    number: str
    account_number: str
    filler_number: str
    report_type: str
    title: str = field(repr=False)
    visit_at: datetime | None
    data: bytes = field(repr=False)
    coded: Coded = field(default=NOTHING, repr=False)
    corrects: bool = False
    sent_at: datetime | None = None
    link: str = field(default="", repr=False)
    obx: int = 1


@dataclass(frozen=True)
class Withdrawal:
    """One report that was posted in error, by the numbers it came with; why: NTE-3."""

    number: str
    filler_number: str
    report_type: str
    why: str = field(repr=False)


@dataclass(frozen=True)
class Result:
    """The documents of one patient, or the withdrawals of some: at least one of either."""

    patient: Patient
    documents: tuple[ResultDocument, ...] = ()
    withdrawals: tuple[Withdrawal, ...] = ()


@dataclass
class _Order:
    """The segments that say which order the next observations answer."""

    orc: Segment | None = None
    obr: Segment | None = None
    txa: Segment | None = None
    observations: list[Segment] = field(default_factory=list)
    note: str = ""

    def first(self, orc: int, obr: int, txa: int, component: int = 1) -> str:
        """The first value among one field of each (0: none); TXA speaks for its document."""
        sources = ((self.txa, txa), (self.orc, orc), (self.obr, obr))
        values = (s.get(number, component) for s, number in sources if s and number)
        return next(filter(None, values), "")


def read_result(message: Message) -> Result:
    """The result in a message, or MalformedMessage with what its sender has to repair."""
    require_type(message, RESULT_TYPES)
    patient, zone = _patient(message), message_zone(message)
    found = list(_of_orders(message))  # what an order's last segment says is of all of it
    withdrawn = [(obx, order) for obx, order in found if obx.get(11) in _WITHDRAWN]
    if not found:
        text = "Send each report as an OBX of type ED that holds a PDF in base64."
        raise MalformedMessage(101, "OBX^1^5", text)
    if not withdrawn:
        sent_at = message_time(message)
        return Result(patient, tuple(_document(obx, order, zone, sent_at) for obx, order in found))
    if len(withdrawn) < len(found):
        raise withdrawn[0][0].error(102, 11, "Send withdrawals in a message of their own.")
    return Result(patient, withdrawals=tuple(_withdrawal(obx, order) for obx, order in withdrawn))


def _patient(message: Message) -> Patient:
    pids = message.segments("PID")
    if len(pids) != 1:
        raise MalformedMessage(100, "PID^1", "Send exactly one PID: one patient a message.")
    if not pids[0].get(5):
        raise pids[0].error(101, 5, "Give the patient's family name.")
    return read_patient(pids[0])


def read_patient(pid: Segment) -> Patient:
    return Patient(pid.get(5), pid.get(5, 2), date_at(pid, 7), pid.get(3))


def _of_orders(message: Message) -> Iterator[tuple[Segment, _Order]]:
    """Each OBX that is a document, with the order it answers."""
    order = _Order()
    for segment in message.all_segments:
        if segment.name == "ORC":
            order = _Order(orc=segment)
        elif segment.name == "OBR":
            order = _Order(orc=order.orc if order.obr is None else None, obr=segment)
            _check_number(order)
        elif segment.name == "TXA":
            order.txa = segment
        elif segment.name == "NTE":
            order.note = order.note or segment.get(3)
        elif segment.name == "OBX" and _is_report(segment):
            yield segment, order
        elif segment.name == "OBX":
            order.observations.append(segment)


def _is_report(obx: Segment) -> bool:
    """A document, a link, or the withdrawal of one, for which the type may be left out."""
    kind = obx.get(2)
    is_link = kind in ("ST", "RP") and obx.get(3) == _LINK_TYPE
    return kind == "ED" or is_link or (not kind and obx.get(11) in _WITHDRAWN)


def _check_number(order: _Order) -> None:
    """ORC-2 and OBR-2 are one number (4.5.3.2): two would file it under a stranger's order."""
    orc, obr = order.orc, order.obr
    if orc and obr and orc.get(2) and obr.get(2) and orc.get(2) != obr.get(2):
        raise obr.error(102, 2, "ORC-2 and OBR-2 must be the same authorization number.")


def _document(
    obx: Segment, order: _Order, zone: tzinfo, sent_at: datetime | None
) -> ResultDocument:
    if obx.get(11) not in _FINAL:
        raise obx.error(103, 11, "Send final (F) or corrected (C) reports only.")
    source, number = _named(obx, order)
    is_link = obx.get(2) != "ED"
    return ResultDocument(
        number=order.first(2, 2, 14),
        account_number=order.first(21, 0, 0, component=10),
        filler_number=order.first(3, 3, 15),
        report_type=source.get(number),
        title=source.get(number, 2),
        visit_at=_visit_at(obx, order, zone),
        data=b"" if is_link else _pdf(obx),
        coded=read_coded(order.observations, zone),
        corrects="C" in (obx.get(11), order.obr.get(25) if order.obr else ""),
        sent_at=sent_at,
        link=_link(obx) if is_link else "",
        obx=obx.sequence,
    )


def _withdrawal(obx: Segment, order: _Order) -> Withdrawal:
    source, number = _named(obx, order)
    filler = order.first(3, 3, 15)
    if not filler:
        raise obx.error(101, 11, "Give the filler order number the report came with (ORC-3).")
    return Withdrawal(order.first(2, 2, 14), filler, source.get(number), order.note)


def _named(obx: Segment, order: _Order) -> tuple[Segment, int]:
    """The segment and field that give the report's type and title."""
    source, number = (obx, 3) if obx.get(3) else (order.obr, 4)
    if source is None or not source.get(number):
        raise obx.error(101, 3, "Give the report type's code.")
    return source, number


def _link(obx: Segment) -> str:
    """Only https, and no one's password in it."""
    link = obx.get(5)
    try:
        parts = urlsplit(link)
        is_good = parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        is_good = False
    if not is_good or len(link) > _LONGEST_LINK or not link.isprintable() or " " in link:
        raise obx.error(103, 5, "Send the result's address, which begins with https://.")
    return link


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
