"""What people really upload: odd encodings, odd dates, odd sheets, and files made to do harm."""

from __future__ import annotations

import io
import time
import tracemalloc
import zipfile
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from clearwork.sheets import delimited, workbook
from clearwork.sheets.reading import read_file, read_pasted
from clearwork.sheets.table import MOST_COLUMNS, MOST_ROWS, Table, Unreadable
from clearwork.sheets.writing import as_csv, as_xlsx

PEOPLE = "Last name,First name,DOB\nNúñez,José,04/17/1988\n王,小明,1990-01-02\n"
WESTERN = "Last name,First name,DOB\nNúñez,José,04/17/1988\n"


def cells(table: Table) -> list[tuple[str, ...]]:
    return [line.cells for line in table.lines]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_files_say_the_same_however_they_are_encoded(encoding: str) -> None:
    table = read_file(PEOPLE.encode(encoding))
    assert table.headers == ("Last name", "First name", "DOB")
    assert cells(table)[0] == ("Núñez", "José", "04/17/1988")
    assert cells(table)[1][0] == "王"


def test_a_csv_of_excel_for_windows_keeps_its_accents() -> None:
    assert cells(read_file(WESTERN.encode("cp1252")))[0][:2] == ("Núñez", "José")


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_any_common_delimiter_is_found(mark: str) -> None:
    table = read_file(PEOPLE.replace(",", mark).encode())
    assert len(table.headers) == 3 and len(table.lines) == 2


def test_excels_own_separator_line_is_understood() -> None:
    table = read_file(b"sep=;\nName;DOB\nGarcia, Maria;04/17/1988\n")
    assert table.headers == ("Name", "DOB")
    assert (table.lines[0].number, table.lines[0].cells[0]) == (3, "Garcia, Maria")


def test_a_quoted_cell_may_hold_commas_quotes_and_newlines() -> None:
    table = read_file(b'Name,Note\n"Garcia, Maria","Says ""hello""\nand more"\n')
    assert cells(table) == [("Garcia, Maria", 'Says "hello" and more')]


@pytest.mark.parametrize("rest", ["Lee,Al,\n" * 3, "Lee,Al,\n" * 400 + 'Ray,Bo,"x"\n'])
def test_a_quotation_mark_left_open_takes_no_rows_with_it(rest: str) -> None:
    with pytest.raises(Unreadable, match="quotation mark"):
        read_pasted('Last,First,Note\nGarcia,Maria,"fasting\n' + rest)


def test_pasted_rows_and_empty_rows_between_them() -> None:
    table = read_pasted("Name\tDOB\r\nGarcia, Maria\t4/17/1988\r\n\r\n\t\r\nLee, Al\t1/2/90\r\n")
    assert [line.number for line in table.lines] == [2, 5]


def test_a_single_column_needs_no_delimiter() -> None:
    assert cells(read_pasted("Employee number\nN-1\nN-2")) == [("N-1",), ("N-2",)]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"   \n", "empty"),
        (b"Name,DOB\n", "only one row"),
        (b"%PDF-1.7 nothing", "PDF"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 512, "old XLS"),
        (b"PK\x03\x04 this is no archive", "cannot be read"),
        (b"a,b\n1,2,3\n", "more cells than"),
        (b"x" * (10 * 1024 * 1024 + 1), "larger than 10 MB"),
        (b"a,b\n" + b'"' + b"x" * 200_000, "far too long"),
        (b"\x89GIF\0\0\0\x01\0\0\xff\xfe" * 9, "not a text file"),
    ],
)
def test_what_cannot_be_read_says_why(data: bytes, says: str) -> None:
    with pytest.raises(Unreadable, match=says):
        read_file(data)


def test_a_million_rows_are_refused_quickly() -> None:
    data = b"a,b\n" + b"1,2\n" * 1_000_000
    started = time.perf_counter()
    with pytest.raises(Unreadable, match=f"more than {MOST_ROWS:,} rows"):
        read_file(data)
    assert time.perf_counter() - started < 2


