from __future__ import annotations

import time

import hl7  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearwork.exchange.hl7.ack import read_ack
from clearwork.exchange.hl7.message import (
    MAX_SEGMENTS,
    MalformedMessage,
    Message,
    parse,
    peek_header,
)
from clearwork.exchange.hl7.result import read_result
from clearwork.exchange.hl7.status import read_status

HEADER = "MSH|^~\\&|DEMOEHR|C-TX-DAL1|CLEARWORK|NET|20250102030405-0600||ORU^R01^ORU_R01|77|P|2.5.1"
PID = "PID|1||E-7^^^ACME^EI~9^^^X||Doe&van^Jane||19800229"


def message(*segments: str, end: str = "\r") -> bytes:
    return end.join([HEADER, *segments, ""]).encode()


def read_everything(parsed: Message) -> None:
    for segment in parsed.all_segments:
        for number in range(40):
            for component in (1, 2, 5, 10):
                segment.get(number, component, 2, 2)
                segment.get(number, component)


def error_of(raw: bytes) -> MalformedMessage:
    with pytest.raises(MalformedMessage) as caught:
        parse(raw)
    return caught.value


def test_the_header_says_who_and_what() -> None:
    header = parse(message()).header
    assert header.sending_application == "DEMOEHR"
    assert header.sending_facility == "C-TX-DAL1"
    assert header.receiving_application == "CLEARWORK"
    assert header.receiving_facility == "NET"
    assert (header.message_type, header.trigger) == ("ORU", "R01")
    assert (header.control_id, header.version) == ("77", "2.5.1")


def test_values_are_found_by_their_numbers() -> None:
    pid = parse(message(PID)).segments("PID")[0]
    assert pid.get(3) == "E-7"
    assert pid.get(3, 4) == "ACME"
    assert pid.get(3, repetition=2) == "9"
    assert pid.get(5, 1, 2) == "van"
    assert [pid.get(5, 9), pid.get(99), pid.get(3, repetition=9), pid.get(5, 1, 9)] == [""] * 4


def test_padding_and_the_null_value_read_as_empty() -> None:
    pid = parse(message('PID|1||  E-7  ||""^Jane')).segments("PID")[0]
    assert (pid.get(3), pid.get(5), pid.get(5, 2)) == ("E-7", "", "Jane")


@pytest.mark.parametrize("end", ["\r", "\r\n", "\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf", b"\r\n"])
def test_segments_may_end_in_any_line_end_and_begin_with_a_mark(end: str, mark: bytes) -> None:
    parsed = parse(mark + message(PID, "", "ORC|RE", end=end))
    assert [segment.name for segment in parsed.all_segments] == ["MSH", "PID", "ORC"]


def test_other_delimiters_are_obeyed() -> None:
    parsed = parse(b"MSH#*!/%#A*1#B#C#D#2025##ORU*R01#9#P#2.5.1\rPID###1!2##O|Neil/S/*J%K\r")
    pid = parsed.segments("PID")[0]
    assert parsed.header.trigger == "R01"
    assert (pid.get(3, repetition=2), pid.get(5), pid.get(5, 2, 2)) == ("2", "O|Neil*", "K")


def charset(name: str, text: str, codec: str) -> bytes:
    header = HEADER + "||||||" + name
    return f"{header}\rPID|1||||{text}\r".encode(codec)


@pytest.mark.parametrize(
    ("name", "text", "codec"),
    [
        ("", "王小明", "utf-8"),
        ("UNICODE UTF-8", "王小明", "utf-8"),
        ("unicode utf-8~8859/1", "Müller", "utf-8"),
        ("", "Müller", "latin-1"),
        ("ASCII", "Müller", "latin-1"),
        ("8859/1", "Müller", "latin-1"),
        ("8859/2", "Łódź", "iso8859-2"),
        ("GB 18030-2000", "王小明", "gb18030"),
        ("BIG-5", "許功蓋", "big5"),
    ],
)
def test_names_are_read_in_the_character_set_declared(name: str, text: str, codec: str) -> None:
    assert parse(charset(name, text, codec)).segments("PID")[0].get(5) == text


def test_a_wrong_character_set_is_refused_rather_than_guessed() -> None:
    assert error_of(charset("UNICODE UTF-8", "Müller", "latin-1")).location == "MSH^1^18"
    assert error_of(charset("KLINGON", "x", "utf-8")).code == 103


