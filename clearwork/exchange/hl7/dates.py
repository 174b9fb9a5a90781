"""HL7 dates and times (data types TS, DTM and DT) to and from Python's.

YYYY[MM[DD[HH[MM[SS[.S…]]]]]][±ZZZZ]; a time without an offset is in the zone of MSH-7
where that names one (HL7 v2.5.1, 2.16.9.7), else in UTC.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo

from clearwork.exchange.hl7.message import MalformedMessage, Message, Segment

_TIMESTAMP = re.compile(
    r"(?P<digits>[0-9]{4}(?:[0-9]{2}){0,5})(?:\.(?P<fraction>[0-9]{1,9}))?"
    r"(?P<zone>[+-](?:[01][0-9]|2[0-3])[0-5][0-9])?"
)
_EARLIEST = "00000101000000"
_YEARS = range(1800, 2200)
"""Far enough from Python's own limits that a change of zone never overflows."""
_CLOCKS_DIFFER = timedelta(days=1)


def timestamp_at(segment: Segment, field: int, zone: tzinfo) -> datetime | None:
    """The time in a field, aware, or None when empty; MalformedMessage 102 when it is none."""
    text = segment.get(field)
    try:
        return parse_timestamp(text, zone) if text else None
    except ValueError:
        raise segment.error(102, field, "Not a time: send YYYYMMDDHHMMSS±ZZZZ.") from None


def date_at(segment: Segment, field: int) -> date | None:
    """The calendar date in a field as written there, or None; its time and zone are ignored."""
    text = segment.get(field)
    try:
        return _calendar_date(text) if text else None
    except ValueError:
        raise segment.error(102, field, "Not a date: send YYYYMMDD.") from None


def message_zone(message: Message) -> tzinfo:
    """The zone that times without an offset are in: that of MSH-7, else UTC."""
    match = _TIMESTAMP.fullmatch(message.all_segments[0].get(7))
    return _zone(match["zone"]) if match and match["zone"] else UTC


def message_time(message: Message) -> datetime | None:
    """When the message was sent (MSH-7), aware; None where that is not said."""
    try:
        return parse_timestamp(message.all_segments[0].get(7), UTC)
    except ValueError:
        return None


def is_ahead(moment: datetime | None, now: datetime) -> bool:
    """Whether it lies in the future by more than clocks and forgotten zones explain."""
    return moment is not None and moment > now + _CLOCKS_DIFFER


def parse_timestamp(text: str, zone: tzinfo) -> datetime:
    """The instant a TS value begins at; ValueError when it is none."""
    match = _TIMESTAMP.fullmatch(text)
    if match is None or (match["fraction"] and len(match["digits"]) < len(_EARLIEST)):
        raise ValueError("not a timestamp")
    digits = match["digits"] + _EARLIEST[len(match["digits"]) :]
    numbers = [int(digits[:4]), *(int(digits[i : i + 2]) for i in range(4, 14, 2))]
    if numbers[0] not in _YEARS:
        raise ValueError("not a year we keep")
    micros = int((match["fraction"] or "").ljust(6, "0")[:6])
    year, month, day, hour, minute, second = numbers
    offset = _zone(match["zone"]) if match["zone"] else zone
    return datetime(year, month, day, hour, minute, second, micros, tzinfo=offset)


def format_timestamp(moment: datetime) -> str:
    """An aware time as YYYYMMDDHHMMSS±ZZZZ in its own zone."""
    if moment.utcoffset() is None:
        raise ValueError("a time on the wire needs its zone")
    return moment.strftime("%Y%m%d%H%M%S%z")[:19]


def format_date(day: date) -> str:
    return f"{day:%Y%m%d}"


def _calendar_date(text: str) -> date:
    if len(text) < 8:
        raise ValueError("a date needs its day")
    return parse_timestamp(text, UTC).date()


def _zone(text: str) -> timezone:
    offset = timedelta(hours=int(text[1:3]), minutes=int(text[3:]))
    return timezone(-offset if text[0] == "-" else offset)


__all__ = [
    "MalformedMessage",
    "date_at",
    "format_date",
    "format_timestamp",
    "is_ahead",
    "message_time",
    "message_zone",
    "parse_timestamp",
    "timestamp_at",
]
