"""What is decided about a person: their language, how their name is compared. Pure."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TypedDict

from clearwork.foundation.choices import LabelledEnum
from clearwork.foundation.text import search_key

# A name of 100 characters can have a key many times as long: one Korean syllable has three letters.
KEY_LENGTH = 210
_OLDEST_BIRTH = date(1900, 1, 1)
_HIRED_AHEAD = timedelta(days=366)


class Language(LabelledEnum):
    """The language an employee is written to in, by its ISO 639-1 code."""

    ENGLISH = "en", "English"
    SPANISH = "es", "Spanish"


class NumberTaken(Exception):
    """Another employee of the employer has this employee number."""


class SameRecord(Exception):
    """A record is not merged with itself, nor one that is gone already."""


class NameKeys(TypedDict):
    name_key: str
    name_key_reversed: str


def why_not_born(day: date, *, today: date) -> str:
    """What is wrong with this date of birth, in words; "" for nothing."""
    if _OLDEST_BIRTH <= day <= today:
        return ""
    return "Enter a date of birth between 1900 and today."


def why_not_hired(day: date, *, born: date | None, today: date) -> str:
    """What is wrong with this hire date, in words; "" for nothing."""
    if (born or _OLDEST_BIRTH) < day <= today + _HIRED_AHEAD:
        return ""
    return "Enter a date after the date of birth, at most a year from today."


def name_keys(first_name: str, last_name: str) -> NameKeys:
    return {
        "name_key": search_key(first_name, last_name)[:KEY_LENGTH],
        "name_key_reversed": search_key(last_name, first_name)[:KEY_LENGTH],
    }
