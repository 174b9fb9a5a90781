"""XLSX (ECMA-376): read row by row, after a look at how large it really is.

A workbook is a ZIP file of XML. Its sizes are measured by unpacking it bit by bit, since
what its directory says may be a lie; nothing is given to the parser before. Formulas are
never evaluated: a cell has the value that the spreadsheet program stored beside it.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils import column_index_from_string

from clearwork.sheets.table import MOST_COLUMNS, MOST_ROWS, Table, Unreadable, assemble, clean

MOST_BYTES = 48 * 1024 * 1024  # unpacked; 20,000 rows of 40 columns are some 35 MB
_LONGEST_ROW = 512 * 1024
_MOST_PARTS = 500
_PIECE = 256 * 1024
_BROKEN = "This workbook cannot be read. Open it in Excel and save it again as XLSX, or as CSV."
_TOO_LARGE = (
    f"The workbook is too large: at most {MOST_ROWS:,} rows fit. "
    "Copy the rows you need into a new one."
)
_LOCKED = "This is an old XLS file, or one with a password. Save it as XLSX without a password."
_MERGED = re.compile(rb"""mergeCell\s+ref=["']([A-Z]{1,2})(\d{1,7}):[A-Z]{1,3}(\d{1,7})["']""")
_HIDDEN_ROW = re.compile(
    rb"""<(?:\w+:)?row\s(?=[^<>]*\bhidden=["'](?:1|true))[^<>]*?\br=["'](\d{1,7})"""
)
_HIDDEN = (
    "Row {} is hidden, perhaps by a filter: nobody can say whether it is meant. "
    "Show all rows, or copy those you mean into a new sheet."
)
_ROW_BYTES = 1_024  # of a row's own tag
_MOST_AREAS = 5_000
_AREA_BYTES = 48
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"


def is_workbook(data: bytes) -> bool:
    return data.startswith((b"PK\x03\x04", _OLD_OFFICE))


def read(data: bytes) -> Table:
    """The table of the first visible sheet; raises Unreadable."""
    if data.startswith(_OLD_OFFICE):
        raise Unreadable(_LOCKED)
    try:
        _measure(data)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # extensions it does not know, which hold no cells
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
            return assemble(_rows(book))
    except (zipfile.BadZipFile, ParseError, KeyError, IndexError, TypeError, AttributeError):
        raise Unreadable(_BROKEN) from None
    except Unreadable:
        raise
    except (ValueError, OSError, EOFError, zlib.error, NotImplementedError, RuntimeError):
        raise Unreadable(_BROKEN) from None


def _measure(data: bytes) -> None:
    """Refuse what would take too much memory or time, by unpacking and counting.

    All parts: which of them the parser reads is said by the workbook, not by their names.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
        if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > MOST_BYTES:
            raise Unreadable(_TOO_LARGE)
        for part in parts:
            with archive.open(part) as opened:
                _measure_part(opened)


def _measure_part(opened: Any) -> None:
    """`opened` never gives more than its directory entry said (zipfile checks its CRC)."""
    since_row = rows = 0
    while piece := opened.read(_PIECE):
        rows += piece.count(b"row")
        if rows > 20 * MOST_ROWS:  # empty ones, too: some programs write them to the very end
            raise Unreadable(_TOO_LARGE)
        last = piece.rfind(b"row")
        since_row = len(piece) - last if last >= 0 else since_row + len(piece)
        if since_row > _LONGEST_ROW and _cells(piece) > MOST_COLUMNS:
            raise Unreadable(f"A row has far too many cells; at most {MOST_COLUMNS} fit.")


def _cells(piece: bytes) -> int:
    return piece.count(b"<c ") + piece.count(b"<c>") + piece.count(b"<c/") + piece.count(b":c ")


def _rows(book: Any) -> Iterator[tuple[int, list[str]]]:
    sheets = [s for s in book.worksheets if s.sheet_state == "visible"] or book.worksheets
    if not sheets:
        raise Unreadable("The workbook has no sheet.")
    sheet = sheets[0]
    merged, hidden = _merged_downwards(sheet), set(_hidden_rows(sheet))
    # What the sheet says of its own size is often wrong, and may be a billion cells.
    sheet.reset_dimensions()
    limits = {"max_row": 10 * MOST_ROWS, "max_col": MOST_COLUMNS + 1}
    above: dict[int, str] = {}
    ends: dict[int, int] = {}
    for number, row in enumerate(sheet.iter_rows(values_only=True, **limits), start=1):
        cells = [in_words(value) for value in row]
        if number in hidden and any(cells):
            raise Unreadable(_HIDDEN.format(number))
        for column, end in ends.items():
            if number <= end and column < len(cells) and not cells[column]:
                cells[column] = above.get(column, "")
        ends |= merged.get(number, {})
        above = dict(enumerate(cells)) if merged else above
        yield number, cells


def _merged_downwards(sheet: Any) -> dict[int, dict[int, int]]:
    """{first row: {column: last row}} of cells merged over several rows, whose value stands in
    the first: a few bytes may name a million cells, so they are never listed.

    The parser passes merged areas over (18.3.1.54), so they are looked up first.
    """
    merged: dict[int, dict[int, int]] = {}
    with sheet._get_source() as source:
        for left, top, bottom in _merged_areas(source):
            if left <= MOST_COLUMNS:
                merged.setdefault(top, {})[left] = bottom
    return merged


def _hidden_rows(sheet: Any) -> Iterator[int]:
    """The parser passes over what is hidden (18.3.1.73), too."""
    end = b""
    with sheet._get_source() as source:
        while piece := source.read(_PIECE):
            if b"hidden=" in (text := end + piece):
                yield from (int(row[1]) for row in _HIDDEN_ROW.finditer(text))
            end = piece[-_ROW_BYTES:]


def _merged_areas(source: Any) -> Iterator[tuple[int, int, int]]:
    """(column from 0, first row, last row) of each merged area; the first 5,000."""
    end, found = b"", 0
    while piece := source.read(_PIECE):
        for area in _MERGED.finditer(end + piece):
            found += 1
            if found > _MOST_AREAS:
                return
            yield column_index_from_string(area[1].decode()) - 1, int(area[2]), int(area[3])
        end = piece[-_AREA_BYTES:] if b"mergeCell" in piece else b""


def in_words(value: object) -> str:
    """A cell's value as one would type it; dates as 2025-04-03."""
    if value is None:
        return ""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date | time | timedelta | int | float):
        return str(value)
    return clean(str(value))
