"""Numbers people read to each other over the phone, and ids that sort by time."""

from __future__ import annotations

import time
import uuid
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from clearwork.foundation.ids import (
    CROCKFORD,
    check_character,
    new_control_id,
    new_number,
    read_number,
    read_uuids,
    uuid7,
)

digits = st.text(CROCKFORD, min_size=7, max_size=7)


def test_ids_sort_by_the_time_they_were_made() -> None:
    before = time.time_ns() // 1_000_000
    first = uuid7()
    time.sleep(0.002)
    second = uuid7()
    assert first < second
    assert (first.version, first.variant) == (7, uuid.RFC_4122)
    assert 0 <= (first.int >> 80) - before < 1000


def test_ids_made_one_after_the_other_sort_so() -> None:
    made = []
    for _ in range(200):
        made.append(uuid7())
        time.sleep(0.00001)
    assert made == sorted(made)


def test_ids_differ() -> None:
    assert len({uuid7() for _ in range(10_000)}) == 10_000


def test_what_is_no_id_is_passed_over() -> None:
    one, other = uuid7(), uuid7()
    assert read_uuids([str(one), "", None, "x", other, str(one)[:-1]]) == [one, other]


def test_a_new_number_reads_as_itself() -> None:
    for _ in range(200):
        number = new_number("CW")
        assert len(number) == 12
        assert read_number("CW", number) == number


@given(digits)
def test_any_one_wrong_character_is_noticed(right: str) -> None:
    whole = right + check_character(right)
    for place, character in enumerate(whole):
        for other in CROCKFORD.replace(character, ""):
            assert read_number("CW", whole[:place] + other + whole[place + 1 :]) is None


@given(digits)
def test_any_two_exchanged_characters_are_noticed(right: str) -> None:
    whole = right + check_character(right)
    for one, other in combinations(range(len(whole)), 2):
        swapped = list(whole)
        swapped[one], swapped[other] = swapped[other], swapped[one]
        if "".join(swapped) != whole:
            assert read_number("CW", "".join(swapped)) is None


@given(digits, st.data())
def test_a_number_is_read_however_it_is_typed(right: str, data: st.DataObject) -> None:
    whole = right + check_character(right)
    number = f"CW-{whole[:4]}-{whole[4:]}"
    spoken = {"0": "0oO", "1": "1iIlL"}
    typed = "".join(
        data.draw(st.sampled_from(spoken.get(character, character + character.lower())))
        + data.draw(st.sampled_from(["", " ", "-", "\u2013", " - "]))
        for character in whole
    )
    for prefix in ("", "CW", "cw-", " CW "):
        assert read_number("CW", prefix + typed) == number


@given(st.text(max_size=40))
def test_anything_else_is_no_number_and_no_error(typed: str) -> None:
    found = read_number("CW", typed)
    assert found is None or read_number("CW", found) == found


def test_numbers_that_begin_like_the_prefix_are_read_too() -> None:
    right = "CWCW000"
    whole = right + check_character(right)
    number = f"CW-{whole[:4]}-{whole[4:]}"
    assert read_number("CW", number) == number
    assert read_number("CW", whole) == number


def test_control_ids_fit_hl7() -> None:
    assert {len(new_control_id()) for _ in range(50)} == {20}
