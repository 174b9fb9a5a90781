"""Dates as people write them. 03/04/2025 is read as the column's other rows tell."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T]\d.*)?")
_TWO_NUMBERS = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})(?:[ T]\d.*)?")
_DAY_NAME = re.compile(r"(\d{1,2})(?:st|nd|rd|th|\.)?[-/ .]*([^\W\d]+)\.?[-/ .,]*(\d{4}|\d{2})")
_NAME_DAY = re.compile(r"([^\W\d]+)\.?[-/ .]*(\d{1,2})(?:st|nd|rd|th)?[-/ .,]+(\d{4}|\d{2})")
_COMPACT = re.compile(r"(19|20)(\d{2})(\d{2})(\d{2})")
_SERIAL = re.compile(r"\d{4,5}(\.\d+)?")
_EXCEL_ZERO = date(1899, 12, 30)
_SERIALS = range(1_000, 80_000)  # 1902 to 2119
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january ene enero", "feb february febrero", "mar march marzo",
            "apr april abr abril", "may mayo", "jun june junio", "jul july julio",
            "aug august ago agosto", "sep sept september septiembre", "oct october octubre",
            "nov november noviembre", "dec december dic diciembre",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip


class Order(StrEnum):
    """Which of two numbers is the month."""

    MONTH_FIRST = "month first"
    DAY_FIRST = "day first"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Read:
    """A cell's date, or why it is none. `unsure`: day and month could be the other way."""

    value: date | None
    problem: str = ""
    unsure: bool = False


def order_of(texts: Iterable[str]) -> Order:
    """What a column's rows tell: 25/03 can only be day first, 03/25 month first."""
    found = set()
    for text in texts:
        parts = _TWO_NUMBERS.fullmatch(text)
        if parts:
            first, second = int(parts[1]), int(parts[2])
            if first > 12 >= second:
                found.add(Order.DAY_FIRST)
            elif second > 12 >= first:
                found.add(Order.MONTH_FIRST)
    return found.pop() if len(found) == 1 else Order.UNKNOWN


def read(text: str, order: Order, *, latest: date) -> Read:
    """The date; two-digit years are the last such year up to `latest`."""
    if parts := _TWO_NUMBERS.fullmatch(text):
        return _two_numbers(int(parts[1]), int(parts[2]), parts[3], order, latest)
    if parts := _ISO.fullmatch(text):
        return _made(parts[1], int(parts[2]), int(parts[3]), latest)
    if parts := _COMPACT.fullmatch(text):
        return _made(parts[1] + parts[2], int(parts[3]), int(parts[4]), latest)
    if _SERIAL.fullmatch(text):
        return _serial(text)
    return _with_name(text, latest)


def _two_numbers(first: int, second: int, year: str, order: Order, latest: date) -> Read:
    day_first = order == Order.DAY_FIRST
    if first > 12 >= second:
        day_first = True
    elif second > 12 >= first:
        day_first = False
    month, day = (second, first) if day_first else (first, second)
    made = _made(year, month, day, latest)
    unsure = order == Order.UNKNOWN and first <= 12 and second <= 12 and first != second
    return Read(made.value, made.problem, unsure and made.value is not None)


def _serial(text: str) -> Read:
    """A spreadsheet's own number of a day: what is left where a cell lost its format."""
    number = int(float(text))
    if number not in _SERIALS:
        return Read(None, _unknown(text))
    return Read(_EXCEL_ZERO + timedelta(days=number))


def _with_name(text: str, latest: date) -> Read:
    words = text.casefold().replace(" de ", " ")
    if parts := _DAY_NAME.fullmatch(words):
        day, name, year = parts[1], parts[2], parts[3]
    elif parts := _NAME_DAY.fullmatch(words):
        name, day, year = parts[1], parts[2], parts[3]
    else:
        return Read(None, _unknown(text))
    if name not in _MONTHS:
        return Read(None, _unknown(text))
    return _made(year, _MONTHS[name], int(day), latest)


def _made(year: str, month: int, day: int, latest: date) -> Read:
    full = int(year) if len(year) == 4 else latest.year // 100 * 100 + int(year)
    try:
        found = date(full, month, day)
        if len(year) == 2 and found > latest:
            found = found.replace(year=full - 100)
    except ValueError:
        return Read(None, f"There is no such day: {month}/{day}/{full}.")
    return Read(found)


def _unknown(text: str) -> str:
    return f"“{text[:40]}” is not a date. Write it like 04/17/1988."
