from __future__ import annotations

import os
import time
from base64 import b64encode
from datetime import UTC, date, datetime

import pytest

from clearwork.exchange.hl7.message import MalformedMessage, parse
from clearwork.exchange.hl7.result import Patient, Result, ResultDocument, read_result

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 12
DATA = b64encode(PDF).decode()
PID = "PID|1||E-7^^^A-100^EI||Doe^Jane||19800229"
ORC = "ORC|RE|CW-1^CLEARWORK|F-9^DEMOEHR||||||||||||||||||Acme^^^^^^^^^A-100"
OBR = "OBR|1|CW-1^CLEARWORK|F-9|mec_dot_card^MEC DOT card^99CW|||20250304080000"


def obx(data: str = DATA, *, encoding: str = "Base64", rest: str = "||||||F") -> str:
    head = "OBX|1|ED|mec_dot_card^MEC DOT card^99CW||"
    return f"{head}^application^pdf^{encoding}^{data}{rest}"


def raw(*segments: str, kind: str = "ORU^R01^ORU_R01") -> bytes:
    header = f"MSH|^~\\&|DEMOEHR|C1|CLEARWORK|NET|20250304050607-0600||{kind}|9|P|2.5.1"
    return "\r".join([header, *segments]).encode()


def read(*segments: str, kind: str = "ORU^R01^ORU_R01") -> Result:
    return read_result(parse(raw(*segments, kind=kind)))


def error(*segments: str, kind: str = "ORU^R01^ORU_R01") -> MalformedMessage:
    with pytest.raises(MalformedMessage) as caught:
        read(*segments, kind=kind)
    return caught.value


def place(*segments: str) -> tuple[int, str]:
    caught = error(*segments)
    return caught.code, caught.location


def test_a_result_names_its_patient_its_order_and_its_document() -> None:
    result = read(PID, ORC, OBR, obx())
    assert result.patient == Patient("Doe", "Jane", date(1980, 2, 29), "E-7")
    visit = datetime(2025, 3, 4, 14, tzinfo=UTC)
    kind = ("mec_dot_card", "MEC DOT card")
    sent = datetime(2025, 3, 4, 11, 6, 7, tzinfo=UTC)
    only = ResultDocument("CW-1", "A-100", "F-9", *kind, visit, PDF, sent_at=sent)
    assert result.documents == (only,)


def test_each_document_belongs_to_the_order_before_it() -> None:
    second = [ORC.replace("CW-1", "CW-2"), OBR.replace("CW-1", "CW-2"), obx()]
    third = ["OBR|3|||audiogram^Audiogram", obx(rest="||||||C|||20250305")]
    documents = read(PID, ORC, OBR, obx(), obx(), *second, *third).documents
    assert [d.number for d in documents] == ["CW-1", "CW-1", "CW-2", ""]
    assert [d.account_number for d in documents] == ["A-100", "A-100", "A-100", ""]
    assert documents[3].visit_at == datetime(2025, 3, 5, 6, tzinfo=UTC)


def test_a_walk_in_has_no_number_but_an_account() -> None:
    document = read(PID, ORC.replace("CW-1^CLEARWORK", ""), "OBR|1||F-9|x^y", obx()).documents[0]
    assert (document.number, document.account_number) == ("", "A-100")


def test_the_report_type_may_stand_in_obr() -> None:
    document = read(PID, OBR, obx().replace("mec_dot_card^MEC DOT card^99CW", "")).documents[0]
    assert (document.report_type, document.title) == ("mec_dot_card", "MEC DOT card")


def test_a_document_message_counts_as_a_result() -> None:
    txa = "TXA|1|DI|AP|20250304||||||||1.2.3||CW-7|F-7"
    document = read("EVN|T02", PID, "PV1|1|O", txa, obx(), kind="MDM^T02^MDM_T02").documents[0]
    assert (document.number, document.filler_number) == ("CW-7", "F-7")
    assert document.visit_at == datetime(2025, 3, 4, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    "seam", ["\\X0D\\\\X0A\\", "\\X0D0A\\", "\\.br\\", "\n", " ", "\t", "\\.sp\\"]
)
def test_base64_may_be_wrapped_as_senders_do(seam: str) -> None:
    wrapped = seam.join(DATA[i : i + 76] for i in range(0, len(DATA), 76)) + seam
    assert read(PID, OBR, obx(wrapped)).documents[0].data == PDF


