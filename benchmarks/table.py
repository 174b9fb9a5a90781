"""The one table that is printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One thing measured. `beside` names what `ratio` compares it with, `target` the promise."""

    what: str
    figure: str
    beside: str = ""
    ratio: float | None = None
    target: str = ""


def draw(rows: Sequence[Row]) -> str:
    """The rows as text in columns."""
    cells = [("What", "Median", "Ratio", "Beside", "Target"), *map(_cells, rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    ]
    return "\n".join([lines[0], "-" * max(map(len, lines)), *lines[1:]])


def _cells(row: Row) -> tuple[str, str, str, str, str]:
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    return row.what, row.figure, ratio, row.beside, row.target
