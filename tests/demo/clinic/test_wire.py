"""Reading and writing HL7 v2 by the standard's letter."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearwork.demo.clinic import wire

HEADER = "MSH|^~\\&|A|B|C|D|20260101||OMG^O19|1|P|2.5.1"


def message(*segments: str) -> wire.Message:
    return wire.parse("\r".join([HEADER, *segments]).encode())


@given(st.text(st.characters(exclude_categories=["C", "Zl", "Zp"])))
def test_any_text_survives_escaping(text: str) -> None:
    sent = wire.segment("NTE", {1: "1", 3: wire.components("x", text)})
    assert message(sent).first("NTE").value(3, 2) == text.strip()


def test_fields_components_and_repetitions_count_from_one() -> None:
    found = message("PID|1||E-1^^^ACC^EI~OTHER^^^B||Family&Sub^Given").first("PID")
    assert (found.value(3), found.value(3, 4), found.value(5, 2)) == ("E-1", "ACC", "Given")
    assert (found.value(3, 9), found.value(99), found.value(99, 3)) == ("", "", "")


def test_msh_counts_its_separator_as_the_first_field() -> None:
    assert message().first("MSH").value(10) == "1"
    assert message().first("MSH").value(9, 2) == "O19"


def test_other_separators_are_those_the_header_declares() -> None:
    block = b"MSH#*+!%#A#B#C#D#1##OMG*O19#7\rPID#1##E*X+F##O!F!Neil*Ann"
    pid = wire.parse(block).first("PID")
    assert (pid.value(3), pid.value(3, 2)) == ("E", "X")
    assert (pid.value(5), pid.value(5, 2)) == ("O!F!Neil", "Ann")


@pytest.mark.parametrize(
    ("escaped", "text"),
    [
        ("a\\X41\\b", "aAb"),
        ("a\\XC3A9\\b", "aéb"),
        ("a\\XZZ\\b", "ab"),
        ("a\\X0D\\b", "ab"),
        ("a\\.br\\b", "a\nb"),
        ("a\\.sp99999999999\\b", "ab"),
        ("a\\H\\b\\N\\", "ab"),
        ("half \\", "half \\"),
    ],
)
def test_escape_sequences_are_read_or_dropped(escaped: str, text: str) -> None:
    assert message(f"NTE|1||{escaped}").first("NTE").value(3) == text


def test_a_byte_order_mark_is_skipped() -> None:
    assert wire.parse(b"\xef\xbb\xbf" + HEADER.encode()).first("MSH").value(10) == "1"


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_a_refusal(block: bytes) -> None:
    for candidate in (block, b"MSH" + block, HEADER.encode() + b"\r" + block):
        try:
            for segment in wire.parse(candidate).segments:
                segment.value(3, 2)
        except wire.Refusal as refusal:
            assert refusal.code == "AR"
        assert b"MSA|AA|" in wire.acknowledge(candidate, datetime.now(UTC))
