"""Where a ZIP code is, from the data inside the zipcodes package: nobody is called."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import NamedTuple
from zoneinfo import available_timezones

import zipcodes

_ZIP = re.compile(r"([0-9]{5})(?:-?[0-9]{4})?")


class Place(NamedTuple):
    """A ZIP code's middle, in degrees."""

    zip: str
    city: str
    state: str
    latitude: float
    longitude: float
    time_zone: str


class UnknownZip(ValueError):
    """Says what is wrong with it, for the person who typed it."""


@lru_cache(maxsize=4_096)
def place(text: str) -> Place:
    """Of a ZIP code or ZIP+4. Raises UnknownZip."""
    match = _ZIP.fullmatch(text.strip())
    if match is None:
        raise UnknownZip("A ZIP code has five digits, e.g. 75201.")
    found = zipcodes.matching(match[1])  # type: ignore[no-untyped-call]
    if not found:
        raise UnknownZip(f"There is no ZIP code {match[1]}. Check the digits.")
    row = found[0]
    if row["zip_code_type"] == "MILITARY":
        raise UnknownZip("A military post office has no place on the map. Use a ZIP code nearby.")
    return Place(
        row["zip_code"],
        row["city"],
        row["state"],
        float(row["lat"]),
        float(row["long"]),
        row["timezone"],
    )


@cache
def time_zones() -> frozenset[str]:
    return frozenset(available_timezones())
