"""Column names and dates as people write them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearwork.bulk.rules import ORDER_FIELDS
from clearwork.sheets.dates import Order, order_of, read
from clearwork.sheets.headers import Field, match

FIELDS = (
    Field("last_name", "Last name", ("Surname", "Apellido")),
    Field("first_name", "First name", ("Given name",)),
    Field("date_of_birth", "Date of birth", ("DOB", "Birth date", "Fecha de nacimiento")),
)
TODAY = date(2026, 11, 23)


def test_columns_are_known_in_any_order_and_spelling() -> None:
    found = match(["FECHA DE NACIMIENTO", "given-name", "Shoe size", "surname:"], FIELDS)
    assert found.keys == ("date_of_birth", "first_name", None, "last_name")
    assert found.guessed == frozenset()


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ("Employee #", "employee_number"),
        ("Emp. No.", "employee_number"),
        ("Payroll #", "employee_number"),
        ("#", None),
        ("Employee Last Name", "last_name"),
        ("Driver DOB", "date_of_birth"),
        ("Date Of Birth (MM/DD/YYYY)", "date_of_birth"),
        ("NAME (Last, First)", "name"),
        ("Employee", "name"),
        ("Driver License", None),
        ("SSN", None),
    ],
)
def test_columns_as_payroll_programs_name_them(header: str, key: str | None) -> None:
    assert match([header], ORDER_FIELDS).keys == (key,)


def test_the_exact_name_comes_first_wherever_it_stands() -> None:
    keys = match(["Driver ID", "Employee number"], ORDER_FIELDS).keys
    assert keys == (None, "employee_number")


def test_a_slip_of_the_keys_is_a_guess_and_is_said_to_be_one() -> None:
    found = match(["Last nmae", "D.O.B.", "First nam"], FIELDS)
    assert found.keys == ("last_name", "date_of_birth", "first_name")
    assert found.guessed == {0, 2}


def test_two_columns_never_hold_the_same() -> None:
    assert match(["DOB", "Date of birth"], FIELDS).keys == ("date_of_birth", None)


@pytest.mark.parametrize(
    "written",
    [
        "1988-04-17",
        "04/17/1988",
        "4/17/88",
        "17-Apr-1988",
        "April 17, 1988",
        "17 de abril de 1988",
        "19880417",
        "17.04.1988",
        "32250",
        "1988-04-17 00:00:00",
        "Apr 17th, 1988",
    ],
)
def test_one_day_in_many_formats(written: str) -> None:
    assert read(written, Order.UNKNOWN, latest=TODAY).value == date(1988, 4, 17)


def test_the_columns_other_rows_tell_which_is_the_month() -> None:
    assert order_of(["03/04/2025", "25/03/2025"]) == Order.DAY_FIRST
    assert order_of(["03/04/2025", "03/25/2025"]) == Order.MONTH_FIRST
    assert order_of(["25/03/2025", "03/25/2025"]) == Order.UNKNOWN
    assert order_of(["03/04/2025"]) == Order.UNKNOWN
    assert read("03/04/2025", Order.DAY_FIRST, latest=TODAY).value == date(2025, 4, 3)


def test_where_nothing_tells_the_month_comes_first_and_that_is_said() -> None:
    found = read("03/04/2025", Order.UNKNOWN, latest=TODAY)
    assert (found.value, found.unsure) == (date(2025, 3, 4), True)
    assert not read("03/04/2025", Order.MONTH_FIRST, latest=TODAY).unsure
    assert not read("04/04/2025", Order.UNKNOWN, latest=TODAY).unsure


def test_a_year_of_two_digits_is_never_in_the_future() -> None:
    assert read("1/2/60", Order.MONTH_FIRST, latest=TODAY).value == date(1960, 1, 2)
    assert read("1/2/05", Order.MONTH_FIRST, latest=TODAY).value == date(2005, 1, 2)


@pytest.mark.parametrize("written", ["02/30/1988", "13/13/1990", "31.4.90", "2/29/1900"])
def test_a_day_that_never_was_is_a_problem(written: str) -> None:
    found = read(written, Order.UNKNOWN, latest=TODAY)
    assert found.value is None and found.problem.startswith("There is no such day")


@pytest.mark.parametrize("written", ["soon", "#REF!", "123", "99999", "17 Foo 1988", "0", "-"])
def test_what_is_no_date_is_a_problem_that_shows_how(written: str) -> None:
    found = read(written, Order.UNKNOWN, latest=TODAY)
    assert found.value is None and "04/17/1988" in found.problem


@given(st.dates(date(1927, 1, 1), TODAY), st.sampled_from(["%m/%d/%Y", "%Y-%m-%d", "%d-%b-%Y"]))
def test_every_day_is_read_as_it_was_written(day: date, written: str) -> None:
    assert read(day.strftime(written), Order.MONTH_FIRST, latest=TODAY).value == day


@given(st.text(max_size=30))
def test_any_text_is_a_date_or_a_problem(text: str) -> None:
    found = read(text, Order.UNKNOWN, latest=TODAY + timedelta(days=400))
    assert (found.value is None) == bool(found.problem)
