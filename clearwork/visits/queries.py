"""Reading visits and work status, as far as the viewer was granted visit activity.

Someone who may see restrictions only sees work status, and of visits those that gave one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    Model,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Value,
    When,
)
from django.utils import timezone

from clearwork.access.decide import Viewer
from clearwork.employers.rules import ReportKind
from clearwork.foundation import clock
from clearwork.foundation.choices import LabelledEnum
from clearwork.people.models import Employee
from clearwork.people.queries import of_those_named
from clearwork.visits.models import Visit, WorkStatus
from clearwork.visits.rules import OVERDUE, RECENT, Duty


class Show(LabelledEnum):
    """What of the work status board one looks at."""

    ALL = "", "All"
    UNKNOWN = "unknown", "Not known"
    OVERDUE = "overdue", "New status due"
    OFF = "off", "Off work"
    RESTRICTED = "restricted", "Restricted"
    FULL = "full", "Full duty again"


@dataclass(frozen=True)
class Criteria:
    """What one searches visits by; empty means any. Days are the network's, both included."""

    name: str = ""
    employee: UUID | None = None
    worksite: UUID | None = None
    center: UUID | None = None
    kind: str = ""
    first: date | None = None
    last: date | None = None


def visits(viewer: Viewer) -> QuerySet[Visit]:
    found = _granted(Visit.objects.filter(employer_id=viewer.employer_id), viewer)
    if not viewer.grants.restrictions_only:
        return found
    given = WorkStatus.objects.filter(
        employer_id=viewer.employer_id, visit=OuterRef("pk"), incident_id=None, withdrawn_at=None
    )
    return found.filter(Exists(given))


def statuses(viewer: Viewer) -> QuerySet[WorkStatus]:
    own = WorkStatus.objects.filter(employer_id=viewer.employer_id, withdrawn_at=None)
    return _granted(own, viewer)


def _granted[M: Model](own: QuerySet[M], viewer: Viewer) -> QuerySet[M]:
    """Not what came with a report received in error; and what this viewer was granted."""
    own, grants = own.filter(incident_id=None), viewer.grants
    if len(grants.kinds) < len(ReportKind):
        own = own.filter(kind__in=grants.kinds)
    if grants.worksites is not None:
        own = own.filter(employee__worksite__in=grants.worksites)
    return own


def in_full(viewer: Viewer) -> QuerySet[Visit]:
    """With the work status each visit gave, the last first, as `given`."""
    last_first = statuses(viewer).order_by("-issued_at", "-id")
    return (
        visits(viewer)
        .select_related("employee__worksite", "center", "authorization")
        .prefetch_related(Prefetch("statuses", last_first, to_attr="given"))
    )


def found(viewer: Viewer, criteria: Criteria) -> QuerySet[Visit]:
    listed = in_full(viewer)
    if criteria.name:
        listed = listed.filter(of_those_named(viewer, criteria.name))
    exact = {
        "employee_id": criteria.employee,
        "employee__worksite_id": criteria.worksite,
        "center_id": criteria.center,
        "kind": criteria.kind,
        "arrived_at__gte": _start(criteria.first),
        "arrived_at__lt": _start(criteria.last, after=True),
    }
    return listed.filter(**{name: value for name, value in exact.items() if value})


def of_report(
    viewer: Viewer, *, authorization: UUID | None, employee: UUID, center: UUID, day: date
) -> Visit | None:
    """The visit a report of that day speaks of; None where this viewer may not see it."""
    key: dict[str, Any] = {"authorization_id": authorization, "visited_on": day}
    that = visits(viewer).filter(employee_id=employee, center_id=center, **key)
    return that.order_by("-arrived_at", "-id").first()


def current(viewer: Viewer) -> QuerySet[WorkStatus]:
    """The work status in force of everyone who has one, of each kind of visit.

    Beside what is not known, full duty of another kind is left out, and beside limits after
    another injury: nobody is to read it alone.
    """
    other_injury = _limits(clock.today()) & Q(kind=OuterRef("kind"))
    return _in_force(viewer, Q(duty=Duty.UNKNOWN) | other_injury)


def to_plan_by(viewer: Viewer, today: date) -> QuerySet[WorkStatus]:
    """As people read it: full duty is left out beside limits of the other kind of visit, too."""
    return _in_force(viewer, Q(duty=Duty.UNKNOWN) | _limits(today))


def _in_force(viewer: Viewer, beside: Q) -> QuerySet[WorkStatus]:
    """Without full duty of whoever has such a status `beside`; nor an injury's limits that ended
    long ago where there is a later status."""
    in_force = statuses(viewer).filter(is_current=True)
    later = in_force.filter(
        employee=OuterRef("employee"), kind=OuterRef("kind"), issued_at__gt=OuterRef("issued_at")
    )
    in_force = in_force.exclude(Q(until__lt=clock.today() - OVERDUE) & Exists(later))
    other = in_force.filter(beside, employee=OuterRef("employee"))
    return in_force.exclude(Q(duty=Duty.FULL) & Exists(other))


