"""Reading reports. Another employer's are not there; without permission, none are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, Count, F, Func, Max, Q, QuerySet, Value
from django.utils import timezone

from clearwork.access.decide import Grants, Viewer
from clearwork.accounts.models import PortalAccess
from clearwork.audit import queries as audit
from clearwork.audit.actions import Action
from clearwork.authorizations.models import Authorization
from clearwork.database import fast
from clearwork.database.paging import Ordering, Page
from clearwork.employers.rules import WORK_STATUS, ReportKind
from clearwork.foundation import clock
from clearwork.people import queries as people
from clearwork.results.models import Report
from clearwork.results.rules import CURRENT_DAYS, Shelf, Sort

COUNTED_TO = 1_000
_FEW_DAYS = timedelta(days=31)
MOST_OPENERS = 50
_SIMILAR = 3
OPENED = (Action.REPORT_VIEWED, Action.REPORT_DOWNLOADED)
_OPENED = """
    SELECT subject_id FROM audit_auditevent
    WHERE employer_id = %s AND actor_id = %s AND action = ANY(%s) AND subject_id = ANY(%s)
"""
_RESTORED = """
    SELECT id, posted_at FROM results_report WHERE employer_id = %s AND restored_until >= %s
"""
# What a row of the page or of the API shows.
_SHOWN = (
    *("report_type", "kind", "title", "visit_date", "posted_at", "pages", "size", "link"),
    *("outcome", "outcome_until", "superseded_by", "withdrawn_at", "held_at", "destroyed_at"),
    *("authorization", "employee__employee_number", "employee__first_name"),
    *("employee__last_name", "employee__date_of_birth"),
    *("center__code", "center__name", "center__state"),
)
_PLACE = ("posted_at", "visit_date", "employee__name_key_reversed")  # see ORDERINGS
ORDERINGS = {
    Sort.RECEIVED: Ordering(("-posted_at", "-id")),
    Sort.VISITED: Ordering(("-visit_date", "-id")),
    Sort.NAME: Ordering(("employee__name_key_reversed", "employee_id", "-posted_at", "-id")),
}


class _IsOpened(Func):
    """Whether the report (its id) of an employer was opened by somebody: the trail knows.

    As Exists() would say it, which takes Django as long as the rest of the search.
    """

    template = f"""EXISTS (
        SELECT FROM audit_auditevent o
        WHERE (o.subject_id, o.employer_id, o.actor_id) = (%(expressions)s)
            AND o.action IN {tuple(str(action) for action in OPENED)}
    )"""
    output_field = BooleanField()


@dataclass(frozen=True)
class Criteria:
    """What one searches by; empty means any. All days are the network's, both included.

    `new_since`: posted after this moment. `unread`: the viewer has opened none of them.
    """

    name: str = ""
    date_of_birth: date | None = None
    state: str = ""
    center: UUID | None = None
    worksite: UUID | None = None
    kind: str = ""
    report_type: str = ""
    received_from: date | None = None
    received_until: date | None = None
    visited_from: date | None = None
    visited_until: date | None = None
    new_since: datetime | None = None
    unread: bool = False
    shelf: Shelf = Shelf.CURRENT
    sort: Sort = Sort.RECEIVED

    @property
    def ordering(self) -> Ordering:
        return replace(ORDERINGS[self.sort], few=self._is_of_few_days)

    @property
    def asks_of_people(self) -> bool:
        return bool(self.sort == Sort.NAME or self.date_of_birth or self.worksite)

    @property
    def is_by_name_alone(self) -> bool:
        return self == Criteria(name=self.name, shelf=self.shelf)

    @property
    def _is_of_few_days(self) -> bool:
        """Visits of a month at most, newest first: found by their days, and then sorted."""
        if not self.visited_from or not self.visited_until or self.sort != Sort.RECEIVED:
            return False
        return self.visited_until - self.visited_from <= _FEW_DAYS


@dataclass(frozen=True)
class Neighbours:
    """The ids of the reports before and after one in a search; None at its ends."""

    before: UUID | None = None
    after: UUID | None = None


@dataclass(frozen=True)
class Opener:
    """`name` is empty for whoever never had access, such as support.

    `is_system`: one of the employer's own systems, by the API.
    """

    name: str
    at: datetime
    times: int
    is_system: bool = False


def reports(viewer: Viewer) -> QuerySet[Report]:
    """Not those received in error: they are nobody's here any more, see removal.py."""
    own = Report.objects.filter(employer_id=viewer.employer_id, incident_id=None)
    return _granted(own, viewer.grants)


