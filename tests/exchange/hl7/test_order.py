from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone

import hl7  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearwork.exchange.hl7.message import parse
from clearwork.exchange.hl7.order import (
    DotTest,
    Injury,
    Order,
    OrderedService,
    Person,
    Route,
    build_order,
)

SENT = datetime(2025, 3, 4, 5, 6, 7, tzinfo=timezone(timedelta(hours=-6)))
ROUTE = Route("CLEARWORK", "NET", "DEMOEHR", "C-TX-DAL1")
JANE = Person("Doe", "Jane", date(1980, 2, 29), "E-7", "+1 214 555 0100")
ORDER = Order(
    number="CW-4K7M-2QX9",
    structure="OMG_O19",
    created_at=SENT,
    creator_name="Alice Admin",
    callback_phone="+1 214 555 0199",
    reason_code="periodic",
    reason_text="Periodic",
    employer_name="Acme & Sons",
    account_number="A-100",
    employee=JANE,
    services=(OrderedService("dot_physical", "DOT physical"), OrderedService("audio", "Audiogram")),
    kind="non_injury",
    modality="in_center",
    expires=date(2025, 4, 4),
    worksite="Dallas plant",
    note="Bring glasses.\nCall first.",
    billing_note="",
    injury=None,
)
INJURY = Injury(date(2025, 3, 3), time(14, 5), "left hand", "A crate fell", "CL-1", "Best Mutual")

DOT_TEST = DotTest(
    donor_id="N-1",
    agency="fmcsa",
    specimen="urine",
    observed="Y",
    der=("Dana Whitfield", "800-555-0100"),
    laboratory=("Example Lab", "1 Main St"),
    review_officer=("Dr. Reyes", "2 Main St", "800-555-0101", ""),
    ctpa=("", "", ""),
)


def build(order: Order = ORDER, control_id: str = "M1") -> bytes:
    return build_order(order, ROUTE, control_id=control_id, sent_at=SENT)


def observations(order: Order) -> dict[str, str]:
    return {obx.get(3): obx.get(5) for obx in parse(build(order)).segments("OBX")}


def test_an_order_stands_on_the_wire_as_the_profile_says() -> None:
    assert build().decode().split("\r") == [
        (
            "MSH|^~\\&|CLEARWORK|NET|DEMOEHR|C-TX-DAL1|20250304050607-0600"
            "||OMG^O19^OMG_O19|M1|P|2.5.1||||||UNICODE UTF-8"
        ),
        "PID|1||E-7^^^A-100^EI||Doe^Jane||19800229||||||+1 214 555 0100",
        "PV1|1|O",
        (
            "ORC|NW|CW-4K7M-2QX9^CLEARWORK||CW-4K7M-2QX9^CLEARWORK|||||20250304050607-0600"
            "|^Alice Admin||||+1 214 555 0199||periodic^Periodic^99CW"
            "|||||Acme \\T\\ Sons^^^^^^^^^A-100"
        ),
        (
            "OBR|1|CW-4K7M-2QX9^CLEARWORK||dot_physical^DOT physical^99CW"
            "|||||||||||||||||||||||||||periodic^Periodic^99CW"
        ),
        "NTE|1||Bring glasses.\\.br\\Call first.",
        "OBX|1|ST|KIND^Injury or non-injury^99CW||non_injury||||||F",
        "OBX|2|ST|MODALITY^Modality^99CW||in_center||||||F",
        "OBX|3|TS|EXPIRES^Authorization expires^99CW||20250404||||||F",
        "OBX|4|ST|WORKSITE^Worksite^99CW||Dallas plant||||||F",
        (
            "ORC|NW|CW-4K7M-2QX9^CLEARWORK||CW-4K7M-2QX9^CLEARWORK|||||20250304050607-0600"
            "|^Alice Admin||||+1 214 555 0199||periodic^Periodic^99CW"
            "|||||Acme \\T\\ Sons^^^^^^^^^A-100"
        ),
        (
            "OBR|2|CW-4K7M-2QX9^CLEARWORK||audio^Audiogram^99CW"
            "|||||||||||||||||||||||||||periodic^Periodic^99CW"
        ),
        "",
    ]


def test_an_older_system_gets_the_same_order_as_orm_o01() -> None:
    old = build(replace(ORDER, structure="ORM_O01"))
    assert old == build().replace(b"OMG^O19^OMG_O19", b"ORM^O01^ORM_O01")


