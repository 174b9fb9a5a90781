"""ZIP codes, from data that is installed with the portal, and distances between them."""

from __future__ import annotations

import socket
from typing import Never

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearwork.centers.models import valid_time_zone
from clearwork.centers.rules import miles_between
from clearwork.centers.zips import UnknownZip, place


def between(here: str, there: str) -> float:
    a, b = place(here), place(there)
    return miles_between((a.latitude, a.longitude), (b.latitude, b.longitude))


@pytest.mark.parametrize(
    ("here", "there", "miles"),
    [
        ("75201", "75201", 0),
        ("75201", "77002", 225),  # Dallas to Houston, as the crow flies
        ("85004", "85201", 13),  # Phoenix to Mesa
        ("07102", "90012", 2440),  # Newark to Los Angeles
        ("96813", "99501", 2780),  # Honolulu to Anchorage, over the ocean
    ],
)
def test_distances_are_those_on_the_map(here: str, there: str, miles: float) -> None:
    assert between(here, there) == pytest.approx(miles, rel=0.02, abs=0.01)
    assert between(there, here) == pytest.approx(between(here, there))


def test_a_zip_plus_four_is_the_same_place() -> None:
    assert place("75201-1234") == place(" 75201 ") == place("752011234")
    assert (place("75201").city, place("75201").state) == ("Dallas", "TX")


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ("7520", "five digits"),
        ("Dallas", "five digits"),
        ("75201-12", "five digits"),
        ("٧٥٢٠١", "five digits"),
        ("00000", "There is no ZIP code 00000"),
        ("09002", "military post office"),
    ],
)
def test_what_is_no_place_is_said_plainly(typed: str, complaint: str) -> None:
    with pytest.raises(UnknownZip, match=complaint):
        place(typed)


def test_nobody_is_asked_over_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> Never:
        raise AssertionError("a ZIP code was looked up elsewhere")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    place.cache_clear()
    assert place("10001").city == "New York"


def test_its_time_zone_is_one_that_clocks_know() -> None:
    for code in ("75201", "85004", "80202", "31401", "43215", "07102", "99501", "96813"):
        valid_time_zone(place(code).time_zone)


degrees = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


@given(degrees, degrees)
def test_no_two_places_on_earth_are_further_apart_than_half_way_round(
    here: tuple[float, float], there: tuple[float, float]
) -> None:
    assert 0 <= miles_between(here, there) <= 12_438
    assert miles_between(here, there) == pytest.approx(miles_between(there, here))
