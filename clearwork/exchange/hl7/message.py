"""Reading an HL7 v2 message in ER7, whatever the bytes: a Message or a MalformedMessage.

Cheap on purpose: a segment is split when one of its fields is first asked for, a field
never further than the part asked for, so that a base64 PDF is only ever sliced.
"""

from __future__ import annotations

import codecs
import re
import string
from collections.abc import Set
from dataclasses import dataclass, field, replace
from functools import cached_property

from clearwork.exchange.hl7.er7 import Encoding, unescape

MAX_SEGMENTS = 5_000
MAX_FIELDS = 500
MAX_CONTROL_ID = 199
_HEADER_BYTES = 8_192
_PADDING = b" \t\r\n"
_NAME = re.compile(r"[A-Z][A-Z0-9]{2}")
_ENVELOPES = {"MSH", "FHS", "BHS", "BTS", "FTS"}
_UTF8_OR_LATIN1 = {"", "ASCII", "ISO IR6", "UNICODE"}
_CODECS = {
    "UNICODE UTF-8": "utf-8",
    "UTF-8": "utf-8",
    "UTF8": "utf-8",
    "GB 18030-2000": "gb18030",
    "BIG-5": "big5",
    "KS X 1001": "euc_kr",
    "CP1252": "cp1252",
    "WINDOWS-1252": "cp1252",
} | {f"8859/{part}": f"iso8859-{part}" for part in (*range(1, 10), 15)}


class MalformedMessage(ValueError):
    """A message we cannot take, said so that its sender can repair it.

    `code` is of HL7 table 0357 (message error condition codes), `location` an ERL value
    such as `PID^1^7` (segment, its number among its name, field, and where it helps
    repetition and component), `text` what to fix. The text never quotes the message.
    """

    def __init__(self, code: int, location: str, text: str) -> None:
        super().__init__(code, location, text)
        self.code = code
        self.location = location
        self.text = text

    def __str__(self) -> str:
        return f"{self.location}: {self.text} ({self.code})"


@dataclass(frozen=True)
class Header:
    """What MSH says: from whom to whom (MSH-3 to MSH-6), what (MSH-9) and which (MSH-10)."""

    sending_application: str
    sending_facility: str
    receiving_application: str
    receiving_facility: str
    control_id: str
    message_type: str
    trigger: str
    version: str

    @property
    def sender(self) -> tuple[str, str]:
        return self.sending_application, self.sending_facility


@dataclass(frozen=True)
class Segment:
    """One segment: its name and its number among the segments of that name, from 1."""

    name: str
    sequence: int
    text: str = field(repr=False)
    encoding: Encoding = field(repr=False)

    def get(
        self, field: int, component: int = 1, subcomponent: int = 1, repetition: int = 1
    ) -> str:
        """One value by its HL7 numbers, from 1: unescaped, unpadded, "" when absent or null."""
        value = self._field(field)
        value = _part(value, self.encoding.repetition, repetition)
        value = _part(value, self.encoding.component, component)
        value = _part(value, self.encoding.subcomponent, subcomponent)
        text = unescape(value, self.encoding).strip()
        return "" if text == '""' else text

    def repeats(self, field: int) -> bool:
        return self.encoding.repetition in self._field(field)

    def error(self, code: int, field: int, text: str, component: int = 0) -> MalformedMessage:
        """The error that one of its fields, or a component of it, is at fault."""
        location = f"{self.name}^{self.sequence}^{field}"
        return MalformedMessage(code, f"{location}^1^{component}" if component else location, text)

    def _field(self, number: int) -> str:
        return self._fields[number] if number < len(self._fields) else ""

    @cached_property
    def _fields(self) -> list[str]:
        """The fields by their HL7 number; MSH-1 is the delimiter itself."""
        fields = self.text.split(self.encoding.field, MAX_FIELDS)
        return [fields[0], self.encoding.field, *fields[1:]] if self.name == "MSH" else fields


@dataclass(frozen=True)
class Message:
    """A message as its header and its segments in the order sent, MSH first."""

    header: Header
    all_segments: tuple[Segment, ...]

    def segments(self, name: str) -> list[Segment]:
        return [segment for segment in self.all_segments if segment.name == name]


def parse(raw: bytes, *, need_control_id: bool = True) -> Message:
    """The message in `raw` (no MLLP frame around it), or MalformedMessage.

    Segments may end in CR, CRLF or, where there is no CR at all, LF. Only an
    acknowledgment may go without MSH-10: pass `need_control_id=False`.
    """
    text, codec = _decoded(raw.removeprefix(codecs.BOM_UTF8).lstrip(_PADDING))
    lines = _lines(text)
    segments = _segments(lines, _encoding(lines[0], codec))
    header = _header(segments[0])
    _check_header(header, need_control_id=need_control_id)
    return Message(header, segments)


def peek_header(raw: bytes) -> Header | None:
    """What can be read of the header of a message that does not parse, to answer it; else None."""
    start = raw[:_HEADER_BYTES].removeprefix(codecs.BOM_UTF8).lstrip(_PADDING).replace(b"\0", b"")
    line = start.replace(b"\n", b"\r").partition(b"\r")[0].decode("utf-8", "replace")
    try:
        return _header(Segment("MSH", 1, line, _encoding(line, "utf-8")))
    except MalformedMessage:
        return None


