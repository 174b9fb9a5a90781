"""The examples of docs/interchange.md are what the code writes and reads."""

from __future__ import annotations

import inspect
import re
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path

import pytest

from clearwork.exchange.hl7 import ack, coded, dates, message, order, result, status

PAGE = (Path(__file__).parents[3] / "docs" / "interchange.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```hl7 (\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
CENTRAL = timezone(timedelta(hours=-6))


def examples(kind: str) -> list[bytes]:
    return [text.replace("\n", "\r").encode() for name, text in EXAMPLES if name == kind]


def test_every_example_is_a_message() -> None:
    kinds = sorted(kind for kind, _ in EXAMPLES)
    assert kinds == ["ack", "order", "result", "result", "status", "status", "withdrawal"]
    for _, text in EXAMPLES:
        header = message.parse(text.encode()).all_segments[0]
        assert dates.parse_timestamp(header.get(7), CENTRAL).year == 2026


def test_the_order_is_the_one_the_portal_writes() -> None:
    ordered = order.Order(
        number="CW-4K7M-2QX9",
        structure="OMG_O19",
        created_at=datetime(2026, 3, 4, 8, 59, 58, tzinfo=CENTRAL),
        creator_name="Ada Fernwright",
        callback_phone="+1 214 555 0100",
        reason_code="post_accident",
        reason_text="Post-accident",
        employer_name="Fernwright & Sons",
        account_number="A-100",
        employee=order.Person("Quokka", "Imogen", date(1988, 5, 17), "E-1042", "+1 214 555 0142"),
        services=(
            order.OrderedService("injury_care", "Injury care"),
            order.OrderedService("drug_screen", "Drug screen"),
        ),
        kind="injury",
        modality="in_center",
        expires=date(2026, 4, 3),
        worksite="Dallas plant",
        note="Speaks Spanish.\nCall before you release her.",
        billing_note="",
        injury=order.Injury(
            date(2026, 3, 4), time(7, 15), "left hand", "Pinched by a conveyor", "", ""
        ),
    )
    route = order.Route("CLEARWORK", "DEMONET", "DEMOEHR", "C-TX-DAL1")
    sent_at = datetime(2026, 3, 4, 9, tzinfo=CENTRAL)
    written = order.build_order(ordered, route, control_id="01JNG4Q0X7M2", sent_at=sent_at)
    assert [written] == examples("order")


def test_the_statuses_are_read() -> None:
    read = [status.read_status(message.parse(raw)) for raw in examples("status")]
    assert [(s.number, s.status) for s in read] == [
        ("CW-4K7M-2QX9", "checked_in"),
        ("CW-4K7M-2QX9", "refused"),
    ]
    assert read[0].at == datetime(2026, 3, 4, 10, 15, tzinfo=CENTRAL)
    assert read[1].reason == "Closed today for inventory"


def test_the_result_is_read() -> None:
    read = result.read_result(message.parse(examples("result")[0]))
    [document] = read.documents
    assert read.patient.date_of_birth == date(1988, 5, 17)
    assert (document.number, document.account_number) == ("CW-4K7M-2QX9", "A-100")
    assert document.data.startswith(b"%PDF-1.7")
    assert document.visit_at == datetime(2026, 3, 4, 10, 30, tzinfo=CENTRAL)


def test_the_acknowledgment_is_the_one_an_empty_document_gets() -> None:
    empty = re.sub(rb"\^JVBERi[^|]*", b"^", examples("result")[0])
    with pytest.raises(message.MalformedMessage) as caught:
        result.read_result(message.parse(empty))
    answer = ack.build_ack(
        message.peek_header(empty),
        "AE",
        control_id="01JNG8ZK4T5C",
        sent_at=dates.parse_timestamp("20260304173001+0000", CENTRAL),
        errors=[caught.value],
        text=caught.value.text,
    )
    assert [answer] == examples("ack")


@pytest.mark.parametrize("code", sorted(set(ack.CONDITIONS) & {100, 101, 102, 103, 104, 204, 207}))
def test_each_code_is_explained(code: int) -> None:
    assert f"| {code} | {ack.CONDITIONS[code]} |" in PAGE


def test_the_coded_values_are_read() -> None:
    read = result.read_result(message.parse(examples("result")[1]))
    assert read.documents[0].coded == coded.Coded(
        work_status="restricted",
        restrictions=("Lifting, carrying: up to 15 lb", "Climbing ladders: none"),
        starts=date(2026, 3, 4),
        until=date(2026, 3, 11),
        expected_return=date(2026, 3, 18),
        next_appointment=datetime(2026, 3, 11, 8, 30, tzinfo=CENTRAL),
        services=("Injury care",),
    )


def test_every_code_that_is_read_is_on_the_page() -> None:
    codes = set(re.findall(r'"([A-Z]{4,})"', inspect.getsource(coded)))
    assert codes and all(f"`{code}`" in PAGE for code in codes)


def test_the_withdrawal_is_one_the_portal_reads() -> None:
    (raw,) = examples("withdrawal")
    read = result.read_result(message.parse(raw))
    (withdrawal,) = read.withdrawals
    assert withdrawal == result.Withdrawal(
        "CW-4K7M-2QX9",
        "V-88213",
        "injury_activity_status",
        "Posted for another patient by mistake.",
    )
