"""The cast's centers with places, hours and offers of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from clearwork.centers.models import MedicalCenter
from clearwork.centers.zips import place
from clearwork.database import scope
from clearwork.foundation import clock
from tests.cast import Cast

# Monday, 5:30 p.m. in Dallas; in Phoenix it is 4:30 p.m.
LATE_MONDAY = datetime(2026, 11, 23, 17, 30, tzinfo=ZoneInfo("America/Chicago"))


@pytest.fixture
def late_monday(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: LATE_MONDAY)


@pytest.fixture
def as_northwind(cast: Cast) -> Callable[[], Any]:
    """`with as_northwind(): ...` reads and writes as Northwind Freight."""

    @contextmanager
    def acting() -> Iterator[None]:
        with scope.acting_as(scope.employer(cast.northwind.pk)):
            yield

    return acting


@pytest.fixture
def network(cast: Cast) -> dict[str, MedicalCenter]:
    """By city. Dallas and Mesa are the cast's; Tempe is near Mesa, Waco near nothing."""
    with scope.acting_as(scope.OPERATOR):
        for center, postal_code in ((cast.dallas, "75201"), (cast.mesa, "85201")):
            _move(center, postal_code)
        cast.mesa.offers_telemedicine = True
        cast.mesa.save()
        cast.mesa.services.set([cast.audiogram])
        found = [cast.dallas, cast.mesa, _center("Tempe", "85281"), _center("Waco", "76701")]
    return {center.city: center for center in found}


def _center(city: str, postal_code: str) -> MedicalCenter:
    where = place(postal_code)
    center = MedicalCenter(
        code=f"{where.state}-{city[:3].upper()}",
        name=f"{city} Medical Center",
        street="200 Mill Road",
        city=city,
        state=where.state,
        phone="214-555-0101",
        time_zone=where.time_zone,
        opening_hours="Mo-Su 00:00-24:00",
        hl7_application="TESTEHR",
        hl7_facility=city,
        hl7_host="127.0.0.1",
        hl7_port=9,
    )
    _move(center, postal_code)
    return center


def _move(center: MedicalCenter, postal_code: str) -> None:
    where = place(postal_code)
    center.postal_code = postal_code
    center.latitude, center.longitude = where.latitude, where.longitude
    center.full_clean()
    center.save()
