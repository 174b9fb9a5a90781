"""English and Spanish say the same, and both say it."""

from __future__ import annotations

import re
from datetime import date

import pytest

from clearwork.centers.hours import Week
from clearwork.passes.words import WORDS, day, hours, tries, words

_BLANK = re.compile(r"\{(\w+)\}")


@pytest.mark.parametrize("name", WORDS)
def test_both_languages_have_each_sentence_with_the_same_blanks(name: str) -> None:
    english, spanish = WORDS[name]
    assert english.strip() and spanish.strip()
    assert sorted(_BLANK.findall(english)) == sorted(_BLANK.findall(spanish))


def test_dates_are_spoken_as_the_language_does() -> None:
    born = date(1988, 4, 7)
    assert (day(born, "en"), day(born, "es")) == ("April 7, 1988", "7 de abril de 1988")


def test_hours_in_spanish_leave_no_english_word() -> None:
    written = (
        "Mo-Fr 08:00-17:00; Sa 09:00-12:00,13:00-15:30; Su 22:00-24:00",
        "Mo-Su 00:00-24:00",
        "Tu,We 12:00-20:00; Th 07:30-12:00",
    )
    for text in written:
        said = hours(Week.read(text).in_words(), "es")
        english = r"\b(through|to|and|noon|midnight|Open|\w+day|[ap]\.m\.)"
        assert said and not re.search(english, said), said
    assert hours(Week.read("Mo-Fr 08:00-17:00").in_words(), "es") == (
        "lunes a viernes, 8 a.\u00a0m. a 5 p.\u00a0m."
    )
    assert hours("Monday, 8 a.m. to noon", "en") == "Monday, 8 a.m. to noon"


def test_the_last_try_is_told_apart() -> None:
    assert "once more" in tries(1, "en") and "una vez" in tries(1, "es")
    assert "4" in tries(4, "en") and "4" in tries(4, "es")
    assert words("fr") == words("en")