def _granted(own: QuerySet[Report], grants: Grants) -> QuerySet[Report]:
    """Only the kinds, worksites and sorts of report this viewer was granted."""
    if len(grants.kinds) < len(ReportKind):
        own = own.filter(kind__in=grants.kinds)
    if grants.restrictions_only:
        own = own.filter(report_type__in=WORK_STATUS)
    if grants.worksites is not None:
        own = own.filter(employee__worksite__in=grants.worksites)
    return own


def in_full(viewer: Viewer) -> QuerySet[Report]:
    return reports(viewer).select_related("employee", "center", "authorization")


def readable(viewer: Viewer) -> QuerySet[Report]:
    """Those with content: what was withdrawn or destroyed is not read or downloaded."""
    return in_full(viewer).filter(withdrawn_at=None, destroyed_at=None)


def search(viewer: Viewer, criteria: Criteria, *, first_few: bool = False) -> QuerySet[Report]:
    """The latest versions of the reports that fit, unordered; see Criteria.ordering.

    With `first_few` only the first ones in that order are wanted.
    """
    fitting, exact = [_on_shelf(viewer, criteria.shelf)], _exact(criteria)
    if criteria.unread:
        fitting.append(~Q(_IsOpened(F("pk"), Value(viewer.employer_id), Value(viewer.user_id))))
    if criteria.name:
        few = first_few and criteria.is_by_name_alone
        fitting.append(people.of_those_named(viewer, criteria.name, first_few=few))
    if criteria.asks_of_people:
        # The indexes of people begin with the employer: say it of the employee's row, too.
        exact["employee__employer_id"] = viewer.employer_id
    return reports(viewer).filter(*fitting, superseded_by=None, **exact)


def page(viewer: Viewer, criteria: Criteria, place: Report | None) -> Page[Report]:
    """What these criteria find, in their order: the rows after `place`, else the first."""
    found = search(viewer, criteria, first_few=True)
    return criteria.ordering.page(found, place, whole=in_list)


def in_list(ids: Sequence[UUID]) -> list[Report]:
    """What a viewer's search has found, each with what lists show of it."""
    # By ids alone: beside the employer, PostgreSQL takes an index that begins with that one.
    return fast.find_with(Report, _SHOWN, "results_report.id = ANY(%s)", [fast.array_of(ids)])


def place(viewer: Viewer, after: str) -> Report | None:
    """The row a page ended with; None where there is no such row."""
    try:
        own = reports(viewer).select_related("employee").only(*_PLACE)
        return own.filter(pk=UUID(after)).first()
    except ValueError:
        return None


def neighbours(viewer: Viewer, criteria: Criteria, report: Report) -> Neighbours:
    """Of this report, in what these criteria find."""
    found, ordering = search(viewer, criteria), criteria.ordering
    return Neighbours(
        before=ordering.before(found, report).values_list("pk", flat=True).first(),
        after=ordering.after(found, report).values_list("pk", flat=True).first(),
    )


def earlier_versions(viewer: Viewer, report: Report) -> list[Report]:
    """What this one corrects, the latest first; with what those corrected."""
    found: list[Report] = []
    newer: list[UUID] = [report.pk]
    while newer:
        older = reports(viewer).filter(superseded_by__in=newer).order_by("-posted_at", "-id")
        newer = [version.pk for version in older]
        found += older
    return found


