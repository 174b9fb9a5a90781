from __future__ import annotations

from datetime import UTC, datetime

import hl7  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearwork.exchange.hl7.ack import Ack, Code, build_ack, read_ack
from clearwork.exchange.hl7.message import Header, MalformedMessage, parse

NOW = datetime(2025, 3, 4, 5, 6, 7, tzinfo=UTC)
HEADER = Header("DEMOEHR", "C1", "CLEARWORK", "NET", "M|1", "ORU", "R01", "2.3")
NO_NAME = MalformedMessage(101, "PID^1^5", "Give the patient's family name.")
BROKEN = MalformedMessage(102, "OBX^2^5^1^5", "The base64 is broken | whole?")


def build(code: Code = "AE", header: Header | None = HEADER, text: str = "") -> bytes:
    errors = [] if code == "AA" else [NO_NAME, BROKEN]
    return build_ack(header, code, control_id="A1", sent_at=NOW, errors=errors, text=text)


def test_an_acceptance_goes_back_the_way_the_message_came() -> None:
    assert build("AA").decode().split("\r") == [
        (
            "MSH|^~\\&|CLEARWORK|NET|DEMOEHR|C1|20250304050607+0000||ACK^R01^ACK|A1|P|2.3"
            "||||||UNICODE UTF-8"
        ),
        "MSA|AA|M\\F\\1",
        "",
    ]


def test_a_refusal_lists_each_thing_to_repair() -> None:
    errors = parse(build()).segments("ERR")
    assert [err.get(2) for err in errors] == ["PID", "OBX"]
    assert [errors[1].get(2, n) for n in range(1, 7)] == ["OBX", "2", "5", "1", "5", ""]
    assert [errors[0].get(3, n) for n in (1, 2, 3)] == ["101", "Required field missing", "HL70357"]
    assert [errors[1].get(4), errors[1].get(8)] == ["E", "The base64 is broken | whole?"]


def test_our_own_reader_and_python_hl7_understand_it() -> None:
    assert read_ack(build(text="No & no")) == Ack("AE", "M|1", "No & no", 101)
    assert read_ack(build()).text == f"{NO_NAME.text} {BROKEN.text}"
    theirs = hl7.parse(build())
    assert str(theirs["MSA.F1"]) == "AE"
    assert theirs["ERR1.F2.R1.C3"] == "5"


def test_a_message_without_a_readable_header_is_answered_too() -> None:
    assert read_ack(build("AR", header=None, text="busy")) == Ack("AR", "", "busy", 101)


@pytest.mark.parametrize(
    ("sent", "meant"),
    [("AA", "AA"), ("AE", "AE"), ("AR", "AR"), ("CA", "AA"), ("CE", "AE"), ("CR", "AR")],
)
def test_both_modes_codes_are_understood(sent: str, meant: str) -> None:
    raw = f"MSH|^~\\&|A|B|C|D|2025||ACK||P|2.3\rMSA|{sent}|M1|so\r".encode()
    assert read_ack(raw) == Ack(meant, "M1", "so")  # type: ignore[arg-type]


@pytest.mark.parametrize("tail", ["", "MSA", "MSA|XX|1", "MSA||1"])
def test_what_is_no_acknowledgment_is_refused(tail: str) -> None:
    with pytest.raises(MalformedMessage):
        read_ack(f"MSH|^~\\&|A|B|C|D|2025||ACK|1|P|2.3\r{tail}\r".encode())


@given(st.text(), st.text())
def test_any_control_id_and_text_come_back(control_id: str, text: str) -> None:
    header = Header("", "", "", "", f"<{control_id}>", "ORU", "R01", "")
    ack = read_ack(build_ack(header, "AE", control_id="A1", sent_at=NOW, text=f"<{text}"))
    assert ack.control_id[0] + ack.control_id[-1] + ack.text[0] == "<><"


def test_a_long_list_of_errors_is_cut() -> None:
    raw = build_ack(HEADER, "AE", control_id="A1", sent_at=NOW, errors=[BROKEN] * 900)
    assert len(parse(raw).segments("ERR")) == 20
