from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearwork.exchange.hl7.dates import (
    date_at,
    format_timestamp,
    message_zone,
    parse_timestamp,
    timestamp_at,
)
from clearwork.exchange.hl7.message import MalformedMessage, Message, parse

CENTRAL = timezone(timedelta(hours=-6))


def message(sent_at: str, value: str) -> Message:
    return parse(f"MSH|^~\\&|A|B|C|D|{sent_at}||ORU^R01|1|P|2.5.1\rOBR|{value}\r".encode())


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2025", datetime(2025, 1, 1, tzinfo=CENTRAL)),
        ("202503", datetime(2025, 3, 1, tzinfo=CENTRAL)),
        ("20250304", datetime(2025, 3, 4, tzinfo=CENTRAL)),
        ("2025030405", datetime(2025, 3, 4, 5, tzinfo=CENTRAL)),
        ("202503040506", datetime(2025, 3, 4, 5, 6, tzinfo=CENTRAL)),
        ("20250304050607", datetime(2025, 3, 4, 5, 6, 7, tzinfo=CENTRAL)),
        ("20250304050607.1234", datetime(2025, 3, 4, 5, 6, 7, 123400, tzinfo=CENTRAL)),
        ("20250304050607+0000", datetime(2025, 3, 4, 5, 6, 7, tzinfo=UTC)),
        ("202503040506-0030", datetime(2025, 3, 4, 5, 36, tzinfo=UTC)),
        ("20240229", datetime(2024, 2, 29, tzinfo=CENTRAL)),
    ],
)
def test_a_time_may_be_as_precise_as_its_sender_knows(text: str, moment: datetime) -> None:
    assert parse_timestamp(text, CENTRAL) == moment


@pytest.mark.parametrize(
    "text",
    [
        "202",
        "20251301",
        "20250229",
        "2025030425",
        "20250304056",
        "2025-03-04",
        "20250304.5",
        "20250304+2500",
        "20250304+05",
        "00010101000000+1400",
        "9999",
        "٢٠٢٥",
        "20250304 0506",
        "2025030405060708",
    ],
)
def test_what_is_no_time_names_its_field(text: str) -> None:
    with pytest.raises(MalformedMessage) as caught:
        timestamp_at(message("2025", text).segments("OBR")[0], 1, UTC)
    assert (caught.value.code, caught.value.location) == (102, "OBR^1^1")


def test_a_time_without_an_offset_is_in_the_zone_of_the_message() -> None:
    told = message("20250304050607-0600", "20250304050607")
    obr = told.segments("OBR")[0]
    assert timestamp_at(obr, 1, message_zone(told)) == datetime(2025, 3, 4, 5, 6, 7, tzinfo=CENTRAL)
    assert message_zone(message("20250304050607", "2025")) == UTC
    assert message_zone(message("rubbish", "2025")) == UTC
    assert timestamp_at(obr, 9, UTC) is None


def test_a_date_of_birth_is_the_calendar_s_whatever_its_zone() -> None:
    assert date_at(message("2025", "19800101230000-0600").segments("OBR")[0], 1) == date(1980, 1, 1)
    assert date_at(message("2025", "").segments("OBR")[0], 1) is None
    with pytest.raises(MalformedMessage):
        date_at(message("2025", "1980").segments("OBR")[0], 1)


MOMENTS = st.datetimes(
    datetime(1900, 1, 1),  # noqa: DTZ001 - hypothesis wants its bounds without a zone
    datetime(2199, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([CENTRAL, UTC]),
)


@given(MOMENTS)
def test_a_time_survives_to_the_second(moment: datetime) -> None:
    assert parse_timestamp(format_timestamp(moment), UTC) == moment.replace(microsecond=0)


def test_a_time_without_a_zone_is_never_sent() -> None:
    with pytest.raises(ValueError, match="zone"):
        format_timestamp(datetime(2025, 1, 1))  # noqa: DTZ001