def test_too_many_columns_are_refused() -> None:
    with pytest.raises(Unreadable, match="columns"):
        read_file(b",".join(b"c%d" % n for n in range(MOST_COLUMNS + 1)) + b"\n1\n")


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_in_words(data: bytes) -> None:
    for prefix in (b"", b"PK\x03\x04", b"a,b\n"):
        try:
            table = read_file(prefix + data)
        except Unreadable as refusal:
            assert str(refusal).endswith((".", "?"))
        else:
            assert all(len(line.cells) == len(table.headers) for line in table.lines)


def book(*rows: list[object]) -> Workbook:
    made = Workbook()
    for row in rows:
        made.active.append(row)
    return made


def saved(made: Workbook) -> bytes:
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()


def test_a_workbooks_values_come_as_one_would_type_them() -> None:
    made = book(
        ["Name", "DOB", "Number", "Active"],
        ["Garcia, Maria", datetime(1988, 4, 17), 1042.0, True],  # noqa: DTZ001 - as in a sheet
        ["Lee, Al", date(1990, 1, 2), "007", None],
    )
    assert cells(read_file(saved(made))) == [
        ("Garcia, Maria", "1988-04-17", "1042", "yes"),
        ("Lee, Al", "1990-01-02", "007", ""),
    ]


def test_a_formula_is_never_evaluated() -> None:
    made = book(["Name", "Note"], ["Garcia", "=HYPERLINK(A1)"])
    assert cells(read_file(saved(made))) == [("Garcia", "")], "no stored value: none is made up"


def test_text_that_looks_like_a_formula_stays_text() -> None:
    assert cells(read_file(b"Name,Note\nGarcia,=1+1\n"))[0][1] == "=1+1"


def test_cells_merged_downwards_count_for_each_row() -> None:
    made = book(["Name", "Worksite"], ["Garcia", "Plant 4"], ["Lee", None], ["Ann", "Yard"])
    made.active.merge_cells("B2:B3")
    assert [row[1] for row in cells(read_file(saved(made)))] == ["Plant 4", "Plant 4", "Yard"]


def test_a_row_that_a_filter_hides_is_neither_taken_nor_left_out() -> None:
    made = book(["Name", "DOB"], ["Garcia", "4/17/1988"], ["Lee", "1/2/1990"])
    made.active.row_dimensions[9].hidden = True  # an empty one
    assert len(cells(read_file(saved(made)))) == 2
    made.active.row_dimensions[3].hidden = True
    with pytest.raises(Unreadable, match="Row 3 is hidden"):
        read_file(saved(made))


def test_a_merged_title_above_the_table_is_passed_over() -> None:
    made = book(["New drivers", None], ["Name", "DOB"], ["Garcia", "4/17/1988"])
    made.active.merge_cells("A1:B1")
    table = read_file(saved(made))
    assert table.headers == ("Name", "DOB") and table.lines[0].number == 3


def test_the_first_visible_sheet_is_read() -> None:
    made = book(["Secret"], ["x"])
    made.create_sheet("People").append(["Name", "DOB"])
    made["People"].append(["Garcia", "4/17/1988"])
    made.worksheets[0].sheet_state = "hidden"
    made.active = 1
    assert read_file(saved(made)).headers == ("Name", "DOB")


