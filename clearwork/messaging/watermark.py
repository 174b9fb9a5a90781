"""What is new since a job last told people, though transactions commit out of order."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from clearwork.messaging.models import Watermark

# A row's time is the application's clock, read after its transaction began; the margin
# is for clocks of several machines. Rows at or before this are all visible now.
_SETTLED = """
    SELECT least(now(), min(xact_start)) - interval '5 seconds' FROM pg_stat_activity
    WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()
"""


_SET_BACK = timedelta(minutes=1)
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Span:
    """Times after `since`, up to and including `until`."""

    since: datetime
    until: datetime

    def of(self, field: str) -> dict[str, datetime]:
        """As the keyword arguments of a queryset's filter()."""
        return {f"{field}__gt": self.since, f"{field}__lte": self.until}


def untold(name: str) -> Span | None:
    """What this job has not told yet; None on its first run, which begins now.

    Locks the mark until the transaction ends: two runs do not tell the same. Runs as
    the operator.
    """
    now = settled()
    mark, is_new = Watermark.objects.select_for_update().get_or_create(
        name=name, defaults={"until": now}
    )
    if mark.until > now + _SET_BACK:
        _set_back(mark, now)
    return None if is_new or now <= mark.until else Span(mark.until, now)


def _set_back(mark: Watermark, now: datetime) -> None:
    """The clock was ahead, and was set right: what comes now would lie before the mark.

    Rather than that it is never told, what came while the clock was ahead is told twice.
    """
    log.warning("%s: the clock was set back from %s", mark.name, mark.until.isoformat())
    told(mark.name, Span(now, now))
    mark.until = now


def told(name: str, span: Span) -> None:
    Watermark.objects.filter(name=name).update(until=span.until)


def settled() -> datetime:
    """Up to when every row that will ever carry that time can be read."""
    with connection.cursor() as cursor:
        cursor.execute(_SETTLED)
        until: datetime = cursor.fetchone()[0]
    return until
