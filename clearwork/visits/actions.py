"""Noting what centers say of visits.

News may come late, twice and in any order: each piece is laid over what is known, and what
is known already changes nothing. Nothing here waits for an answer of the database, since
intake passes on the news of many results at once. The trail has the message itself: a
report that was received, an authorization that moved.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from psycopg.types.json import Jsonb

from clearwork.database import fast
from clearwork.foundation import clock
from clearwork.foundation.ids import uuid7
from clearwork.visits.models import Visit, WorkStatus
from clearwork.visits.rules import Status

_VISIT = """
    INSERT INTO visits_visit AS known (id, employer_id, employee_id, center_id, kind, visited_on,
        authorization_id, arrived_at, checked_out_at, services, next_appointment)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (employer_id, employee_id, center_id, kind, visited_on, authorization_id)
    DO UPDATE SET
        arrived_at = least(known.arrived_at, excluded.arrived_at),
        checked_out_at = coalesce(known.checked_out_at, excluded.checked_out_at),
        services = CASE excluded.services WHEN '[]' THEN known.services ELSE excluded.services END,
        next_appointment = coalesce(excluded.next_appointment, known.next_appointment),
        incident_id = CASE WHEN %s THEN NULL ELSE known.incident_id END
    WHERE excluded.arrived_at < known.arrived_at
        OR known.checked_out_at IS NULL AND excluded.checked_out_at IS NOT NULL
        OR excluded.services NOT IN ('[]', known.services)
        OR excluded.next_appointment <> coalesce(known.next_appointment, '-infinity')
        OR %s AND known.incident_id IS NOT NULL
"""
_STATUS = """
    INSERT INTO visits_workstatus (id, employer_id, employee_id, center_id, kind, visit_id, duty,
        restrictions, starts, until, expected_return, issued_at, received_at, fingerprint,
        source_id)
    SELECT %s, employer_id, employee_id, center_id, kind, id, %s,
        %s::jsonb, %s::date, %s::date, %s::date, %s::timestamptz, %s::timestamptz, %s,
        %s::uuid
    FROM visits_visit
    WHERE employer_id = %s AND employee_id = %s AND center_id = %s AND kind = %s
        AND visited_on = %s AND authorization_id IS NOT DISTINCT FROM %s
        AND (%s OR EXISTS (
            SELECT FROM visits_workstatus known
            WHERE known.employer_id = visits_visit.employer_id
                AND known.employee_id = visits_visit.employee_id
                AND known.kind = visits_visit.kind AND known.visit_id <> visits_visit.id
                AND known.withdrawn_at IS NULL
        ))
    ON CONFLICT (employer_id, source_id) DO NOTHING
"""


@dataclass(frozen=True)
class News:
    """What one message says of one visit. Times are aware; `day` is the network's.

    `source_id` is the report that gives the `status`, and brings the visit in sight again that
    an incident of another report's withholds. One that `only_ends` what the center said
    at other visits is nothing where it said nothing.
    """

    employer_id: UUID
    employee_id: UUID
    center_id: UUID
    kind: str
    day: date
    authorization_id: UUID | None
    arrived_at: datetime
    checked_out_at: datetime | None = None
    services: tuple[str, ...] = ()
    next_appointment: datetime | None = None
    status: Status | None = None
    source_id: UUID | None = None
    only_ends: bool = False

    @property
    def key(self) -> tuple[object, ...]:
        """Which visit: two with the same key are one."""
        who = (self.employer_id, self.employee_id, self.center_id)
        return (*who, str(self.kind), self.day, self.authorization_id)

    @property
    def more(self) -> tuple[object, ...]:
        return (self.checked_out_at, self.services, self.next_appointment)


def note(news: Iterable[News]) -> None:
    """Lay this news over what is known, in the open transaction and scope."""
    told: set[tuple[object, ...]] = set()
    for each in sorted(news, key=lambda one: str(one.key)):  # who waits, waits in one order
        if each.key not in told or any(each.more):
            _note_visit(each)
        told.add(each.key)
        if each.status is not None:
            _note_status(each, each.status)


def take_back(*, report_id: UUID, visit: Mapping[str, Any]) -> None:
    """The center says no more what this report of this visit (its fields) said of work."""
    given = given_by(report_id=report_id, visit=visit)
    given.filter(withdrawn_at=None).update(withdrawn_at=clock.now())


def given_by(*, report_id: UUID, visit: Mapping[str, Any]) -> QuerySet[WorkStatus]:
    """The work status that came with a report; where no row knows its report, that of the visit."""
    of_visit = Q(source_id=None, visit__in=Visit.objects.filter(**visit))
    own = WorkStatus.objects.filter(employer_id=visit["employer_id"])
    return own.filter(Q(source_id=report_id) | of_visit)


def forget(*, employer_id: UUID, report_id: UUID) -> None:
    """A report is no more: of what it said of work only the duty stays, unless it is in force."""
    own = WorkStatus.objects.filter(employer_id=employer_id, source_id=report_id)
    own.filter(is_current=False).update(restrictions=[])


def note_told(*, employer_id: UUID, visits: Collection[UUID]) -> None:
    """That their reports are late has been told: once is enough."""
    own = Visit.objects.filter(employer_id=employer_id, pk__in=visits)
    own.update(late_told_at=clock.now())


def day_to_check_out(authorization_id: UUID, employer_id: UUID, said: date) -> date:
    """The day of the visit that a check-out ends: the last one known, else the day it names."""
    known = Visit.objects.filter(employer_id=employer_id, authorization_id=authorization_id)
    begun = known.filter(visited_on__lte=said).order_by("-visited_on")
    return begun.values_list("visited_on", flat=True).first() or said


def _note_visit(news: News) -> None:
    services = Jsonb(list(news.services))
    more = (news.arrived_at, news.checked_out_at, services, news.next_appointment)
    is_seen = news.source_id is not None
    fast.execute(_VISIT, [uuid7(), *news.key, *more, is_seen, is_seen])


def _note_status(news: News, status: Status) -> None:
    said = (
        status.duty.value,
        Jsonb(list(status.restrictions)),
        status.starts,
        status.last_day,
        status.expected_return,
        news.arrived_at,
        clock.now(),
        status.fingerprint,
        news.source_id,
    )
    fast.execute(_STATUS, [uuid7(), *said, *news.key, not news.only_ends])