def of_employee(viewer: Viewer, employee: Employee) -> list[WorkStatus]:
    """What is in force for one person, the strictest first: one of each kind, and of each injury
    whose limits still hold."""
    found = list(to_plan_by(viewer, clock.today()).filter(employee=employee))
    in_order = sorted(found, key=lambda status: list(Duty).index(Duty(status.duty)))
    return with_until_then(viewer, in_order)


def with_until_then(viewer: Viewer, shown: Iterable[WorkStatus]) -> list[WorkStatus]:
    """What starts on a later day says what holds until then, as `until_then`; None for no limits.

    Two queries more, where there is such a status.
    """
    listed, today = list(shown), clock.today()
    if later := [each for each in listed if each.starts > today]:
        known = statuses(viewer).filter(is_current=False, starts__lte=today)
        known = known.filter(employee__in={each.employee_id for each in later})
        earlier = list(known.select_related("visit").order_by("-issued_at", "-id"))
        visits = Visit.objects.filter(pk__in=[each.visit_id for each in later])
        orders = dict(visits.values_list("pk", "authorization_id"))
        for each in later:
            each.until_then = _until(each, orders.get(each.visit_id), earlier, today)
    return listed


def _until(
    later: WorkStatus, order: UUID | None, earlier: Iterable[WorkStatus], today: date
) -> WorkStatus | None:
    """The last said before it, under its own order if any was, if that limits anything still."""
    before = [one for one in earlier if (one.employee_id, one.kind) == _whose(later)]
    before = [one for one in before if one.issued_at <= later.issued_at]
    own = [one for one in before if one.visit.authorization_id == order]
    last = next(iter(own or before), None)
    is_over = last is None or last.duty == Duty.FULL or (last.until or today) < today
    return None if is_over else last


def _whose(status: WorkStatus) -> tuple[UUID, str]:
    return status.employee_id, status.kind


def board(viewer: Viewer, today: date, *, name: str = "", worksite: UUID | None = None) -> Board:
    """Who of those still employed is off, restricted, lately back at full duty, or unknown."""
    listed = to_plan_by(viewer, today).filter(_matters(today), employee__is_active=True)
    if name:
        listed = listed.filter(of_those_named(viewer, name))
    if worksite:
        listed = listed.filter(employee__worksite_id=worksite)
    return Board(listed, today)


@dataclass(frozen=True)
class Board:
    """Work status that matters on this day."""

    listed: QuerySet[WorkStatus]
    today: date

    def counts(self) -> Mapping[Show, int]:
        wanted = {show.name: Count("pk", filter=_shown(show, self.today)) for show in Show}
        found = self.listed.aggregate(**wanted)
        return {show: found[show.name] for show in Show}

    def rows(self, show: str) -> QuerySet[WorkStatus]:
        """What needs someone today first: then by the last day, the nearest first."""
        rank = Case(
            When(duty=Duty.UNKNOWN, then=Value(0)),
            When(_shown(Show.OVERDUE, self.today), then=Value(1)),
            When(duty=Duty.OFF, then=Value(2)),
            When(duty=Duty.RESTRICTED, then=Value(3)),
            default=Value(4),
        )
        shown = self.listed.filter(_shown(show, self.today)).annotate(rank=rank)
        people = shown.select_related("employee__worksite", "center")
        return people.order_by("rank", F("until").asc(nulls_last=True), "-starts", "id")


def _matters(today: date) -> Q:
    unknown = Q(duty=Duty.UNKNOWN, starts__gte=today - OVERDUE)
    return _limits(today) | unknown | Q(duty=Duty.FULL, starts__gte=today - RECENT)


def _limits(today: date) -> Q:
    limited = Q(duty__in=(Duty.OFF, Duty.RESTRICTED))
    return limited & (Q(until=None) | Q(until__gte=today - OVERDUE))


def _shown(show: str, today: date) -> Q:
    return {
        Show.UNKNOWN: Q(duty=Duty.UNKNOWN),
        Show.OVERDUE: Q(until__lt=today) & ~Q(duty=Duty.FULL),
        Show.OFF: Q(duty=Duty.OFF),
        Show.RESTRICTED: Q(duty=Duty.RESTRICTED),
        Show.FULL: Q(duty=Duty.FULL),
    }.get(Show(show), Q(pk__isnull=False))


def _start(day: date | None, *, after: bool = False) -> datetime | None:
    """The first moment of the day, or of the day after it."""
    if day is None:
        return None
    return timezone.make_aware(datetime.combine(day + timedelta(days=after), time()))
