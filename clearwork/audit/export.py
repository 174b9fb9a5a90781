"""CSV that a spreadsheet opens as text: no cell becomes a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from clearwork.foundation.text import safe_cell


def to_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """UTF-8 with a byte order mark (so that Excel reads accents), all cells quoted."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    writer.writerow([_text(cell) for cell in header])
    writer.writerows([_text(cell) for cell in row] for row in rows)
    return file.getvalue().encode("utf-8-sig")


def _text(value: object) -> str:
    return "" if value is None else safe_cell(str(value))
