"""A center's hours: read, said in words, and told by its own clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearwork.centers.hours import DAYS, UnreadableHours, Week

CHICAGO, PHOENIX, NEW_YORK = map(
    ZoneInfo, ("America/Chicago", "America/Phoenix", "America/New_York")
)
OFFICE = Week.read("Mo-Fr 08:00-17:00")
MONDAY = datetime(2026, 11, 23, tzinfo=CHICAGO)


def at(day: int, clock: str, zone: ZoneInfo = CHICAGO) -> datetime:
    """A time in the week of Monday, November 23, 2026."""
    hour, minute = map(int, clock.split(":"))
    return MONDAY.replace(hour=hour, minute=minute, tzinfo=zone) + timedelta(days=day)


@pytest.mark.parametrize(
    ("day", "clock", "said"),
    [
        (0, "07:59", "Closed, opens today 8 a.m."),
        (0, "08:00", "Open now until 5 p.m."),
        (0, "16:59", "Open now until 5 p.m."),
        (0, "17:00", "Closed, opens tomorrow 8 a.m."),
        (4, "17:00", "Closed, opens Monday 8 a.m."),
        (5, "12:00", "Closed, opens Monday 8 a.m."),
        (6, "23:59", "Closed, opens tomorrow 8 a.m."),
    ],
)
def test_an_office_says_when_it_is_open(day: int, clock: str, said: str) -> None:
    assert OFFICE.now(at(day, clock), CHICAGO) == said
    assert OFFICE.is_open(at(day, clock), CHICAGO) is said.startswith("Open")


@pytest.mark.parametrize(
    ("text", "day", "clock", "said"),
    [
        ("Mo-Fr 08:00-12:00,13:00-17:30", 0, "12:10", "Closed, opens today 1 p.m."),
        ("Mo-Fr 08:00-12:00,13:00-17:30", 0, "13:00", "Open now until 5:30 p.m."),
        ("Mo-Fr 08:00-12:00,13:00-17:30", 0, "09:00", "Open now until noon"),
        ("Mo-Sa 18:00-02:00", 0, "23:00", "Open now until tomorrow 2 a.m."),
        ("Mo-Sa 18:00-02:00", 6, "01:59", "Open now until 2 a.m."),
        ("Mo-Sa 18:00-02:00", 6, "02:00", "Closed, opens tomorrow 6 p.m."),
        ("Mo-Su 06:00-24:00", 2, "23:00", "Open now until midnight"),
        ("Mo-Su 00:00-24:00", 2, "03:00", "Open now, day and night"),
        ("Mo-Tu 00:00-24:00", 0, "03:00", "Open now until Wednesday midnight"),
        ("Sa 09:00-13:00", 5, "14:00", "Closed, opens Saturday 9 a.m."),
        ("", 0, "09:00", ""),
    ],
)
def test_other_hours_say_so_too(text: str, day: int, clock: str, said: str) -> None:
    assert Week.read(text).now(at(day, clock), CHICAGO) == said


def test_the_same_moment_is_open_in_one_place_and_closed_in_another() -> None:
    moment = at(0, "08:30", NEW_YORK)
    assert OFFICE.now(moment, NEW_YORK) == "Open now until 5 p.m."
    assert OFFICE.now(moment, CHICAGO) == "Closed, opens today 8 a.m."
    assert OFFICE.now(moment, PHOENIX) == "Closed, opens today 8 a.m."


@pytest.mark.parametrize(
    ("zone", "utc_hour"),
    [(CHICAGO, 14), (PHOENIX, 15)],  # standard time in winter; Arizona keeps it all year
)
def test_opening_time_follows_daylight_saving_where_it_is_kept(
    zone: ZoneInfo, utc_hour: int
) -> None:
    utc = ZoneInfo("UTC")
    winter = datetime(2026, 1, 12, utc_hour, tzinfo=utc)
    summer = datetime(2026, 7, 13, utc_hour - (zone is CHICAGO), tzinfo=utc)
    for opening in (winter, summer):
        assert OFFICE.is_open(opening, zone)
        assert not OFFICE.is_open(opening - timedelta(minutes=1), zone)


def test_the_night_the_clock_is_turned_back_is_open_throughout() -> None:
    """November 1, 2026: 1:30 a.m. comes twice in Chicago."""
    night = Week.read("Mo-Su 22:00-03:00")
    first = datetime(2026, 11, 1, 6, 30, tzinfo=ZoneInfo("UTC"))
    for hours in range(3):
        assert night.now(first + timedelta(hours=hours), CHICAGO) == "Open now until 3 a.m."
    assert not night.is_open(first + timedelta(hours=3), CHICAGO)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Mo-Fr 08:00-17:00", "Monday through Friday, 8 a.m. to 5 p.m."),
        (
            "Mo-Th 07:30-17:30; Fr 07:30-15:00; Sa,Su off",
            "Monday through Thursday, 7:30 a.m. to 5:30 p.m.; Friday, 7:30 a.m. to 3 p.m.",
        ),
        ("Sa,Su 09:00-12:00", "Saturday and Sunday, 9 a.m. to noon"),
        ("Mo-Su 00:00-24:00", "Open day and night"),
        (
            "Fr-Mo 22:00-06:00",
            "Monday, 10 p.m. to 6 a.m.; Friday through Sunday, 10 p.m. to 6 a.m.",
        ),
        ("", ""),
    ],
)
def test_hours_in_words(text: str, said: str) -> None:
    assert Week.read(text).in_words() == said


def test_a_day_off_within_the_week_is_told_apart() -> None:
    assert Week.read("Mo-Fr 08:00-17:00; We off").table() == [
        ("Monday and Tuesday", "8 a.m. to 5 p.m."),
        ("Wednesday", "Closed"),
        ("Thursday and Friday", "8 a.m. to 5 p.m."),
        ("Saturday and Sunday", "Closed"),
    ]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("Mo-Fr 8-17", "“Mo-Fr 8-17” needs times like 08:00-17:00."),
        ("Mon-Fri 08:00-17:00", "“Mon-Fri” is no day"),
        ("Mo 08:00-25:00", "no clock shows"),
        ("Mo 08:61-17:00", "no clock shows"),
        ("Mo 08:00-12:00,11:00-17:00", "overlap"),
        ("Mo 13:00-17:00,08:00-12:00", "not in order"),
        ("08:00-17:00", "is no day"),
        ("Mo", "needs times"),
    ],
)
def test_hours_nobody_can_read_are_refused_by_name(text: str, complaint: str) -> None:
    with pytest.raises(UnreadableHours, match=complaint.replace("(", r"\(")):
        Week.read(text)


minutes = st.integers(0, 24 * 60 - 1)


def clock_of(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


weekdays = st.sets(st.sampled_from([day[:2] for day in DAYS]), min_size=1)
moments = st.integers(0, 365 * 24 * 60).map(lambda past: MONDAY + timedelta(minutes=past))


@given(weekdays, minutes, minutes, moments)
def test_at_any_moment_a_center_is_open_or_says_when_it_opens(
    days: set[str], opens: int, closes: int, moment: datetime
) -> None:
    week = Week.read(f"{','.join(sorted(days))} {clock_of(opens)}-{clock_of(closes)}")
    said = week.now(moment, CHICAGO)
    assert said.startswith("Open now" if week.is_open(moment, CHICAGO) else "Closed, opens ")
