from __future__ import annotations

from datetime import UTC, datetime

import pytest

from clearwork.exchange.hl7.message import MalformedMessage, parse
from clearwork.exchange.hl7.result import Patient
from clearwork.exchange.hl7.status import StatusUpdate, read_status


def status(*orcs: str, kind: str = "ORM^O01^ORM_O01") -> StatusUpdate:
    header = f"MSH|^~\\&|DEMOEHR|C1|CLEARWORK|NET|20250304050607-0600||{kind}|9|P|2.5.1"
    return read_status(parse("\r".join([header, "PID|1||E-7||Doe^Jane", *orcs]).encode()))


def error(*orcs: str, kind: str = "ORM^O01^ORM_O01") -> tuple[int, str]:
    with pytest.raises(MalformedMessage) as caught:
        status(*orcs, kind=kind)
    return caught.value.code, caught.value.location


@pytest.mark.parametrize(
    ("orc", "expected"),
    [
        ("ORC|OK|CW-1^CLEARWORK", "accepted"),
        ("ORC|UA|CW-1", "refused"),
        ("ORC|SC|CW-1|||IP", "checked_in"),
        ("ORC|SC|CW-1|||CM", "completed"),
        ("ORC|SC|CW-1|||DC", "no_show"),
        ("ORC|CR|CW-1", "cancel_done"),
        ("ORC|UC|CW-1", "cancel_no"),
        ("ORC|XR|CW-1", "change_done"),
        ("ORC|UX|CW-1", "change_no"),
    ],
)
def test_each_control_is_one_status(orc: str, expected: str) -> None:
    who = Patient("Doe", "Jane", None, "E-7")
    assert status(orc) == StatusUpdate("CW-1", expected, "", None, who)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["ORM^O01", "ORR^O02", "OMG^O19", "ORG^O20", "OSU^O51^OSU_O51"])
def test_any_order_message_may_carry_it(kind: str) -> None:
    assert status("ORC|OK|CW-1", kind=kind).status == "accepted"


def test_a_refusal_says_why_and_when() -> None:
    told = status(r"ORC|UA|CW-1|||||||20250304080000|||||||F^No slot \T\ no staff^99X")
    assert told.reason == "No slot & no staff"
    assert told.at == datetime(2025, 3, 4, 14, tzinfo=UTC)
    assert status("ORC|UA|CW-1||||||||||||||No slot").reason == "No slot"
    assert "slot" not in repr(told)


def test_an_orc_for_each_service_must_agree() -> None:
    assert status("ORC|OK|CW-1", "ORC|OK|CW-1").number == "CW-1"
    assert error("ORC|OK|CW-1", "ORC|UA|CW-1") == (100, "ORC^2")
    assert error("ORC|OK|CW-1", "ORC|OK|CW-2") == (100, "ORC^2")


@pytest.mark.parametrize(
    ("orc", "code", "location"),
    [
        ("NTE|1", 100, "ORC^1"),
        ("ORC|OK", 101, "ORC^1^2"),
        ("ORC|XX|CW-1", 103, "ORC^1^1"),
        ("ORC||CW-1", 103, "ORC^1^1"),
        ("ORC|SC|CW-1", 103, "ORC^1^5"),
        ("ORC|SC|CW-1|||HD", 103, "ORC^1^5"),
        ("ORC|OK|CW-1|||||||yesterday", 102, "ORC^1^9"),
    ],
)
def test_what_is_no_status_says_what_to_repair(orc: str, code: int, location: str) -> None:
    assert error(orc) == (code, location)


def test_other_messages_are_not_taken_for_a_status() -> None:
    assert error("ORC|OK|CW-1", kind="ORU^R01") == (200, "MSH^1^9")
    assert error("ORC|OK|CW-1", kind="ORM^O99") == (201, "MSH^1^9")
