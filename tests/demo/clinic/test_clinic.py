"""The demo clinic as a process, over real sockets, killed and brought back."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.demo.clinic.portal import (
    END,
    VT,
    Clinic,
    Portal,
    Received,
    an_order,
    fields,
    free_port,
    msa,
    wait_for,
)

NUMBER = "CW-4K7M-2QX9"
WHOLE_VISIT = ["OK", "SC IP", "ORU", "SC CM"]


def once_each(messages: list[Received]) -> list[str]:
    return list(dict.fromkeys(message.control_id for message in messages))


@pytest.mark.parametrize("message_type", ["OMG^O19^OMG_O19", "ORM^O01^ORM_O01"])
def test_an_order_is_acknowledged_and_its_visit_reported_in_order(
    clinic: Clinic, portal: Portal, message_type: str
) -> None:
    assert msa(clinic.order(an_order(message_type=message_type))) == ("AA", "A1")
    wait_for(lambda: len(portal.received) == 4)
    assert portal.of(NUMBER) == WHOLE_VISIT
    result = portal.received[2]
    assert list(result.documents) == ["non_injury_activity_status", "mec_dot_card"]
    assert all(pdf.startswith(b"%PDF-") for pdf in result.documents.values())


def test_messages_come_from_the_center_the_order_was_addressed_to(
    clinic: Clinic, portal: Portal
) -> None:
    clinic.order(an_order())
    wait_for(lambda: len(portal.received) == 4)
    for message in portal.received:
        msh = fields(message.block, "MSH")[0]
        assert msh[3:7] == ["DEMOEHR", "C-TX-DAL1", "CLEARWORK", "DEMO"]
        assert msh[12] == "2.5.1"
        assert msh[18] == "UNICODE UTF-8"
        assert 0 < len(message.control_id) <= 20
        pid = fields(message.block, "PID")[0]
        assert pid[3] == "E-10442^^^NWF-001^EI"
        assert (pid[5], pid[7]) == ("Delgado^Rosa", "19880417")


def test_a_result_names_the_order_the_employer_and_the_document(
    clinic: Clinic, portal: Portal
) -> None:
    clinic.order(an_order(services=("AUDIO",)))
    wait_for(lambda: len(portal.received) == 4)
    block = portal.received[2].block
    orc, obr = (fields(block, name)[1] for name in ("ORC", "OBR"))
    _, obx = (obx for obx in fields(block, "OBX") if obx[2] == "ED")
    assert orc[1:3] == ["RE", f"{NUMBER}^CLEARWORK"]
    assert orc[21] == "Northwind Freight^^^^^^^^^NWF-001"
    assert obr[4] == obx[3] == "audiogram^Audiogram^99CW"
    assert (obr[25], obx[2], obx[11]) == ("F", "ED", "F")
    assert obr[7] == obx[14]
    assert obr[3] == orc[3] != fields(block, "OBR")[0][3]


def test_an_injury_brings_the_injury_report(clinic: Clinic, portal: Portal) -> None:
    clinic.order(an_order(kind="injury", services=("INJ-CARE",)))
    wait_for(lambda: len(portal.received) == 4)
    assert list(portal.received[2].documents) == ["injury_activity_status"]


def test_a_dot_card_says_until_when_it_holds_in_code_too(clinic: Clinic, portal: Portal) -> None:
    clinic.order(an_order(services=("DOT-PHYS",)))
    wait_for(lambda: len(portal.received) == 4)
    said = dict(portal.received[2].coded)
    assert said["SERVICE"] == "Service DOT-PHYS"
    assert said["CERTFROM"] < said["CERTUNTIL"] and len(said["CERTUNTIL"]) == 8
    assert said["REGISTRY"].isdigit() and "WORKSTATUS" not in said


def test_two_services_with_one_kind_of_report_bring_it_once(clinic: Clinic, portal: Portal) -> None:
    clinic.order(an_order(services=("VAC-FLU", "VAC-HEPB", "RESP-CLEAR", "FIT-TEST")))
    wait_for(lambda: len(portal.received) == 4)
    assert list(portal.received[2].documents) == [
        "non_injury_activity_status",
        "vaccine_administration_record",
        "respirator_clearance",
        "fit_test",
    ]


def test_a_resend_is_acknowledged_again_and_stored_once(clinic: Clinic, portal: Portal) -> None:
    assert [msa(clinic.order(an_order())) for _ in range(3)] == [("AA", "A1")] * 3
    wait_for(lambda: len(portal.received) == 4)
    clinic.order(an_order(number="CW-0000-0001", control_id="A2"))
    wait_for(lambda: len(portal.received) == 8)
    assert portal.of(NUMBER) == WHOLE_VISIT
    assert clinic.rows("SELECT count(*) FROM orders") == [(2,)]
    assert clinic.rows("SELECT count(*) FROM duplicates") == [(0,)]


def test_another_control_id_for_a_known_number_is_counted_and_brings_no_second_visit(
    clinic: Clinic, portal: Portal
) -> None:
    clinic.order(an_order())
    for _ in range(2):
        assert msa(clinic.order(an_order(control_id="B1"))) == ("AA", "B1")
    wait_for(lambda: len(portal.received) == 4)
    assert clinic.rows("SELECT number, control_id FROM orders") == [(NUMBER, "A1")]
    assert clinic.rows("SELECT number, control_id FROM duplicates") == [(NUMBER, "B1")]


@pytest.mark.parametrize(
    ("block", "code", "location"),
    [
        (b"", "AR", ""),
        (b"\xff\xfe not a message", "AR", ""),
        (b"MSH", "AR", ""),
        (b"MSH|", "AR", ""),
        (b"PID|1\rMSH|^~\\&|A", "AR", ""),
        (an_order(message_type="ADT^A04^ADT_A01"), "AR", "MSH^1^9"),
        (an_order(control_id=""), "AE", "MSH^1^10"),
        (an_order(number=""), "AE", "ORC^1^2"),
        (an_order(name=""), "AE", "PID^1^5"),
        (an_order(services=("",)), "AE", "OBR^1^4"),
        (an_order(services=()), "AE", "ORC^1^2"),
        (an_order().replace(b"ORC|NW", b"ORC|XX"), "AE", "ORC^1^1"),
    ],
)
def test_what_is_no_order_is_refused_with_its_reason_and_stores_nothing(
    clinic: Clinic, block: bytes, code: str, location: str
) -> None:
    ack = clinic.order(block)
    err = fields(ack, "ERR")[0]
    assert msa(ack)[0] == code
    assert err[2] == location
    assert err[3].endswith("^HL70357")
    assert err[4] == "E"
    assert err[8]
    assert clinic.rows("SELECT count(*) FROM orders") == [(0,)]
    assert msa(clinic.order(an_order())) == ("AA", "A1")


def test_a_control_id_used_for_another_order_is_an_error(clinic: Clinic) -> None:
    clinic.order(an_order())
    ack = clinic.order(an_order(number="CW-0000-0001"))
    assert msa(ack) == ("AE", "A1")
    assert fields(ack, "ERR")[0][2] == "MSH^1^10"


def test_a_frame_without_end_or_beyond_the_limit_only_loses_its_own_connection(
    clinic: Clinic,
) -> None:
    with pytest.raises((EOFError, OSError)):
        clinic.order(b"MSH|" + b"x" * 3_000_000)
    assert msa(clinic.order(an_order())) == ("AA", "A1")


def test_names_keep_their_letters_and_separators(clinic: Clinic, portal: Portal) -> None:
    clinic.order(an_order(name="#panic()\\T\\\\F\\Łódź^李小龍"))
    wait_for(lambda: len(portal.received) == 4)
    assert fields(portal.received[2].block, "PID")[0][5] == "#panic()\\T\\\\F\\Łódź^李小龍"


def test_without_results_it_only_acknowledges(portal: Portal, tmp_path: Path) -> None:
    options = ("--no-results",)
    clinic = Clinic(free_port(), portal.port, tmp_path / "clinic", options=options).start()
    assert msa(clinic.order(an_order())) == ("AA", "A1")
    time.sleep(0.5)
    clinic.stop()
    assert portal.received == []
    assert clinic.rows("SELECT number FROM orders") == [(NUMBER,)]


def test_the_pace_spaces_the_stages(portal: Portal, tmp_path: Path) -> None:
    clinic = Clinic(free_port(), portal.port, tmp_path / "clinic", pace="0.1").start()
    began = time.monotonic()
    clinic.order(an_order())
    wait_for(lambda: len(portal.received) == 1)
    assert 0.2 <= time.monotonic() - began < 0.5
    wait_for(lambda: len(portal.received) == 4)
    assert time.monotonic() - began >= 0.9
    clinic.stop()


@pytest.mark.parametrize("code", ["AE", "AR"])
def test_a_refused_message_is_marked_and_the_next_one_sent(
    clinic: Clinic, portal: Portal, code: str
) -> None:
    portal.answer = lambda message: code if message.says == "SC IP" else "AA"
    clinic.order(an_order())
    wait_for(lambda: len(portal.received) == 4)
    assert portal.of(NUMBER) == WHOLE_VISIT
    states = "SELECT state FROM outbox ORDER BY id"
    wait_for(
        lambda: clinic.rows(states) == [("accepted",), ("refused",), ("accepted",), ("accepted",)]
    )


def test_an_unanswered_message_is_sent_again_under_its_control_id(
    clinic: Clinic, portal: Portal
) -> None:
    portal.answer = lambda message: "AA" if len(portal.received) > 1 else None
    clinic.order(an_order())
    wait_for(lambda: len(portal.received) == 5)
    assert portal.of(NUMBER) == ["OK", *WHOLE_VISIT]
    assert portal.received[0].block == portal.received[1].block


def test_an_acknowledgment_of_something_else_does_not_count(clinic: Clinic, portal: Portal) -> None:
    portal.answer = lambda message: "AA" if len(portal.received) > 1 else "CA"
    clinic.order(an_order())
    wait_for(lambda: len(portal.received) == 5)
    assert portal.of(NUMBER) == ["OK", *WHOLE_VISIT]


def test_killed_after_its_acknowledgment_it_takes_up_the_order_again(tmp_path: Path) -> None:
    portal_port = free_port()
    clinic = Clinic(free_port(), portal_port, tmp_path / "clinic", pace="0.2").start()
    assert msa(clinic.order(an_order())) == ("AA", "A1")
    clinic.kill()
    with Portal(portal_port) as portal:
        clinic.start()
        wait_for(lambda: len(portal.received) == 4)
        assert portal.of(NUMBER) == WHOLE_VISIT
        assert msa(clinic.order(an_order())) == ("AA", "A1")
        clinic.stop()
    assert clinic.rows("SELECT count(*) FROM orders") == [(1,)]


def test_killed_with_a_message_in_flight_it_sends_the_very_same_message_again(
    tmp_path: Path,
) -> None:
    with Portal(free_port(), answer=lambda _: None) as portal:
        clinic = Clinic(free_port(), portal.port, tmp_path / "clinic").start()
        clinic.order(an_order())
        wait_for(lambda: len(portal.received) >= 1)
        wait_for(lambda: clinic.rows("SELECT count(*) FROM outbox") == [(4,)])
        clinic.kill()
        queued = [str(row[0]) for row in clinic.rows("SELECT control_id FROM outbox ORDER BY id")]
        portal.answer = lambda _: "AA"
        clinic.start()
        wait_for(lambda: len(once_each(portal.received)) == 4)
        clinic.stop()
    assert once_each(portal.received) == queued
    first = [m.block for m in portal.received if m.control_id == queued[0]]
    assert len(first) > 1
    assert len(set(first)) == 1


def test_killed_again_and_again_it_loses_nothing_and_says_nothing_new(tmp_path: Path) -> None:
    numbers = [f"CW-0000-{index:04}" for index in range(60)]
    with Portal(free_port()) as portal:
        clinic = Clinic(free_port(), portal.port, tmp_path / "clinic").start()
        for index, number in enumerate(numbers):
            block = an_order(number=number, control_id=f"K{index}", services=("AUDIO",))
            assert msa(clinic.order(block)) == ("AA", f"K{index}")
            if index % 10 == 9:
                clinic.kill()
                clinic.start()
        wait_for(lambda: len(once_each(portal.received)) == 4 * len(numbers), 60)
        clinic.stop()
    assert clinic.rows("SELECT count(*) FROM orders") == [(60,)]
    for number in numbers:
        said = {m.control_id: m.says for m in portal.received if m.number == number}
        assert list(said.values()) == WHOLE_VISIT


def test_its_log_tells_of_orders_by_id_alone(clinic: Clinic, portal: Portal) -> None:
    clinic.order(an_order())
    clinic.order(an_order(control_id="", name="Secretname^Zed"))
    wait_for(lambda: len(portal.received) == 4)
    clinic.stop()
    log = clinic.log.read_text()
    assert NUMBER in log
    assert not [word for word in ("Delgado", "Rosa", "1988", "Secretname") if word in log]


def test_told_to_stop_it_stops_cleanly(clinic: Clinic) -> None:
    assert clinic.stop() == 0
    assert "Traceback" not in clinic.log.read_text()


def test_a_taken_port_and_a_bad_folder_each_give_one_line(clinic: Clinic, tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_bytes(VT + END)
    for state, port in ((tmp_path / "second", clinic.port), (in_the_way / "x", free_port())):
        code, said = Clinic(port, clinic.portal_port, state).refuse_to_start()
        assert code == 1
        assert said.count("\n") == 1
        assert said.startswith("demo clinic: ")