def test_a_pdf_may_begin_a_little_late() -> None:
    late = b64encode(b"\0" * 1000 + PDF).decode()
    assert read(PID, OBR, obx(late)).documents[0].data.endswith(PDF)


@pytest.mark.parametrize(
    ("segments", "code", "location"),
    [
        ((PID, ORC, OBR), 101, "OBX^1^5"),
        ((PID, OBR, "OBX|1|ST|x^y||fine||||||F"), 101, "OBX^1^5"),
        ((PID, OBR, obx("")), 101, "OBX^1^5^1^5"),
        ((PID, OBR, "OBX|1|ED|x^y"), 101, "OBX^1^5^1^5"),
        ((PID, OBR, obx("\\.br\\ ")), 101, "OBX^1^5^1^5"),
        ((PID, OBR, obx(DATA[:-3])), 102, "OBX^1^5^1^5"),
        ((PID, OBR, obx("JVBERi0*LjcK")), 102, "OBX^1^5^1^5"),
        ((PID, OBR, obx("JVBERi0xLjc=JVBE")), 102, "OBX^1^5^1^5"),
        ((PID, OBR, obx("JVBERi0xLjé=")), 102, "OBX^1^5^1^5"),
        ((PID, OBR, obx(b64encode(b"<html>").decode())), 102, "OBX^1^5^1^5"),
        ((PID, OBR, obx(b64encode(b"x" * 1021 + PDF).decode())), 102, "OBX^1^5^1^5"),
        ((PID, OBR, obx(encoding="Hex")), 103, "OBX^1^5^1^4"),
        ((PID, OBR, obx(f"{DATA}~^application^pdf^Base64^{DATA}")), 102, "OBX^1^5"),
        ((PID, OBR, obx(), obx("")), 101, "OBX^2^5^1^5"),
        ((PID, OBR, obx(rest="||||||P")), 103, "OBX^1^11"),
        ((PID, OBR, obx(rest="||||||F|||soon")), 102, "OBX^1^14"),
        ((PID, "OBR|1", obx().replace("mec_dot_card^", "^")), 101, "OBX^1^3"),
        ((PID, ORC, OBR.replace("CW-1", "CW-2"), obx()), 102, "OBR^1^2"),
        ((ORC, OBR, obx()), 100, "PID^1"),
        ((PID, PID, OBR, obx()), 100, "PID^1"),
        (("PID|1||E-7", OBR, obx()), 101, "PID^1^5"),
        ((PID.replace("19800229", "19810229"), OBR, obx()), 102, "PID^1^7"),
    ],
)
def test_what_is_no_result_says_what_to_repair(
    segments: tuple[str, ...], code: int, location: str
) -> None:
    assert place(*segments) == (code, location)


def test_base64_cut_by_real_line_ends_is_refused_with_the_remedy() -> None:
    caught = error(PID, OBR, obx(DATA[:76] + "\r\n" + DATA[76:]))
    assert (caught.code, caught.location) == (100, "OBX^1")
    assert ".br" in caught.text


def test_other_messages_are_not_taken_for_a_result() -> None:
    assert error(PID, OBR, obx(), kind="ADT^A04").code == 200
    assert error(PID, OBR, obx(), kind="ORU^R30").code == 201


def test_nobody_s_data_shows_where_a_result_is_printed() -> None:
    result = read(PID, ORC, OBR, obx())
    assert not [word for word in ("Doe", "1980", "%PDF", "MEC") if word in repr(result)]


def test_reading_a_70_kb_result_takes_under_a_millisecond() -> None:
    data = b64encode(b"%PDF-1.7" + os.urandom(52_000)).decode()
    message = raw(PID, ORC, OBR, obx(data))
    seconds = []
    for _ in range(30):
        start = time.perf_counter()
        read_result(parse(message))
        seconds.append(time.perf_counter() - start)
    assert min(seconds) < 0.001
