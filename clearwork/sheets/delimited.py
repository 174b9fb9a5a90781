"""CSV and pasted rows: text of any common encoding, with any common delimiter (RFC 4180)."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from itertools import chain, islice

from clearwork.sheets.table import LONGEST_CELL, MOST_ROWS, Table, Unreadable, assemble, clean

_DELIMITERS = ",\t;|"
_SAMPLE = 64 * 1024
_ROWS_COMPARED = 20
_TOO_LONG = (
    "A cell is far too long: is a quotation mark missing? "
    f"A cell holds at most {LONGEST_CELL:,} characters."
)
_END = "\0"  # in no text that is read
_NO_TEXT = "This is not a text file. Save the sheet as CSV or XLSX."
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_bytes(data: bytes) -> Table:
    """A CSV file's table; raises Unreadable."""
    text = decode(data)
    if "\0" in text:
        raise Unreadable(_NO_TEXT)
    return read_text(text)


def read_text(text: str) -> Table:
    """The table of CSV text, or of rows copied from a spreadsheet; raises Unreadable.

    Excel writes `sep=;` above the first row where its separator is no comma.
    """
    first, _, rest = text.partition("\n")
    if first.strip().lower().startswith("sep=") and len(first.strip()) == 5:
        return assemble(_rows(rest, first.strip()[-1], above=1))
    return assemble(_rows(text, delimiter_of(text)))


def decode(data: bytes) -> str:
    """The text of a file that does not say how it is encoded.

    A byte order mark decides; else zero bytes tell UTF-16; else it is UTF-8 where that
    is valid, and Windows-1252, as Excel saves CSV in America, where it is not.
    """
    try:
        return data.decode(_encoding(data))
    except UnicodeDecodeError:
        if b"\0" in data:
            raise Unreadable(_NO_TEXT) from None
        return data.decode("cp1252", errors="replace")


def delimiter_of(text: str) -> str:
    """The delimiter that parts the first rows most often, and equally often."""
    sample = text[:_SAMPLE]
    return max(_DELIMITERS, key=lambda mark: _evenness(sample, mark))


def _encoding(data: bytes) -> str:
    for mark, name in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return name
    sample = data[:_SAMPLE]
    if b"\0" not in sample:
        return "utf-8"
    return "utf-16-be" if sample[0::2].count(0) > sample[1::2].count(0) else "utf-16-le"


def _evenness(sample: str, mark: str) -> tuple[float, int]:
    """How many of the first rows have as many cells as the first, and how many those are."""
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=mark)
    try:
        rows = [len(row) for row in islice(reader, _ROWS_COMPARED) if row]
    except csv.Error:
        return (0.0, 0)
    if not rows or rows[0] < 2:
        return (0.0, 0)
    return (rows.count(rows[0]) / len(rows), rows[0])


def _rows(text: str, delimiter: str, above: int = 0) -> Iterator[tuple[int, list[str]]]:
    """A quotation mark that is never closed would take the rows after it into one cell."""
    lines = chain(io.StringIO(text, newline=""), [_END])
    try:
        for number, row in enumerate(csv.reader(lines, delimiter=delimiter), start=1 + above):
            if row == [_END]:
                return
            if max(map(len, row), default=0) > LONGEST_CELL:
                raise Unreadable(_TOO_LONG)
            if row and row[-1].endswith(_END):
                raise Unreadable(f"A quotation mark in row {number} is never closed.")
            yield number, [clean(cell) for cell in row]
            if number > 10 * MOST_ROWS:
                raise Unreadable("The file has far too many empty rows.")
    except csv.Error:
        raise Unreadable(_TOO_LONG) from None
