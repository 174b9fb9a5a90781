"""Acknowledgments: MSA (HL7 table 0008) with an ERR for each thing to repair (table 0357).

HL7 v2.5.1, chapter 2, 2.9.2 (original mode), 2.15.5 (ERR) and 2.15.8 (MSA).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from clearwork.exchange.hl7.dates import format_timestamp
from clearwork.exchange.hl7.er7 import components, encode_message, escape, segment
from clearwork.exchange.hl7.message import Header, MalformedMessage, Message, parse

type Code = Literal["AA", "AE", "AR"]

CONDITIONS = {
    0: "Message accepted",
    100: "Segment sequence error",
    101: "Required field missing",
    102: "Data type error",
    103: "Table value not found",
    104: "Value too long",
    200: "Unsupported message type",
    201: "Unsupported event code",
    202: "Unsupported processing id",
    203: "Unsupported version id",
    204: "Unknown key identifier",
    205: "Duplicate key identifier",
    206: "Application record locked",
    207: "Application internal error",
}
"""HL7 table 0357, message error condition codes."""
UNKNOWN_KEY = 204
BUSY = frozenset({206, 207})
"""What the sender may try again: with AR, nothing was wrong with the message itself."""
_MEANINGS: dict[str, Code] = {
    "AA": "AA",
    "AE": "AE",
    "AR": "AR",
    "CA": "AA",
    "CE": "AE",
    "CR": "AR",
}
_MOST_ERRORS = 20
_LONGEST_TEXT = 250
_NOBODY = Header("", "", "", "", "", "", "", "")


@dataclass(frozen=True)
class Ack:
    """An answer: what became of the message with that control id, and why.

    `condition` is the first ERR-3 (table 0357), None where there is none.
    """

    code: Code
    control_id: str
    text: str = field(repr=False)
    condition: int | None = None


def build_ack(
    header: Header | None,
    code: Code,
    *,
    control_id: str,
    sent_at: datetime,
    errors: Sequence[MalformedMessage] = (),
    text: str = "",
) -> bytes:
    """The answer to the message with that header, None where not even that could be read.

    `control_id` is the answer's own (MSH-10); MSA-2 repeats the answered message's.
    """
    header = header or _NOBODY
    msa = segment("MSA", {1: code, 2: escape(header.control_id), 3: escape(text[:_LONGEST_TEXT])})
    errs = [_err(error) for error in errors[:_MOST_ERRORS]]
    return encode_message([_msh(header, control_id, sent_at), msa.rstrip("|"), *errs])


def read_ack(raw: bytes) -> Ack:
    """The answer in `raw`; enhanced mode's CA, CE and CR count as AA, AE and AR.

    The text is MSA-3, else what the ERR segments say. MalformedMessage when it is no answer.
    """
    message = parse(raw, need_control_id=False)
    answers = message.segments("MSA")
    if not answers:
        raise MalformedMessage(100, "MSA^1", "An acknowledgment holds an MSA segment.")
    msa = answers[0]
    code = _MEANINGS.get(msa.get(1))
    if code is None:
        raise msa.error(103, 1, "Unknown acknowledgment code: send AA, AE or AR.")
    return Ack(code, msa.get(2), msa.get(3) or _error_text(message), _condition(message))


def _msh(header: Header, control_id: str, sent_at: datetime) -> str:
    fields = {
        1: "^~\\&",
        2: escape(header.receiving_application),
        3: escape(header.receiving_facility),
        4: escape(header.sending_application),
        5: escape(header.sending_facility),
        6: format_timestamp(sent_at),
        8: components("ACK", header.trigger, "ACK"),
        9: escape(control_id),
        10: "P",
        11: escape(header.version) or "2.5.1",
        17: "UNICODE UTF-8",
    }
    return segment("MSH", fields)


def _err(error: MalformedMessage) -> str:
    fields = {
        2: components(*error.location.split("^")),
        3: components(str(error.code), CONDITIONS.get(error.code, ""), "HL70357"),
        4: "E",
        8: escape(error.text[:_LONGEST_TEXT]),
    }
    return segment("ERR", fields)


def _error_text(message: Message) -> str:
    texts = (err.get(8) or err.get(7) or err.get(3, 2) for err in message.segments("ERR"))
    return " ".join(filter(None, texts))


def _condition(message: Message) -> int | None:
    codes = (err.get(3) for err in message.segments("ERR"))
    return next((int(code) for code in codes if code.isascii() and code.isdigit()), None)
