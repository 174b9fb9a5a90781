"""Messages other systems made, well-formed and not: each is read or refused, never worse."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from clearwork.exchange.hl7.message import MalformedMessage, parse, peek_header
from clearwork.exchange.hl7.result import read_result
from clearwork.exchange.hl7.status import read_status

FOLDER = Path(__file__).parent / "samples"
SAMPLES = sorted(FOLDER.glob("*.hl7"))
HOSTILE = sorted(FOLDER.glob("hostile/*.hl7"))


def test_the_samples_are_there() -> None:
    assert (len(SAMPLES), len(HOSTILE)) == (13, 10)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_real_system_s_message_parses(path: Path) -> None:
    raw = path.read_bytes()
    parsed = parse(raw)
    assert parsed.header == peek_header(raw)
    assert parsed.header.control_id
    assert f"{parsed.header.message_type}^{parsed.header.trigger}".encode() in raw
    assert parsed.segments("PID")[0].get(5).isalpha()


@pytest.mark.parametrize("path", HOSTILE, ids=lambda path: path.stem)
def test_a_hostile_message_is_refused_at_once(path: Path) -> None:
    raw = path.read_bytes()
    start = time.perf_counter()
    peek_header(raw)
    with pytest.raises(MalformedMessage):
        parse(raw)
    assert time.perf_counter() - start < 0.1


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_none_carries_a_pdf_and_each_says_what_is_missing(path: Path) -> None:
    with pytest.raises(MalformedMessage) as caught:
        read_result(parse(path.read_bytes()))
    special = {"MDM-T02-01": (101, "OBX^2^5^1^5"), "ORU-R01-01": (101, "OBX^2^3")}
    no_result = (101, "OBX^1^5") if caught.value.code == 101 else (200, "MSH^1^9")
    assert (caught.value.code, caught.value.location) == special.get(path.stem, no_result)
    assert (caught.value.code == 101) == path.stem.startswith(("LAB", "LRI", "MDM", "ORU"))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_none_is_a_status_of_ours(path: Path) -> None:
    with pytest.raises(MalformedMessage):
        read_status(parse(path.read_bytes()))