def test_an_injury_says_when_where_and_how() -> None:
    assert observations(replace(ORDER, kind="injury", injury=INJURY)) == {
        "KIND": "injury",
        "MODALITY": "in_center",
        "EXPIRES": "20250404",
        "WORKSITE": "Dallas plant",
        "INJDATE": "20250303",
        "INJTIME": "1405",
        "BODYPART": "left hand",
        "INJDESC": "A crate fell",
        "CLAIMNO": "CL-1",
        "INSURER": "Best Mutual",
    }


def test_what_is_not_known_of_an_injury_is_left_out() -> None:
    unknown = Injury(date(2025, 3, 3), None, "left hand", "", "", "")
    told = observations(replace(ORDER, injury=unknown))
    assert not {"INJTIME", "INJDESC", "CLAIMNO", "INSURER"} & set(told)


def test_a_dot_test_tells_its_collector_what_40_14_asks_for() -> None:
    told = observations(replace(ORDER, dot_test=DOT_TEST))
    assert {code: value for code, value in told.items() if code.startswith("DOT")} == {
        "DOTAGENCY": "fmcsa",
        "DOTDONOR": "N-1",
        "DOTSPECIMEN": "urine",
        "DOTOBSERVED": "Y",
        "DOTDER": "Dana Whitfield, 800-555-0100",
        "DOTLAB": "Example Lab, 1 Main St",
        "DOTMRO": "Dr. Reyes, 2 Main St, 800-555-0101",
    }
    assert "Dana" not in repr(DOT_TEST)


def test_the_same_order_is_the_same_bytes_on_every_try() -> None:
    assert build() == build()


def test_what_cannot_be_an_order_is_refused_before_it_is_sent() -> None:
    for control_id in ("", "x" * 21):
        with pytest.raises(ValueError, match="control id"):
            build(control_id=control_id)
    with pytest.raises(ValueError, match="service"):
        build(replace(ORDER, services=()))
    with pytest.raises(ValueError, match="zone"):
        build(replace(ORDER, created_at=datetime(2025, 1, 1)))  # noqa: DTZ001


def test_nobody_s_data_shows_where_an_order_is_printed() -> None:
    shown = f"{ORDER!r} {JANE!r} {INJURY!r}"
    assert not [word for word in ("Doe", "1980", "hand", "Dallas") if word in shown]


def as_read(text: str) -> str:
    sent = build(replace(ORDER, worksite=f"<{text}>")).decode().split("WORKSITE^Worksite^99CW||")[1]
    assert not set(sent.partition("||||||F\r")[0]) & set("|^~&\r")
    return observations(replace(ORDER, worksite=f"<{text}>"))["WORKSITE"][1:-1]


@given(st.text())
def test_any_text_reads_back_without_its_control_characters(text: str) -> None:
    controls = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0)]) | {9: " ", 10: "\n"}
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    assert as_read(text) == lines.translate(controls)


@given(st.text(), st.text(), st.text(), st.text())
def test_any_name_reads_back_in_its_own_component(
    family: str, given_name: str, employer: str, service: str
) -> None:
    person = replace(JANE, family=f"f{family}f", given=f"g{given_name}g")
    services = (OrderedService("code", f"s{service}s"),)
    order = replace(ORDER, employee=person, employer_name=f"e{employer}e", services=services)
    parsed = parse(build(order))
    pid, orc, obr = (parsed.segments(name)[0] for name in ("PID", "ORC", "OBR"))
    assert [pid.get(5)[0], pid.get(5)[-1], pid.get(5, 2)[0], pid.get(5, 2)[-1]] == [*"ffgg"]
    assert [orc.get(21)[0], orc.get(21)[-1], orc.get(21, 10)] == ["e", "e", "A-100"]
    assert [obr.get(4), obr.get(4, 2)[0], obr.get(4, 2)[-1]] == ["code", "s", "s"]


def test_python_hl7_reads_our_order() -> None:
    theirs = hl7.parse(build(replace(ORDER, employee=replace(JANE, family="O^Neil & Sons|x\\y"))))
    assert theirs.extract_field("PID", 1, 5, 1, 1) == "O^Neil & Sons|x\\y"
    assert theirs.extract_field("ORC", 1, 21, 1, 10) == "A-100"
    assert theirs.extract_field("OBR", 2, 4, 1, 2) == "Audiogram"
    assert str(theirs["MSH.F18"]) == "UNICODE UTF-8"


def test_times_keep_the_zone_they_were_given_in() -> None:
    utc = replace(ORDER, created_at=SENT.astimezone(UTC))
    assert parse(build(utc)).segments("ORC")[0].get(9) == "20250304110607+0000"
