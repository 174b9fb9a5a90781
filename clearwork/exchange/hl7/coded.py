"""What a result says in coded OBX segments beside its document: work status, DOT certificate.

HL7 v2.5.1, 7.4.2: OBX-3 names what is said, OBX-5 says it. Reading is tolerant: the document
is what counts, so a value that cannot be read is as if it were not there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from clearwork.exchange.hl7.dates import parse_timestamp
from clearwork.exchange.hl7.message import Segment

_ENOUGH = 50
_DAY = 8  # YYYYMMDD
_TAKEN_BACK = {"D", "W", "X"}  # OBX-11: deleted, wrong, not obtained


@dataclass(frozen=True, repr=False)
class Coded:
    """Empty where nothing was said. By OBX-3: `work_status` is WORKSTATUS, `restrictions` are
    RESTRICTION, `starts` FROM, `until` UNTIL, `expected_return` RETURN, `next_appointment`
    NEXTAPPT, `services` SERVICE, `certified` CERTFROM, `expires` CERTUNTIL,
    `registry_number` REGISTRY, `limitations` LIMITATION, `outcome` OUTCOME. Times are aware.
    """

    work_status: str = ""
    restrictions: tuple[str, ...] = ()
    starts: date | None = None
    until: date | None = None
    expected_return: date | None = None
    next_appointment: datetime | None = None
    services: tuple[str, ...] = ()
    certified: date | None = None
    expires: date | None = None
    registry_number: str = ""
    limitations: tuple[str, ...] = ()
    outcome: str = ""


NOTHING = Coded()


def read_coded(observations: Iterable[Segment], zone: tzinfo) -> Coded:
    """What the OBX segments of one order say; `zone` is that of times without one."""
    found: dict[str, list[Segment]] = {}
    for obx in observations:
        if obx.get(11) in _TAKEN_BACK:
            continue
        found.setdefault(obx.get(3).upper(), []).append(obx)
    if not found:
        return NOTHING
    return Coded(
        work_status=_code(found, "WORKSTATUS"),
        restrictions=_words(found, "RESTRICTION"),
        starts=_day(found, "FROM"),
        until=_day(found, "UNTIL"),
        expected_return=_day(found, "RETURN"),
        next_appointment=_moment(found, "NEXTAPPT", zone),
        services=_words(found, "SERVICE"),
        certified=_day(found, "CERTFROM"),
        expires=_day(found, "CERTUNTIL"),
        registry_number=_code(found, "REGISTRY"),
        limitations=_words(found, "LIMITATION"),
        outcome=_code(found, "OUTCOME"),
    )


def pack(coded: Coded) -> dict[str, Any]:
    """As JSON can hold it, without what is empty."""
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in asdict(coded).items()
        if value
    }


def unpack(packed: Mapping[str, Any]) -> Coded:
    """What pack() was given."""
    return Coded(**dict(_unpacked(packed)))


def _unpacked(packed: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in packed.items():
        if name == "next_appointment":
            yield name, datetime.fromisoformat(value)
        elif isinstance(value, list | tuple):
            yield name, tuple(value)
        elif isinstance(getattr(NOTHING, name), str):
            yield name, value
        else:
            yield name, date.fromisoformat(value)


def _code(found: Mapping[str, list[Segment]], name: str) -> str:
    return next((obx.get(5) for obx in found.get(name, ()) if obx.get(5)), "")


def _words(found: Mapping[str, list[Segment]], name: str) -> tuple[str, ...]:
    """One text of each segment: a coded element's own words, else what stands there."""
    texts = (obx.get(5, 2) or obx.get(5) for obx in found.get(name, ())[:_ENOUGH])
    return tuple(dict.fromkeys(" ".join(text.split()) for text in texts if text.strip()))


def _day(found: Mapping[str, list[Segment]], name: str) -> date | None:
    """A calendar date as written: its time and zone are ignored."""
    text = _code(found, name)[:_DAY]
    try:
        return parse_timestamp(text, UTC).date() if len(text) == _DAY else None
    except ValueError:
        return None


def _moment(found: Mapping[str, list[Segment]], name: str, zone: tzinfo) -> datetime | None:
    try:
        return parse_timestamp(_code(found, name), zone)
    except ValueError:
        return None
