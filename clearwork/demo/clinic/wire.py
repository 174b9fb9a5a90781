"""HL7 v2 over MLLP: reading, writing and acknowledging messages.

Built on python-hl7, whose own escaping is not used: it writes UTF-8 letters as hex and
logs the text it cannot read, which here is health information.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import hl7  # type: ignore[import-untyped]

ENCODING = "utf-8"
_ESCAPES = str.maketrans(
    {
        "\\": "\\E\\",
        "|": "\\F\\",
        "^": "\\S\\",
        "&": "\\T\\",
        "~": "\\R\\",
        "\r": "\\.br\\",
        "\n": " ",
    }
)
_ESCAPED = re.compile(r"\\([^\\]{0,80})\\")


@dataclass(eq=False)
class Refusal(Exception):
    """Why a message is not taken: the acknowledgment code (HL7 table 0008) and its ERR segment."""

    code: str
    error: str
    text: str
    location: str = ""


@dataclass(frozen=True)
class Segment:
    """One segment; fields, components and repetitions count from 1 as in the standard."""

    parsed: Any
    separators: str

    @property
    def name(self) -> str:
        return str(self.parsed[0])

    def value(self, field: int, component: int = 1) -> str:
        """The unescaped text of the first repetition's component, or "" where it is absent."""
        if field >= len(self.parsed):
            return ""
        first = str(self.parsed[field]).split(self.separators[2])[0]
        components = first.split(self.separators[3])
        return self._unescape(components[component - 1]) if component <= len(components) else ""

    def _unescape(self, text: str) -> str:
        meaning = dict(zip("FRST", self.separators[1:5], strict=True)) | {"E": "\\", ".br": "\n"}
        plain = _ESCAPED.sub(lambda found: meaning.get(found[1], _hex(found[1])), text)
        return "".join(c for c in plain if c == "\n" or unicodedata.category(c) != "Cc").strip()


def _hex(sequence: str) -> str:
    if not sequence.startswith("X"):
        return ""
    try:
        return bytes.fromhex(sequence[1:]).decode(ENCODING)
    except ValueError:
        return ""


@dataclass(frozen=True)
class Message:
    """A parsed message: its segments in the order they came."""

    segments: tuple[Segment, ...]

    def first(self, name: str) -> Segment:
        """The first segment of that name, or an empty one."""
        return next(self.all(name), Segment([name], "\r|~^&"))

    def all(self, name: str) -> Iterator[Segment]:
        return (segment for segment in self.segments if segment.name == name)


def parse(block: bytes) -> Message:
    """The message in an MLLP block.

    Raises Refusal (AR, table 0357 code 100) where it is no HL7 v2 message in UTF-8.
    """
    try:
        parsed = hl7.parse(block.decode(ENCODING + "-sig"))
        return Message(tuple(Segment(s, parsed.separators) for s in parsed if str(s)))
    except (hl7.HL7Exception, AssertionError, LookupError, ValueError) as error:
        raise Refusal("AR", "100^Segment sequence error^HL70357", "No HL7 v2 message") from error


def escape(text: str) -> str:
    """Text as it may stand in a component."""
    return text.translate(_ESCAPES)


def components(*parts: str) -> str:
    """A field of escaped components."""
    return "^".join(escape(part) for part in parts).rstrip("^")


def segment(name: str, fields: Mapping[int, str]) -> str:
    """A segment from its fields by number; the fields are already escaped."""
    return "|".join([name, *(fields.get(number, "") for number in range(1, max(fields) + 1))])


def header(
    kind: str, control_id: str, sender: tuple[str, str], receiver: tuple[str, str], when: datetime
) -> str:
    """MSH. Sender and receiver are pairs of application and facility."""
    fields = {2: "^~\\&", 3: escape(sender[0]), 4: escape(sender[1]), 5: escape(receiver[0])}
    fields |= {6: escape(receiver[1]), 7: timestamp(when), 9: kind, 10: escape(control_id)}
    fields |= {11: "P", 12: "2.5.1", 18: "UNICODE UTF-8"}
    # MSH-1 is the separator itself, so the list starts at MSH-2.
    return "|".join(["MSH", *(fields.get(number, "") for number in range(2, 19))])


def timestamp(when: datetime) -> str:
    """An HL7 DTM to the second, with its offset."""
    return when.strftime("%Y%m%d%H%M%S%z")


def encode(segments: list[str]) -> bytes:
    return ("\r".join(segments) + "\r").encode(ENCODING)


def acknowledge(block: bytes, when: datetime, refusal: Refusal | None = None) -> bytes:
    """The ACK to a block: AA, or the refusal's code with an ERR segment."""
    msh = _header_of(block)
    event, control_id = msh.value(9, 2), msh.value(10)
    reply_to, reply_from = (msh.value(3), msh.value(4)), (msh.value(5), msh.value(6))
    kind = f"ACK^{event}^ACK" if event else "ACK"
    head = header(kind, f"ACK{control_id}"[:20], reply_from, reply_to, when)
    if refusal is None:
        return encode([head, segment("MSA", {1: "AA", 2: escape(control_id)})])
    msa = {1: refusal.code, 2: escape(control_id), 3: escape(refusal.text)}
    err = {2: refusal.location, 3: refusal.error, 4: "E", 8: escape(refusal.text)}
    return encode([head, segment("MSA", msa), segment("ERR", err)])


def _header_of(block: bytes) -> Segment:
    try:
        return parse(block).first("MSH")
    except Refusal:
        return Message(()).first("MSH")