def require_type(message: Message, accepted: Set[tuple[str, str]]) -> None:
    """MalformedMessage 200 or 201 unless MSH-9 is one of these (type, trigger) pairs."""
    header = message.header
    if header.message_type not in {message_type for message_type, _ in accepted}:
        raise MalformedMessage(200, "MSH^1^9", "This message type is not taken here.")
    if (header.message_type, header.trigger) not in accepted:
        raise MalformedMessage(201, "MSH^1^9", "This trigger event is not taken here.")


def _decoded(raw: bytes) -> tuple[str, str]:
    if not raw.startswith(b"MSH"):
        raise MalformedMessage(100, "MSH^1", "The message must begin with an MSH segment.")
    if b"\0" in raw:
        raise MalformedMessage(102, "MSH^1", "The message must not contain NUL bytes.")
    declared = _declared_charset(raw)
    if declared in _UTF8_OR_LATIN1:
        return _utf8_or_latin1(raw)
    if declared not in _CODECS:
        raise MalformedMessage(103, "MSH^1^18", "Unknown character set: send UNICODE UTF-8.")
    try:
        return raw.decode(_CODECS[declared]), _CODECS[declared]
    except UnicodeDecodeError:
        text = "The message is not in the character set that MSH-18 declares."
        raise MalformedMessage(102, "MSH^1^18", text) from None


def _declared_charset(raw: bytes) -> str:
    header = re.split(rb"[\r\n]", raw[:_HEADER_BYTES], maxsplit=1)[0]
    fields = header.split(header[3:4] or b"|")
    charset = fields[17] if len(fields) > 17 else b""
    return charset.partition(b"~")[0].decode("latin-1").strip().upper()


def _utf8_or_latin1(raw: bytes) -> tuple[str, str]:
    try:
        return raw.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return raw.decode("latin-1"), "latin-1"


def _lines(text: str) -> list[str]:
    if "\r" not in text:
        text = text.replace("\n", "\r")
    lines = text.split("\r", MAX_SEGMENTS + 1)
    if len(lines) > MAX_SEGMENTS + 1:
        raise MalformedMessage(100, "MSH^1", f"Send at most {MAX_SEGMENTS:,} segments a message.")
    return [line for line in (line.strip() for line in lines) if line]


def _encoding(header: str, codec: str) -> Encoding:
    """The delimiters of MSH-1 and MSH-2; those MSH-2 leaves off take their usual character."""
    mark = header[3:4]
    marks = header[4:].partition(mark)[0] if mark else ""
    separators = mark + marks[:4] + "^~\\&"[len(marks) :]
    proper = all(c in string.punctuation for c in separators) and len(set(separators)) == 5
    if not header.startswith("MSH") or not marks or len(marks) > 5 or not proper:
        text = "MSH-1 and MSH-2 must hold distinct punctuation marks, best |^~\\&."
        raise MalformedMessage(102, "MSH^1^2", text)
    if mark not in header[4 + len(marks) :]:
        raise MalformedMessage(101, "MSH^1^9", "The header ends after MSH-2.")
    return replace(Encoding(*separators), codec=codec)


def _segments(lines: list[str], encoding: Encoding) -> tuple[Segment, ...]:
    segments: list[Segment] = []
    seen: dict[str, int] = {}
    for line in lines:
        name = line.partition(encoding.field)[0]
        _check_name(name, segments)
        seen[name] = seen.get(name, 0) + 1
        segments.append(Segment(name, seen[name], line, encoding))
    return tuple(segments)


def _check_name(name: str, before: list[Segment]) -> None:
    last = f"{before[-1].name}^{before[-1].sequence}" if before else "MSH^1"
    if not _NAME.fullmatch(name):
        text = "What follows is no segment; write a line break inside a field as \\.br\\."
        raise MalformedMessage(100, last, text)
    if before and name in _ENVELOPES:
        raise MalformedMessage(100, last, "Send one message a frame, without a batch around it.")


def _header(msh: Segment) -> Header:
    return Header(
        sending_application=msh.get(3),
        sending_facility=msh.get(4),
        receiving_application=msh.get(5),
        receiving_facility=msh.get(6),
        control_id=msh.get(10),
        message_type=msh.get(9),
        trigger=msh.get(9, 2),
        version=msh.get(12),
    )


def _check_header(header: Header, *, need_control_id: bool) -> None:
    if not header.message_type:
        raise MalformedMessage(101, "MSH^1^9", "Name the message type, for example ORU^R01.")
    if need_control_id and not header.control_id:
        raise MalformedMessage(101, "MSH^1^10", "Give each message its own control id.")
    if len(header.control_id) > MAX_CONTROL_ID:
        text = f"The control id may have at most {MAX_CONTROL_ID} characters."
        raise MalformedMessage(104, "MSH^1^10", text)


def _part(text: str, mark: str, number: int) -> str:
    """The part of that number between the marks, from 1; "" when there are fewer."""
    if number == 1:
        return text.partition(mark)[0]
    parts = text.split(mark, number)
    return parts[number - 1] if number <= len(parts) else ""
