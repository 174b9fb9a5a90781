"""What every kind of file becomes, and why one cannot be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

type _Row = tuple[int, list[str]]

MOST_ROWS = 20_000
MOST_COLUMNS = 60
LONGEST_CELL = 2_000
_TOO_MANY_ROWS = f"The table has more than {MOST_ROWS:,} rows. Split it into several files."
_TOO_MANY_COLUMNS = f"The table has more than {MOST_COLUMNS} columns. Remove those not needed."


class Unreadable(ValueError):
    """The file cannot be used; the message tells a person why and what to do."""


@dataclass(frozen=True)
class Line:
    """One row: its number in the file, as a spreadsheet counts, and one text per column."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    headers: tuple[str, ...]
    lines: list[Line]


def assemble(rows: Iterable[tuple[int, list[str]]]) -> Table:
    """The first row names the columns; a title above it and rows without a text are passed over.

    Raises Unreadable past the limits, before more is read.
    """
    filled = ((number, cells) for number, cells in rows if any(cells))
    headers, first = _names(filled)
    lines: list[Line] = []
    for number, cells in chain(first, filled):
        if len(lines) == MOST_ROWS:
            raise Unreadable(_TOO_MANY_ROWS)
        lines.append(Line(number, _fitted(cells, len(headers), number)))
    if not lines:
        raise Unreadable("There is only one row. The first names the columns, the people follow.")
    return Table(headers, lines)


def _names(filled: Iterator[_Row]) -> tuple[tuple[str, ...], list[_Row]]:
    """The names of the columns, and the row after them where that was read to find out.

    One cell alone above rows of several is a title.
    """
    _, names = next(filled, (0, []))
    if not names:
        raise Unreadable("The table is empty.")
    ahead: list[_Row] = []
    while _is_title(names) and (following := next(filled, None)):
        if _is_title(following[1]):
            ahead = [following]
            break
        names = following[1]
    headers = tuple(_without_empty_end(names))
    if len(headers) > MOST_COLUMNS:
        raise Unreadable(_TOO_MANY_COLUMNS)
    return headers, ahead


def _is_title(cells: list[str]) -> bool:
    return sum(map(bool, cells)) == 1


def clean(text: str) -> str:
    """One cell's text: no control characters, no wide blanks, single spaces, not endless."""
    if text.isprintable() and "  " not in text and len(text) <= LONGEST_CELL:
        return text.strip()
    kept = "".join(c if c.isprintable() else " " for c in text[: LONGEST_CELL + 1])
    return " ".join(kept.split())[:LONGEST_CELL]


def _fitted(cells: list[str], width: int, number: int) -> tuple[str, ...]:
    if len(cells) < width:
        cells = cells + [""] * (width - len(cells))
    elif len(cells) > width and any(cells[width:]):
        raise Unreadable(
            f"Row {number} has more cells than the first row has column names. "
            "Is a comma inside a cell without quotation marks?"
        )
    return tuple(cells[:width])


def _without_empty_end(cells: list[str]) -> list[str]:
    while cells and not cells[-1]:
        cells = cells[:-1]
    return cells
