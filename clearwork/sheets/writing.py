"""Tables to download: CSV and XLSX in which no cell can act as a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from clearwork.foundation.text import safe_cell


def as_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """UTF-8 with the byte order mark that Excel needs to read it as such."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([safe_cell(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(rows: Sequence[Sequence[str]], title: str) -> bytes:
    """Every cell is text, so that nothing is taken for a date, a number or a formula."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[: len(rows[0])]:
        sheet.column_dimensions[letter].width = 22
    for number, row in enumerate(rows):
        sheet.append([_cell(sheet, text, bold=number == 0) for text in row])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _cell(sheet: object, text: str, *, bold: bool) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"
    cell.number_format = "@"
    if bold:
        cell.font = Font(bold=True)
    return cell
