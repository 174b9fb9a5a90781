"""A spreadsheet opens the export as text: nobody's name runs as a formula."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearwork.audit.export import safe_cell, to_csv

FORMULAS = ("=", "+", "-", "@", "\t", "\r")


@pytest.mark.parametrize("start", FORMULAS)
def test_a_cell_that_would_be_a_formula_gets_an_apostrophe(start: str) -> None:
    assert safe_cell(f"{start}cmd|'/c calc'!A1") == f"'{start}cmd|'/c calc'!A1"


def test_other_cells_stay_as_they_are() -> None:
    assert [safe_cell(cell) for cell in ("Ana =", "", None, 7)] == ["Ana =", "", "", "7"]


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
            assert not cell.startswith(FORMULAS)
            assert cell in (wrote, f"'{wrote}")
