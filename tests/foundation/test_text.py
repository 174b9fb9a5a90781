"""Names compare as people mean them, in any script."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearwork.foundation.text import prefix_end, search_key, sentence

names = st.text(max_size=30)


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("  José   NÚÑEZ ", "jose nunez"),
        ("O'Brien", "o'brien"),
        ("O\u2019Brien", "o'brien"),
        ("Garcia\u2011Lopez", "garcia-lopez"),
        ("\ufeffAna\u200b Li\u00adma\x07\u202c", "ana lima"),
        ("Strauß", "strauss"),
        ("王 小明", "王小明"),
        ("Łukasz Ørsted", "lukasz orsted"),
        ("ｱﾛﾊ", "アロハ"),
        ("İpek", "ipek"),
        ("\u00a0Ana\tMaria\n", "ana maria"),
        ("", ""),
    ],
)
def test_known_names(typed: str, key: str) -> None:
    assert search_key(typed) == key


def test_parts_are_joined() -> None:
    assert search_key("Ana", "", "de la Cruz") == "ana de la cruz"


@given(names)
def test_a_key_of_a_key_is_itself(name: str) -> None:
    assert search_key(search_key(name)) == search_key(name)


@given(names)
def test_case_and_spaces_around_make_no_difference(name: str) -> None:
    assert search_key(f" {name} ") == search_key(name)


@given(st.text(st.characters(codec="ascii"), max_size=30))
def test_capitals_make_no_difference(name: str) -> None:
    assert search_key(name.upper()) == search_key(name.lower())


@given(names, names)
def test_what_starts_so_lies_between_the_prefix_and_its_end(start: str, rest: str) -> None:
    whole = (start + rest).encode()
    assert start.encode() <= whole
    assert whole < prefix_end(start).encode() or rest.startswith("\U0010ffff")


@given(names, names)
def test_what_lies_between_starts_so(start: str, other: str) -> None:
    within = start.encode() <= other.encode() < prefix_end(start).encode()
    assert within == (other.startswith(start) and not other[len(start) :].startswith("\U0010ffff"))


def test_every_character_has_a_settled_key() -> None:
    unsettled = [
        hex(code)
        for code in range(0x110000)
        if not 0xD800 <= code <= 0xDFFF and search_key(key := search_key(chr(code))) != key
    ]
    assert unsettled == []


def test_a_sentence_ends_once() -> None:
    assert sentence("A result for Southport Tile") == "A result for Southport Tile."
    assert sentence("A result for Lone Prairie Freight, Inc.") == (
        "A result for Lone Prairie Freight, Inc."
    )
