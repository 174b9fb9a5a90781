"""The visits behind the demo's past results: what they said of people's work, and DOT cards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from clearwork.database import fast
from clearwork.demo.clinic.coded import said
from clearwork.exchange.hl7.coded import Coded, read_coded
from clearwork.exchange.hl7.er7 import Encoding
from clearwork.exchange.hl7.message import Segment
from clearwork.exchange.meaning import certificate_of, visit_of
from clearwork.foundation import clock
from clearwork.results.models import DotCertificate, Report
from clearwork.visits import actions as visits
from clearwork.visits.actions import News
from clearwork.visits.rules import Duty, Status

_STAY = timedelta(minutes=50)
# Whoever was limited is back at full duty when it ended; a few of late are not yet.
_NOT_SEEN_AGAIN = timedelta(days=3)


def add_past_visits(told: Sequence[tuple[Report, Coded]]) -> None:
    """What the center would have sent beside each of these reports, as coded_of() has it."""
    with fast.together():
        visits.note(news for report, one in told for news in _news(report, one))
    cards = (certificate_of(report, one) for report, one in told)
    DotCertificate.objects.bulk_create(card for card in cards if card)


def coded_of(report: Report, facts: Mapping[str, str]) -> Coded:
    """As the portal reads it from the wire."""
    segments = [
        Segment("OBX", number, f"OBX|{number}|{kind}|{code}||{value}", Encoding())
        for number, (code, kind, value) in enumerate(said(report.report_type, facts), start=2)
    ]
    return read_coded(segments, UTC)


def _news(report: Report, coded: Coded) -> Iterator[News]:
    left = report.posted_at
    seen = visit_of(report, coded, left - _STAY, report.kind)
    yield _left(seen, left)
    status = seen.status
    if status and status.until and status.until < clock.today() - _NOT_SEEN_AGAIN:
        back = datetime.combine(status.until, time(10, 30)).astimezone()
        again = News(
            employer_id=seen.employer_id,
            employee_id=seen.employee_id,
            center_id=seen.center_id,
            kind=seen.kind,
            day=status.until,
            authorization_id=None,
            arrived_at=back,
            services=("Injury recheck",),
            status=Status(Duty.FULL, starts=status.until),
        )
        yield _left(again, back + _STAY)


def _left(news: News, at: datetime) -> News:
    return replace(news, checked_out_at=at)
