"""The portal's protocol and the clinic's, written apart, understand each other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Literal

import pytest

from clearwork.exchange.hl7 import mllp, order
from clearwork.exchange.hl7.ack import UNKNOWN_KEY, Ack, read_ack
from clearwork.exchange.hl7.message import parse
from clearwork.exchange.hl7.result import read_result
from clearwork.exchange.hl7.status import read_status
from tests.demo.clinic.portal import Clinic, Portal, free_port, wait_for

ROUTE = order.Route("CLEARWORK", "DEMO", "DEMOEHR", "C-TX-DAL1")
CREATED = datetime(2026, 11, 23, 16, 4, tzinfo=UTC)


type Control = Literal["NW", "XO", "CA"]


def built(
    structure: Literal["OMG_O19", "ORM_O01"], control_id: str, control: Control = "NW"
) -> bytes:
    placed = order.Order(
        number="CW-4K7M-2QX9",
        structure=structure,
        created_at=CREATED,
        creator_name="Ada O'Neil & Sons | ^~\\",
        callback_phone="555-0100",
        reason_code="post_accident",
        reason_text="Post-accident",
        employer_name="Smith & Sons | Freight^2",
        account_number="NWF-001",
        employee=order.Person("Núñez & Łódź", "李小龍 ~", date(1988, 4, 17), "E-1|2", "555-0142"),
        services=(order.OrderedService("DOT-PHYS", "DOT physical"),),
        kind="injury",
        modality="in_center",
        expires=date(2026, 12, 23),
        worksite="Dallas^hub",
        note="Line one\nLine two",
        billing_note="",
        injury=order.Injury(date(2026, 11, 20), time(9, 30), "Left wrist", "Fell", "CL-1", ""),
        control=control,
        control_reason="Made by mistake" if control == "CA" else "",
    )
    return order.build_order(placed, ROUTE, control_id=control_id, sent_at=CREATED)


@pytest.mark.parametrize("structure", ["OMG_O19", "ORM_O01"])
def test_the_portals_order_comes_back_as_statuses_and_results_it_reads(
    clinic: Clinic, portal: Portal, structure: Literal["OMG_O19", "ORM_O01"]
) -> None:
    raw = mllp.send("127.0.0.1", clinic.port, built(structure, "C1"), timeout=20)
    assert read_ack(raw).code == "AA"
    assert read_ack(raw).control_id == "C1"
    wait_for(lambda: len(portal.received) == 4)
    accepted, checked_in, result, completed = (parse(m.block) for m in portal.received)
    updates = [read_status(message) for message in (accepted, checked_in, completed)]
    assert [update.status for update in updates] == ["accepted", "checked_in", "completed"]
    assert {update.number for update in updates} == {"CW-4K7M-2QX9"}
    assert all(update.at and update.at.tzinfo for update in updates)
    found = read_result(result)
    assert (found.patient.family, found.patient.given) == ("Núñez & Łódź", "李小龍 ~")
    assert (found.patient.date_of_birth, found.patient.identifier) == (date(1988, 4, 17), "E-1|2")
    types = [document.report_type for document in found.documents]
    assert types == ["injury_activity_status", "mec_dot_card"]
    for document in found.documents:
        assert (document.number, document.account_number) == ("CW-4K7M-2QX9", "NWF-001")
        assert document.visit_at
        assert document.data.startswith(b"%PDF-")


def test_the_portal_reads_why_the_clinic_refuses(clinic: Clinic) -> None:
    block = built("OMG_O19", "C1").replace(b"ORC|NW", b"ORC|XX")
    ack = read_ack(mllp.send("127.0.0.1", clinic.port, block, timeout=20))
    assert (ack.code, ack.control_id) == ("AE", "C1")
    assert "Only new orders (NW), changes (XO)" in ack.text


# Changes and cancellations


@pytest.fixture
def patient_clinic(portal: Portal, tmp_path: Path) -> Iterator[Clinic]:
    """A clinic that accepts after minutes: whatever comes, comes before."""
    running = Clinic(free_port(), portal.port, tmp_path / "clinic", pace="100").start()
    yield running
    running.stop()


def told(clinic: Clinic, control: Control, control_id: str) -> Ack:
    raw = mllp.send("127.0.0.1", clinic.port, built("OMG_O19", control_id, control), timeout=20)
    ack = read_ack(raw)
    assert ack.control_id == control_id
    return ack


def due(clinic: Clinic) -> list[tuple[object, ...]]:
    return clinic.rows("SELECT stage, due IS NOT NULL FROM orders")


def test_a_cancelled_order_comes_to_nothing_and_a_repeat_is_known(patient_clinic: Clinic) -> None:
    assert told(patient_clinic, "NW", "C1").code == "AA"
    assert due(patient_clinic) == [("received", 1)]
    assert [told(patient_clinic, "CA", "C2").code for _ in range(2)] == ["AA", "AA"]
    assert due(patient_clinic) == [("received", 0)]
    again = told(patient_clinic, "CA", "C3")
    assert (again.code, again.condition) == ("AE", UNKNOWN_KEY)


def test_what_is_not_there_cannot_be_changed_or_cancelled(patient_clinic: Clinic) -> None:
    for control in ("XO", "CA"):
        ack = told(patient_clinic, control, f"C{control}")
        assert (ack.code, ack.condition) == ("AE", UNKNOWN_KEY)
    assert patient_clinic.rows("SELECT * FROM orders") == []


def test_who_has_been_seen_cannot_be_unseen(clinic: Clinic, portal: Portal) -> None:
    told(clinic, "NW", "C1")
    wait_for(lambda: len(portal.received) == 4)
    for control in ("XO", "CA"):  # the visit is over
        ack = told(clinic, control, f"C{control}")
        assert (ack.code, ack.text) == ("AE", "The employee has been here already")
    assert len(portal.received) == 4


def test_a_change_takes_the_orders_place(patient_clinic: Clinic) -> None:
    told(patient_clinic, "NW", "C1")
    assert told(patient_clinic, "XO", "C2").code == "AA"
    ((message,),) = patient_clinic.rows("SELECT message FROM orders")
    assert b"ORC|XO|" in message  # type: ignore[operator]
    assert patient_clinic.rows("SELECT control_id, control FROM changes") == [("C2", "XO")]
