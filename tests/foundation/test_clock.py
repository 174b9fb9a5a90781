from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from clearwork.foundation import clock


@pytest.fixture(params=["UTC0", "Kiritimati-14", "Samoa11"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The machine's time zone: hours east of UTC."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield {"UTC0": 0, "Kiritimati-14": 14, "Samoa11": -11}[request.param]
    monkeypatch.undo()
    time.tzset()


def test_now_knows_its_zone_and_does_not_depend_on_the_machines(zone: int) -> None:
    assert clock.now().tzinfo is UTC
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_today_is_the_local_date(zone: int) -> None:
    local = datetime.now(UTC) + timedelta(hours=zone)
    assert clock.today() in {local.date(), (local + timedelta(seconds=5)).date()}
