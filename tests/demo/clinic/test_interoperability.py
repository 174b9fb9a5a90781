"""The portal's protocol and the clinic's, written apart, understand each other."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Literal

import pytest

from clearwork.exchange.hl7 import mllp, order
from clearwork.exchange.hl7.ack import read_ack
from clearwork.exchange.hl7.message import parse
from clearwork.exchange.hl7.result import read_result
from clearwork.exchange.hl7.status import read_status
from tests.demo.clinic.portal import Clinic, Portal, wait_for

ROUTE = order.Route("CLEARWORK", "DEMO", "DEMOEHR", "C-TX-DAL1")
CREATED = datetime(2026, 11, 23, 16, 4, tzinfo=UTC)


def built(structure: Literal["OMG_O19", "ORM_O01"], control_id: str) -> bytes:
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
    assert "Only new orders (NW) are taken" in ack.text