def count(viewer: Viewer, criteria: Criteria) -> int:
    """How many fit, counted to COUNTED_TO + 1."""
    return search(viewer, criteria)[: COUNTED_TO + 1].count()


def openers(viewer: Viewer, report: Report) -> list[Opener]:
    """Who at the employer opened it or downloaded it, the latest first."""
    found = audit.of_subject(viewer.employer_id, report.pk, OPENED).order_by()
    by_whom = found.values("actor_id", "actor_kind").annotate(at=Max("at"), times=Count("id"))
    rows = list(by_whom.order_by("-at")[:MOST_OPENERS])
    names = _names(viewer, [row["actor_id"] for row in rows])
    return [
        Opener(
            names.get(row["actor_id"], ""),
            row["at"],
            row["times"],
            is_system=row["actor_kind"] == "integration",
        )
        for row in rows
    ]


def _names(viewer: Viewer, users: list[UUID | None]) -> dict[UUID | None, str]:
    """Of those who have or had access to this employer."""
    own = PortalAccess.objects.filter(employer_id=viewer.employer_id, user__in=users)
    return {access.user_id: str(access.user) for access in own.select_related("user")}


def similar_names(viewer: Viewer, typed: str) -> list[str]:
    """Names of people with reports that are much like a misspelt one, the likeliest first."""
    for near in people.alike(viewer, typed):
        theirs = reports(viewer).filter(employee__in=[one.pk for one in near])
        known = set(theirs.values_list("employee_id", flat=True).distinct()) if near else set()
        if names := [str(one) for one in near if one.pk in known]:
            return list(dict.fromkeys(names))[:_SIMILAR]
    return []


def mark_opened(viewer: Viewer, among: list[Report]) -> None:
    """Set `is_opened` of those the viewer has opened: the audit trail knows."""
    ids = fast.array_of(report.pk for report in among)
    found = fast.execute(_OPENED, [viewer.employer_id, viewer.user_id, list(OPENED), ids])
    opened = {pk for (pk,) in found}
    for report in among:
        report.is_opened = report.pk in opened


def of_authorization(viewer: Viewer, authorization: Authorization) -> list[Report]:
    return list(reports(viewer).filter(authorization=authorization).order_by("posted_at", "id"))


def _on_shelf(viewer: Viewer, shelf: Shelf) -> Q:
    """Few employers have restored reports: theirs are named, so that the rest is one range."""
    oldest = clock.now() - timedelta(days=CURRENT_DAYS)
    if shelf == Shelf.ALL:
        return Q()
    own = [viewer.employer_id, clock.now()]
    restored: dict[UUID, datetime] = dict(fast.execute(_RESTORED, own).fetchall())
    if shelf == Shelf.ARCHIVED:
        return Q(posted_at__lt=oldest) & ~Q(pk__in=restored)
    if not restored:
        return Q(posted_at__gte=oldest)
    return Q(posted_at__gte=min(oldest, *restored.values())) & (
        Q(posted_at__gte=oldest) | Q(pk__in=restored)
    )


def _exact(criteria: Criteria) -> dict[str, Any]:
    wanted = {
        "employee__date_of_birth": criteria.date_of_birth,
        "employee__worksite_id": criteria.worksite,
        "center__state": criteria.state,
        "center_id": criteria.center,
        "kind": criteria.kind,
        "report_type": criteria.report_type,
        "posted_at__gte": _start(criteria.received_from),
        "posted_at__lt": _start(criteria.received_until, after=True),
        "visit_date__gte": criteria.visited_from,
        "visit_date__lte": criteria.visited_until,
        "posted_at__gt": criteria.new_since,
    }
    return {field: value for field, value in wanted.items() if value}


def _start(day: date | None, *, after: bool = False) -> datetime | None:
    """The first moment of the day in the network's time, or of the day after."""
    if day is None:
        return None
    return timezone.make_aware(datetime.combine(day + timedelta(days=after), time.min))
