"""One door for every kind of file."""

from __future__ import annotations

from clearwork.sheets import delimited, workbook
from clearwork.sheets.table import Table, Unreadable

MOST_FILE_BYTES = 10 * 1024 * 1024
TOO_LARGE = f"The file is larger than {MOST_FILE_BYTES // 1024 // 1024} MB. Split it."


def read_file(data: bytes) -> Table:
    """The table in a CSV or XLSX file, told apart by its first bytes; raises Unreadable."""
    if len(data) > MOST_FILE_BYTES:
        raise Unreadable(TOO_LARGE)
    if not data.strip():
        raise Unreadable("The file is empty.")
    if data.startswith(b"%PDF"):
        raise Unreadable("This is a PDF. Save the sheet as CSV or XLSX.")
    return workbook.read(data) if workbook.is_workbook(data) else delimited.read_bytes(data)


def read_pasted(text: str) -> Table:
    """The table in rows copied from a spreadsheet, or typed with commas; raises Unreadable."""
    if len(text) > MOST_FILE_BYTES:
        raise Unreadable(TOO_LARGE)
    return delimited.read_text(text)
