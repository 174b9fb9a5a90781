"""Code 128, held to the standard's own arithmetic and to an example worked by hand."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearwork.documents.barcode import code128_svg, symbol_characters

PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=40)


def bars(svg: str) -> list[tuple[int, int]]:
    """Where each bar begins and how wide it is, in modules."""
    return [(int(at), int(wide)) for at, wide in re.findall(r"M(\d+) 0h(\d+)", svg)]


def test_the_check_character_is_as_worked_by_hand() -> None:
    # In set B: 104 + 1·48 + 2·42 + 3·42 + 4·17 + 5·18 + 6·19 + 7·35 = 879, which is 55 mod 103
    assert symbol_characters("PJJ123C") == [104, 48, 42, 42, 17, 18, 19, 35, 55, 106]


@given(PRINTABLE)
def test_every_symbol_has_eleven_modules_and_white_around(text: str) -> None:
    svg = code128_svg(text)
    drawn = bars(svg)
    modules = 11 * (len(text) + 2) + 13  # start, data, check; the stop has two more
    assert drawn[0][0] == 10 and sum(drawn[-1]) == 10 + modules
    assert f'viewBox="0 0 {modules + 20} ' in svg
    assert len(drawn) == 3 * (len(text) + 2) + 4
    assert {wide for _, wide in drawn} <= {1, 2, 3, 4}


@pytest.mark.parametrize("text", ["", "naïve", "a\nb", "王"])
def test_what_the_code_set_has_not_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="printable ASCII"):
        code128_svg(text)


def test_the_title_is_escaped() -> None:
    assert "<title>Bar code of A&lt;B</title>" in code128_svg("A<B")
