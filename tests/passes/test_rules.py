"""What a pass is worth, and what people type at it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearwork.authorizations.rules import State
from clearwork.passes import tokens
from clearwork.passes.rules import (
    CODE_LASTS,
    GRACE,
    Standing,
    birth_date,
    code_is_fresh,
    is_usable,
    mobile_number,
    standing,
)

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("state", "days", "expected"),
    [
        (State.ACCEPTED, 0, Standing.VALID),
        (State.ACCEPTED, -1, Standing.EXPIRED),
        (State.EXPIRED, 5, Standing.EXPIRED),
        (State.CANCELLED, -90, Standing.CANCELLED),
        (State.REFUSED, 5, Standing.CANCELLED),
        (State.COMPLETED, -1, Standing.COMPLETED),
        (State.NO_SHOW, 5, Standing.VALID),
        (State.CHECKED_IN, 0, Standing.VALID),
    ],
)
def test_what_the_authorization_behind_a_pass_is_worth(
    state: State, days: int, expected: Standing
) -> None:
    assert standing(state, TODAY + timedelta(days), TODAY) == expected


@pytest.mark.parametrize(
    ("change", "usable"),
    [
        ({}, True),
        ({"revoked": True}, False),
        ({"tries_left": 0}, False),
        ({"tries_left": 1}, True),
        ({"expires": TODAY - GRACE}, True),
        ({"expires": TODAY - GRACE - timedelta(1)}, False),
    ],
)
def test_whether_a_link_answers(change: dict[str, object], usable: bool) -> None:
    usual = {"revoked": False, "tries_left": 5, "expires": TODAY, "today": TODAY}
    assert is_usable(**{**usual, **change}) is usable  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("214-555-0100", "+12145550100"),
        ("(214) 555 0100", "+12145550100"),
        ("1.214.555.0100", "+12145550100"),
        ("+52 55 1234 5678", "+525512345678"),
        ("214–555–0100", "+12145550100"),
        ("555-0100", None),
        ("114-555-0100", None),
        ("+0 214 555 0100", None),
        ("214-555-0100 x5", None),
        ("", None),
        ("٢١٤٥٥٥٠١٠٠", None),
    ],
)
def test_a_mobile_number_is_read_however_it_is_written(typed: str, number: str | None) -> None:
    assert mobile_number(typed) == number


@pytest.mark.parametrize(
    ("year", "month", "day", "born"),
    [
        (1988, 4, 17, date(1988, 4, 17)),
        (88, 4, 17, date(1988, 4, 17)),
        (5, 4, 17, date(2005, 4, 17)),
        (26, 1, 1, date(2026, 1, 1)),
        (27, 1, 1, date(1927, 1, 1)),
        (1988, 2, 30, None),
        (2000, 2, 29, date(2000, 2, 29)),
        (1900, 2, 28, None),
        (2027, 1, 1, None),
        (2026, 12, 1, None),
        (198, 4, 17, None),
    ],
)
def test_a_date_of_birth_as_typed(year: int, month: int, day: int, born: date | None) -> None:
    assert birth_date(year, month, day, TODAY) == born


def test_a_code_lasts_ten_minutes() -> None:
    asked = datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert code_is_fresh(asked, asked + CODE_LASTS - timedelta(seconds=1))
    assert not code_is_fresh(asked, asked + CODE_LASTS)
    assert not code_is_fresh(None, asked)


def test_a_link_carries_its_pass_and_a_secret_nobody_can_make() -> None:
    one, other = uuid4(), uuid4()
    pk, secret = tokens.parts(tokens.token(one))
    assert pk == one and len(bytes.fromhex(secret)) == 32
    assert secret != tokens.parts(tokens.token(other))[1]
    assert len(tokens.kept(one)) == 32 and secret.encode() not in tokens.kept(one)


@given(st.text(max_size=80) | st.text("ABCab-_=09", min_size=64, max_size=64))
def test_whatever_stands_in_the_address_is_read(typed: str) -> None:
    pk, secret = tokens.parts(typed)
    assert pk.int >= 0 and len(secret) == 64


def test_a_code_is_six_digits_of_one_pass_and_one_moment() -> None:
    pk, at = uuid4(), datetime(2026, 11, 23, 12, tzinfo=UTC)
    number = tokens.code(pk, at)
    assert len(number) == 6 and number.isdigit()
    assert tokens.is_code(f" {number[:3]} {number[3:]} ", pk, at)
    later = {tokens.code(pk, at + timedelta(seconds=n)) for n in range(50)}
    assert len(later) > 45
    assert not tokens.is_code("", pk, at)