def rebuilt(sheet: bytes, **more: bytes) -> bytes:
    """A sound workbook, but for the XML of its sheet and further parts."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(saved(book(["Name"], ["Garcia"])))) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            own = sheet if name == "xl/worksheets/sheet1.xml" else old.read(name)
            new.writestr(name, own)
        for name, data in more.items():
            new.writestr(f"xl/{name}.xml", data)
    return target.getvalue()


def renamed(data: bytes) -> bytes:
    """The same workbook, whose sheet lies in a part that does not say it is XML."""
    target, (name, other) = io.BytesIO(), ("sheet1.xml", "sheet1.png")
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.namelist():
            content = old.read(part).replace(name.encode(), other.encode())
            new.writestr(part.replace(name, other), content)
    return target.getvalue()


def sheet(rows: bytes) -> bytes:
    space = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    return b'<?xml version="1.0"?><worksheet %b><sheetData>%b</sheetData></worksheet>' % (
        space,
        rows,
    )


def text(value: bytes, where: bytes) -> bytes:
    return b'<c r="%b" t="inlineStr"><is><t>%b</t></is></c>' % (where, value)


HEAD = b'<row r="1">' + text(b"Name", b"A1") + b"</row>"
FAR_TOO_WIDE = rebuilt(sheet(HEAD + b"<row>" + b"<c/>" * 2_000_000 + b"</row>"))
BOMBS = {
    "more than 48 MB once unpacked": rebuilt(sheet(HEAD), padding=b"0" * (49 * 1024 * 1024)),
    "a million rows": rebuilt(sheet(HEAD + b'<row r="2"><c><v>1</v></c></row>' * 1_000_000)),
    "a million empty rows": rebuilt(sheet(HEAD + b'<row r="2"/>' * 1_000_000)),
    "a row of two million cells": FAR_TOO_WIDE,
    "the same under the name of a picture": renamed(FAR_TOO_WIDE),
    "XML entities that grow": rebuilt(
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
        + b"".join(b'<!ENTITY a%d "%b">' % (n, b"&a%b;" % (b"%d" % (n - 1) if n else b"") * 10)
                   for n in range(9))
        + b']><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b"<sheetData><row><c><v>&a8;</v></c></row></sheetData></worksheet>"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_quickly_and_in_little_memory(name: str) -> None:
    tracemalloc.start()
    started = time.perf_counter()
    with pytest.raises(Unreadable):
        read_file(BOMBS[name])
    took, (_, peak) = time.perf_counter() - started, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert took < 5 and peak < 60 * 1024 * 1024, (took, peak)


def test_a_cell_a_billion_cells_away_costs_nothing() -> None:
    far = b'<row r="2">' + text(b"Garcia", b"A2") + b"</row>"
    far += b'<row r="1048576">' + text(b"far", b"XFD1048576") + b"</row>"
    table = read_file(rebuilt(sheet(HEAD + far)))
    assert cells(table) == [("Garcia",)]


def test_cells_merged_to_the_end_of_the_sheet_cost_nothing() -> None:
    areas = b"".join(b'<mergeCell ref="%c3:%c1048576"/>' % (c, c) for c in b"ABCDEFGHIJ")
    row = b'<row r="2">' + text(b"Garcia", b"A2") + b"</row>"
    end = b"</sheetData><mergeCells>" + areas + b"</mergeCells>"
    data = rebuilt(sheet(HEAD + row).replace(b"</sheetData>", end))
    tracemalloc.start()
    assert cells(read_file(data)) == [("Garcia",)]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20 * 1024 * 1024, peak


def test_a_directory_that_lies_about_sizes_is_found_out() -> None:
    data = bytearray(rebuilt(sheet(HEAD + b'<row r="2"><c><v>1</v></c></row>' * 300_000)))
    at = data.rfind(b"xl/worksheets/sheet1.xml") - 46  # its entry in the central directory
    data[at + 24 : at + 28] = (1000).to_bytes(4, "little")
    with pytest.raises(Unreadable):
        read_file(bytes(data))


def test_what_is_exported_cannot_act_as_a_formula() -> None:
    rows = [["Name", "Note"], ["=cmd|' /C calc'!A0", "+1"], ["@SUM(A1)", "-5"]]
    table = delimited.read_bytes(as_csv(rows))
    assert cells(table) == [("'=cmd|' /C calc'!A0", "+1"), ("'@SUM(A1)", "-5")]
    assert cells(workbook.read(as_xlsx(rows, "People"))) == [tuple(r) for r in rows[1:]]
