"""ER7, the bar-and-caret encoding of HL7 v2: delimiters, escape sequences, writing.

Written here, not taken from python-hl7 (the tests read our messages with it): that library
makes an object of every component (200 bytes of memory for a byte of message, so that one
frame can exhaust a server), takes five times as long over a message with a PDF, writes a
character beyond U+00FF as one hex number that it reads back as several, repeats
`\\.sp999999999\\` as often as it says, and logs text of the message that it cannot read.
Source: HL7 v2.5.1, chapter 2, 2.5 (delimiters) and 2.7 (escape sequences).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

_CONTROLS = [*range(0x20), *range(0x7F, 0xA0)]
_LETTERS = {"|": "F", "^": "S", "&": "T", "~": "R", "\\": "E"}
_BREAKS = dict.fromkeys(("br", "sp", "ce"), "\n")
_INDENTS = dict.fromkeys(("in", "ti", "sk"), " ")
_FORMATTING = _BREAKS | _INDENTS | {"fi": "", "nf": ""}
_ESCAPES: dict[int, str | None] = (
    dict.fromkeys(_CONTROLS, None)
    | {ord("\n"): "\\.br\\", ord("\t"): " "}
    | {ord(mark): f"\\{letter}\\" for mark, letter in _LETTERS.items()}
)


@dataclass(frozen=True)
class Encoding:
    """The five delimiters a message declares in MSH-1 and MSH-2, and its codec (MSH-18)."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    subcomponent: str = "&"
    codec: str = "utf-8"


def escape(text: str) -> str:
    """Text as it stands in a component we send: delimiters escaped, control characters dropped.

    A line break becomes `\\.br\\`, a tab a space.
    """
    return text.replace("\r\n", "\n").replace("\r", "\n").strip().translate(_ESCAPES)


def unescape(text: str, encoding: Encoding) -> str:
    """Text as it was before escaping. A sequence that means nothing here stays as it is."""
    if encoding.escape not in text:
        return text
    meanings = _meanings(encoding)
    plain = _sequences(encoding.escape).sub(lambda m: _meaning(m, meanings, encoding), text)
    return plain.replace("\0", "")


@lru_cache(maxsize=32)
def _sequences(mark: str) -> re.Pattern[str]:
    """Adjacent hex sequences are one match: they may spell one character's bytes together."""
    e = re.escape(mark)
    return re.compile(
        rf"(?P<hex>(?:{e}X[0-9A-Fa-f]*{e})+)"
        rf"|{e}(?:(?P<letter>[FSTREHNP])|\.(?P<format>[a-z]{{2}})[+-]?[0-9]{{0,4}}){e}"
    )


@lru_cache(maxsize=32)
def _meanings(encoding: Encoding) -> Mapping[str, str]:
    delimiters = {"F": encoding.field, "S": encoding.component, "T": encoding.subcomponent}
    marks = {"R": encoding.repetition, "E": encoding.escape, "P": "#", "H": "", "N": ""}
    return delimiters | marks | _FORMATTING


def _meaning(match: re.Match[str], meanings: Mapping[str, str], encoding: Encoding) -> str:
    if match["hex"] is not None:
        return _from_hex(match["hex"], encoding)
    return meanings.get(match["letter"] or match["format"], match[0])


def _from_hex(sequences: str, encoding: Encoding) -> str:
    mark = encoding.escape
    digits = sequences.replace(f"{mark}X", "").replace(mark, "")
    if len(digits) % 2:
        return sequences
    data = bytes.fromhex(digits)
    try:
        return data.decode(encoding.codec)
    except UnicodeDecodeError:
        return data.decode("latin-1")


def components(*texts: str) -> str:
    """Texts as the components of one field, `Doe^Jane`; empty ones at the end are left off."""
    return "^".join(escape(text) for text in texts).rstrip("^")


def segment(name: str, fields: Mapping[int, str]) -> str:
    """One segment from its encoded fields by their HL7 number; those not named stay empty."""
    texts = [fields.get(number, "") for number in range(1, max(fields) + 1)]
    return "|".join([name, *texts])


def encode_message(segments: list[str]) -> bytes:
    """Segments as the bytes of a message in UTF-8, each ended by a carriage return."""
    return "".join(f"{text}\r" for text in segments).encode("utf-8", "replace")
