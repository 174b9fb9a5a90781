"""A spreadsheet opens the export as text: nobody's name runs as a formula."""

from __future__ import annotations

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearwork.audit.export import to_csv
from clearwork.foundation.text import safe_cell
from clearwork.sheets.writing import as_csv

FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
SIGNED = re.compile(r"[+-][0-9]+(\.[0-9]+)?")


@pytest.mark.parametrize("start", FORMULAS)
def test_a_cell_that_would_be_a_formula_gets_an_apostrophe(start: str) -> None:
    asked = f"{start}cmd|'/c calc'!A1"
    assert safe_cell(asked) == f"'{asked}"
    for file in (to_csv(("What",), [[asked]]), as_csv([["What"], [asked]])):
        assert f"'{start}cmd" in file.decode(), "in every table that can be downloaded"


def test_other_cells_stay_as_they_are() -> None:
    assert to_csv(("Ana =", "-5"), [["", None], [7, "+12145550100"]]).decode("utf-8-sig") == (
        '"Ana =","-5"\r\n"",""\r\n"7","+12145550100"\r\n'
    )
    for number in ("-5+1", "-inf", "\t5", "+1 cmd", "-٥"):
        assert safe_cell(number) == f"'{number}", "what only begins like a number"


@given(
    st.lists(st.lists(st.text(st.characters(codec="utf-8"), max_size=8), min_size=2, max_size=2))
)
def test_no_cell_of_any_export_starts_a_formula_and_none_is_lost(rows: list[list[str]]) -> None:
    text = to_csv(("What", "=Who"), rows).decode("utf-8-sig")
    read = list(csv.reader(io.StringIO(text, newline="")))
    assert read[0] == ["What", "'=Who"]
    assert len(read) == len(rows) + 1
    for row, cells in zip(rows, read[1:], strict=True):
        for wrote, cell in zip(row, cells, strict=True):
            assert not cell.startswith(FORMULAS) or SIGNED.fullmatch(cell)
            assert cell in (wrote, f"'{wrote}")
