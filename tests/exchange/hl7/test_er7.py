from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clearwork.exchange.hl7.er7 import Encoding, components, escape, segment, unescape

STANDARD = Encoding()


def as_received(text: str) -> str:
    """What a text is once sent: one kind of line break, no tabs, no control characters."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").strip().replace("\t", " ")
    return "".join(c for c in lines if c == "\n" or unicodedata.category(c) != "Cc")


@pytest.mark.parametrize(
    "name",
    [
        r"O^Neil & Sons|x\y",
        "王小明",
        "Zoë Ångström-Müller",
        r"\F\ is no pipe",
        "a~b&c^d|e",
        "\\",
        r"\\.br\\",
        "😀 𠮷野家",
        "two\nlines",
    ],
)
def test_a_name_survives_the_wire(name: str) -> None:
    assert unescape(escape(name), STANDARD) == name


@given(st.text())
@example("\\X41\\")
@example("\\\\E\\")
def test_any_text_survives_but_for_control_characters(text: str) -> None:
    assert unescape(escape(text), STANDARD) == as_received(text)


@given(st.text())
def test_escaped_text_holds_no_delimiter_and_no_line_end(text: str) -> None:
    assert not set(escape(text)) & set("|^~&\r\n\v\x1c\0")


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        (r"\X0D\\X0A\ ", "\r\n "),
        (r"\X0D0A\x", "\r\nx"),
        (r"\.br\next", "\nnext"),
        (r"\.sp3\next", "\nnext"),
        (r"\.sp9999\x", "\nx"),
        (r"\H\loud\N\ ", "loud "),
        (r"\XE78E8B\\XE5B08F\ ", "王小 "),
        (r"\XE7\\X8E\\X8B\ ", "王 "),
        (r"\XFC\ ber", "ü ber"),
        (r"\X00\x", "x"),
        (r"C:\temp\new", r"C:\temp\new"),
        (r"\X4\x", r"\X4\x"),
        (r"\Zcustom\x", r"\Zcustom\x"),
        (r"\.xx\y", r"\.xx\y"),
        ("\\E", "\\E"),
    ],
)
def test_sequences_of_other_systems(sent: str, meant: str) -> None:
    assert unescape(sent, STANDARD) == meant


def test_sequences_name_the_delimiters_the_message_declared() -> None:
    encoding = Encoding(field="#", component="*", repetition="!", escape="/", subcomponent="%")
    assert unescape(r"/F//S//R//E//T/\F\ ", encoding) == "#*!/%\\F\\ "


def test_hex_is_in_the_character_set_of_the_message() -> None:
    assert unescape(r"\XCDF5\ ", Encoding(codec="gb18030")) == "王 "


def test_a_hostile_run_of_sequences_takes_linear_time() -> None:
    assert unescape("\\X" * 500_000, STANDARD)
    assert len(unescape("\\.sp9999\\" * 100_000, STANDARD)) == 100_000


def test_components_and_segments_stand_at_their_numbers() -> None:
    assert components("A|1", "", "", "B", "") == r"A\F\1^^^B"
    assert segment("PID", {1: "1", 5: "Doe^Jane"}) == "PID|1||||Doe^Jane"
