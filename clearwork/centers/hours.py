"""When a center is open, in its own time zone. Pure.

Written as schema.org's openingHours and OpenStreetMap's opening_hours write the plain
cases: `Mo-Fr 08:00-17:00; Sa 09:00-12:00,13:00-15:00`. Where a closing time is not after
its opening time the center closes on the next day; `00:00-24:00` is the whole day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import groupby, pairwise
from typing import Self
from zoneinfo import ZoneInfo

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_SHORT = tuple(day[:2] for day in DAYS)
_SPAN = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)", re.ASCII)
_DAY_MINUTES = 24 * 60
_WEEK = 7

type Span = tuple[int, int]
"""Opening and closing in minutes after the day's midnight; closing may reach the next day."""


class UnreadableHours(ValueError):
    """Says which part of the text is not understood."""


@dataclass(frozen=True)
class Week:
    """The open spans of Monday to Sunday; a week without any says nothing is known."""

    days: tuple[tuple[Span, ...], ...]

    @classmethod
    @cache
    def read(cls, text: str) -> Self:
        """Raises UnreadableHours. A day named twice keeps what is said last."""
        days: list[tuple[Span, ...]] = [()] * _WEEK
        for part in filter(None, map(str.strip, text.split(";"))):
            named, _, spans = part.partition(" ")
            for day in _days(named):
                days[day] = _spans(spans, part)
        return cls(tuple(days))

    def is_open(self, at: datetime, zone: ZoneInfo) -> bool:
        """Whether the center is open at this aware time."""
        return self._closes(at.astimezone(zone).replace(tzinfo=None)) is not None

    def now(self, at: datetime, zone: ZoneInfo) -> str:
        """E.g. "Open now until 5 p.m.", "Closed, opens Monday 8 a.m."; "" if nothing is known."""
        local = at.astimezone(zone).replace(tzinfo=None)
        if not any(self.days):
            return ""
        closes = self._closes(local)
        if closes is None:
            return f"Closed, opens {_when(self._opens(local), local)}"
        if closes - local > timedelta(days=_WEEK - 1):
            return "Open now, day and night"
        return f"Open now until {_when(closes, local, today='')}"

    def in_words(self) -> str:
        """E.g. "Monday through Friday, 8 a.m. to 5 p.m.; Saturday, 9 a.m. to noon"."""
        if all(spans == ((0, _DAY_MINUTES),) for spans in self.days):
            return "Open day and night"
        return "; ".join(f"{days}, {spans}" for days, spans in self.table() if spans != "Closed")

    def table(self) -> list[tuple[str, str]]:
        """Days with the same hours together, in the week's order; "Closed" where there are none."""
        rows = []
        for spans, days in groupby(range(_WEEK), key=self.days.__getitem__):
            rows.append((_named(list(days)), _spoken(spans)))
        return rows

    def _closes(self, local: datetime) -> datetime | None:
        """When the stretch of open time around `local` ends; None if the center is closed."""
        end = None
        for opens, closes in self._around(local):
            if opens <= (end or local) < closes:
                end = closes
        return end

    def _opens(self, local: datetime) -> datetime:
        return next(opens for opens, _ in self._around(local) if opens > local)

    def _around(self, local: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Open stretches from yesterday to the same day next week, in order."""
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        for offset in range(-1, _WEEK + 1):
            day = midnight + timedelta(days=offset)
            for opens, closes in self.days[day.weekday()]:
                yield day + timedelta(minutes=opens), day + timedelta(minutes=closes)


def _days(named: str) -> Iterator[int]:
    for piece in named.split(","):
        first, _, last = piece.partition("-")
        try:
            start, end = _SHORT.index(first), _SHORT.index(last or first)
        except ValueError:
            raise UnreadableHours(f"“{piece}” is no day: write Mo, Tu, We … or Mo-Fr.") from None
        yield from (day % _WEEK for day in range(start, end + (1 if end >= start else _WEEK + 1)))


def _spans(text: str, part: str) -> tuple[Span, ...]:
    """In order and apart; `off` for a closed day."""
    if text.strip() == "off":
        return ()
    spans = tuple(_span(piece.strip(), part) for piece in text.split(","))
    if any(later[0] <= earlier[1] for earlier, later in pairwise(spans)):
        raise UnreadableHours(f"The times in “{part}” overlap or are not in order.")
    return spans


def _span(text: str, part: str) -> Span:
    match = _SPAN.fullmatch(text)
    if match is None:
        raise UnreadableHours(f"“{part}” needs times like 08:00-17:00.")
    from_hour, from_minute, to_hour, to_minute = map(int, match.groups())
    opens, closes = from_hour * 60 + from_minute, to_hour * 60 + to_minute
    if max(from_minute, to_minute) > 59 or opens >= _DAY_MINUTES or closes > _DAY_MINUTES:
        raise UnreadableHours(f"“{part}” has a time that no clock shows.")
    return opens, closes if closes > opens else closes + _DAY_MINUTES


def _named(days: list[int]) -> str:
    first, last = DAYS[days[0]], DAYS[days[-1]]
    if len(days) == 1:
        return first
    return f"{first} {'and' if len(days) == 2 else 'through'} {last}"


def _spoken(spans: tuple[Span, ...]) -> str:
    return " and ".join(f"{_clock(o)} to {_clock(c)}" for o, c in spans) or "Closed"


def _clock(minutes: int) -> str:
    """As said in the United States: 8 a.m., noon, 5:30 p.m., midnight."""
    hour, minute = divmod(minutes % _DAY_MINUTES, 60)
    if minute == 0 and hour in (0, 12):
        return "noon" if hour else "midnight"
    past = f":{minute:02}" if minute else ""
    return f"{(hour - 1) % 12 + 1}{past} {'a.m.' if hour < 12 else 'p.m.'}"


def _when(moment: datetime, local: datetime, today: str = "today ") -> str:
    """Relative to `local`: "5 p.m.", "tomorrow 8 a.m.", "Monday 8 a.m."."""
    clock = _clock(moment.hour * 60 + moment.minute)
    days = (moment.date() - local.date()).days
    if days == 0 or (days == 1 and clock == "midnight" and not today):
        return f"{today}{clock}"
    return f"{'tomorrow' if days == 1 else DAYS[moment.weekday()]} {clock}"