@pytest.mark.parametrize(
    ("raw", "code", "location"),
    [
        (b"", 100, "MSH^1"),
        (b"GET / HTTP/1.1\r\n\r\n", 100, "MSH^1"),
        (b"MSH", 102, "MSH^1^2"),
        (b"MSH|", 102, "MSH^1^2"),
        (b"MSH|^~\\&", 101, "MSH^1^9"),
        (b"MSH|^~\\^|A", 102, "MSH^1^2"),
        (b"MSH|^000|A|", 102, "MSH^1^2"),
        (b"MSHA^~\\&A", 102, "MSH^1^2"),
        (b"MSH|^~\\&|A|B|||||", 101, "MSH^1^9"),
        (HEADER.replace("|77|", "||").encode(), 101, "MSH^1^10"),
        (HEADER.replace("|77|", f"|{'7' * 200}|").encode(), 104, "MSH^1^10"),
        (message("PID|1\0"), 102, "MSH^1"),
        (message(PID, "JVBERi0xLjQ="), 100, "PID^1"),
        (message(PID, "OBX|1", "OBX|2", "|||"), 100, "OBX^2"),
        (message(HEADER), 100, "MSH^1"),
        (message(*["NTE|1"] * (MAX_SEGMENTS + 1)), 100, "MSH^1"),
        (b"FHS|^~\\&|A\rBHS|^~\\&|A\r" + message(), 100, "MSH^1"),
    ],
)
def test_a_malformed_message_says_where_and_why(raw: bytes, code: int, location: str) -> None:
    error = error_of(raw)
    assert (error.code, error.location) == (code, location)
    assert error.text.endswith(".")


def test_a_control_id_of_199_characters_is_tolerated() -> None:
    assert len(parse(HEADER.replace("|77|", f"|{'7' * 199}|").encode()).header.control_id) == 199


def test_an_error_never_quotes_the_patient() -> None:
    error = error_of(message("PID|1||||Quokka^Jane\0"))
    assert "Quokka" not in f"{error!s} {error!r}"
    assert "Doe" not in repr(parse(message(PID)))


def test_the_header_of_a_broken_message_can_still_be_answered() -> None:
    header = peek_header(message(PID, "no segment"))
    assert header is not None
    assert (header.control_id, header.sending_facility) == ("77", "C-TX-DAL1")
    assert peek_header(b"\xef\xbb\xbf" + HEADER.encode() + b"\xff\0") is not None
    assert peek_header(b"GET / HTTP/1.1") is None
    assert peek_header(b"MSH|^000|A|") is None


MARKS = [b"|", b"^", b"~", b"\\", b"&", b"\r", b"\n", b"\0", b"\xff", b"\xef\xbb\xbf", b"0", b"|||"]
WORDS = [b"MSH", b"PID", b"OBX", b"ORC", b"ED", b"MSH|^~\\&|", b"ORU^R01", b"\\X0D\\", b"\\.sp99\\"]
soup = st.lists(st.sampled_from(MARKS + WORDS) | st.binary(max_size=4)).map(b"".join)


@settings(max_examples=1_000)
@given(soup | soup.map(lambda tail: HEADER.encode() + b"\r" + tail) | st.binary())
def test_no_bytes_raise_anything_but_malformed_message(raw: bytes) -> None:
    peek_header(raw)
    for read in (read_everything, read_status, read_result):
        try:
            read(parse(raw))
        except MalformedMessage as error:
            assert error.location
            assert error.text
    try:
        read_ack(raw)
    except MalformedMessage as error:
        assert error.code


words = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Zs", "Zl", "Zp"))).map(
    lambda text: text.translate(dict.fromkeys(map(ord, '\\"|^~&\ufeff'), "x"))
)


@given(st.lists(st.lists(words, min_size=1, max_size=4), min_size=1, max_size=6))
def test_python_hl7_reads_the_same_values(fields: list[list[str]]) -> None:
    raw = message("ZZZ|" + "|".join("^".join(parts) for parts in fields))
    ours, theirs = parse(raw).segments("ZZZ")[0], hl7.parse(raw)[1]
    for number, parts in enumerate(fields, start=1):
        for component in range(1, len(parts) + 1):
            expected = theirs.extract_field(1, number, 1, component).strip()
            assert ours.get(number, component) == expected


def best_of(count: int, raw: bytes) -> float:
    """The fastest of some runs, in seconds: the others wait for the machine."""
    seconds = []
    for _ in range(count):
        start = time.perf_counter()
        read_everything(parse(raw)) if len(raw) < 10_000 else parse(raw).segments("OBX")[0].get(
            5, 5
        )
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def test_a_pdf_of_70_kb_takes_well_under_a_third_of_a_millisecond() -> None:
    raw = message(PID, "OBX|1|ED|x||^application^pdf^Base64^" + "QUJD" * 17_500 + "||||||F")
    assert best_of(50, raw) < 0.0003


def test_a_message_of_nothing_but_delimiters_stays_cheap() -> None:
    start = time.perf_counter()
    obx = parse(message("OBX|" + "^&~" * 3_000_000)).segments("OBX")[0]
    assert obx.get(1, 5, 2, 3) == ""
    assert parse(message("OBX" + "|" * 8_000_000)).segments("OBX")[0].get(9) == ""
    assert time.perf_counter() - start < 2
