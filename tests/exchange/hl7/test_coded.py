"""Coded values are read where they make sense, and cost nothing where they do not."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearwork.exchange.hl7.coded import NOTHING, Coded, pack, read_coded, unpack
from clearwork.exchange.hl7.message import parse
from clearwork.exchange.hl7.result import read_result

HEAD = "MSH|^~\\&|EHR|C-1|CLEARWORK|NET|20260304113000-0600||ORU^R01|1|P|2.5.1"
PID = "PID|1||E-1||Quokka^Imogen||19880517"
PDF = "OBX|1|ED|audiogram^Audiogram||^application^pdf^Base64^JVBERi0xLjcKJSVFT0YK||||||F"
CENTRAL = timezone(timedelta(hours=-6))


def read(*segments: str) -> list[Coded]:
    raw = "\r".join([HEAD, PID, *segments, ""]).encode()
    return [document.coded for document in read_result(parse(raw)).documents]


def said(code: str, value: str) -> str:
    return f"OBX|2|ST|{code}||{value}"


def test_it_speaks_of_the_documents_of_its_own_order() -> None:
    first = ("ORC|RE|A", "OBR|1|A", said("UNTIL", "20260311"), PDF, said("WORKSTATUS", "off"))
    second = ("ORC|RE|B", "OBR|2|B", PDF, said("CERTUNTIL", "20280304"))
    one, other = read(*first, *second)
    assert one == Coded(work_status="off", until=date(2026, 3, 11))
    assert other == Coded(expires=date(2028, 3, 4))


def test_a_message_without_any_says_nothing() -> None:
    assert read("OBR|1|A", PDF) == [NOTHING]
    assert read("OBR|1|A", PDF, said("PULSE", "72")) == [Coded()]


def test_words_are_those_of_a_code_or_the_text_itself() -> None:
    (found,) = read(
        PDF,
        said("restriction", "lift^Lifting \\T\\ carrying^99X"),
        said("RESTRICTION", "  No   ladders "),
        said("RESTRICTION", "No ladders"),
        said("RESTRICTION", ""),
        said("RESTRICTION", '""'),
    )
    assert found.restrictions == ("Lifting & carrying", "No ladders")


def test_a_time_without_a_zone_is_in_the_messages() -> None:
    (found,) = read(PDF, said("NEXTAPPT", "202603110830"))
    assert found.next_appointment == datetime(2026, 3, 11, 8, 30, tzinfo=CENTRAL)


@pytest.mark.parametrize("text", ["2026031", "20260231", "-2026031", "tomorrow", "00000000", "９"])
def test_a_day_that_is_none_is_not_there(text: str) -> None:
    (found,) = read(PDF, said("UNTIL", text), said("NEXTAPPT", text))
    assert found.until is None


_words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30)
_days = st.none() | st.dates(date(1900, 1, 1), date(2199, 12, 31))


@given(
    st.builds(
        Coded,
        work_status=_words,
        restrictions=st.lists(_words).map(tuple),
        starts=_days,
        until=_days,
        expected_return=_days,
        next_appointment=st.none() | st.datetimes(timezones=st.just(UTC)),
        services=st.lists(_words).map(tuple),
        certified=_days,
        expires=_days,
        registry_number=_words,
        limitations=st.lists(_words).map(tuple),
    )
)
def test_what_is_packed_as_json_comes_out_the_same(coded: Coded) -> None:
    assert unpack(json.loads(json.dumps(pack(coded)))) == coded


@given(st.lists(st.tuples(st.sampled_from(["UNTIL", "NEXTAPPT", "RESTRICTION"]), _words)))
def test_no_value_costs_the_document(values: list[tuple[str, str]]) -> None:
    clean = [(code, text.replace("|", "").replace("\r", "")) for code, text in values]
    assert len(read(PDF, *(said(code, text) for code, text in clean))) == 1


def test_nothing_read_shows_itself_in_a_log() -> None:
    assert "Lifting" not in repr(Coded(restrictions=("Lifting",)))
    assert read_coded([], UTC) is NOTHING
