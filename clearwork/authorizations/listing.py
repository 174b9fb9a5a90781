"""The list's filters, and how many there are in each state. Each filter has its index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from clearwork.access.decide import Viewer
from clearwork.access.permissions import Permission
from clearwork.authorizations import queries
from clearwork.authorizations.ending import ending_soon
from clearwork.authorizations.models import Authorization
from clearwork.authorizations.rules import LAPSED, NUMBER_PREFIX, OPEN, State
from clearwork.database import fast
from clearwork.database.paging import Page, newest_page, newest_page_by_id
from clearwork.foundation import clock
from clearwork.foundation.ids import read_number
from clearwork.people.queries import of_those_named

# States that are looked for together, beside each state by itself.
GROUPS = {"open": "Open", "ending": "Expiring soon", "lapsed": "Expired or no-show"}
# What is to be done is counted further than what is over.
OPEN_COUNTED_TO, ENDED_COUNTED_TO = 1_000, 100
# Each subquery reads one state's range of an index, and no further than it must.
_COUNTS = """
    SELECT state, (SELECT count(*) FROM (
        SELECT 1 FROM authorizations_authorization
        WHERE employer_id = %s AND authorizations_authorization.state = asked.state LIMIT most
    ) AS bounded)
    FROM unnest(%s::text[], %s::int[]) AS asked (state, most)
"""
_OWN_COUNTS = """
    SELECT state, (SELECT count(*) FROM (
        SELECT 1 FROM authorizations_authorization
        WHERE employer_id = %s AND created_by_id = %s
        AND authorizations_authorization.state = asked.state LIMIT most
    ) AS bounded)
    FROM unnest(%s::text[], %s::int[]) AS asked (state, most)
"""
# What a row of the list shows.
_SHOWN = (
    *("number", "state", "kind", "reason", "modality", "created_at", "expires"),
    *("employee__first_name", "employee__last_name", "worksite__name", "center__name"),
)


@dataclass(frozen=True)
class Criteria:
    """What one filters by; empty means any. `state` may be one of GROUPS.

    `made_from` and `made_until` are days in the network's time, both included.
    """

    text: str = ""
    state: str = ""
    employee: UUID | None = None
    worksite: UUID | None = None
    center: UUID | None = None
    service: UUID | None = None
    creator: UUID | None = None
    mine: bool = False
    made_from: date | None = None
    made_until: date | None = None


@dataclass(frozen=True)
class Count:
    """How many there are; `more` where counting stopped."""

    number: int
    more: bool

    def __str__(self) -> str:
        return f"{self.number:,}{'+' if self.more else ''}"


def found(viewer: Viewer, criteria: Criteria) -> QuerySet[Authorization]:
    """What this viewer may see and these filters let through, unordered."""
    exact = {
        "employee_id": criteria.employee,
        "worksite_id": criteria.worksite,
        "center_id": criteria.center,
        "created_by_id": viewer.user_id if criteria.mine else criteria.creator,
        "created_at__gte": _start(criteria.made_from),
        "created_at__lt": _start(criteria.made_until, after=True),
    }
    listed = queries.authorizations(viewer).filter(
        _in_state(criteria.state), **{name: value for name, value in exact.items() if value}
    )
    if criteria.service:
        listed = listed.filter(
            authorized__employer_id=viewer.employer_id, authorized__service=criteria.service
        )
    return _matching(viewer, listed, criteria.text)


def page(viewer: Viewer, criteria: Criteria, after: str) -> Page[Authorization]:
    """One page of what is found, newest first."""
    newest = newest_page_by_id if criteria.service else newest_page
    return newest(found(viewer, criteria), "created_at", after, whole=_in_list)


def _in_list(ids: Sequence[UUID]) -> list[Authorization]:
    """What the filters have found, with what its row shows."""
    # By ids alone: beside the employer, PostgreSQL takes an index that begins with that one.
    return fast.find_with(
        Authorization, _SHOWN, "authorizations_authorization.id = ANY(%s)", [fast.array_of(ids)]
    )


def counts(viewer: Viewer, *, mine: bool) -> Mapping[State, Count]:
    """Of all one may see, or one's own: of each state how many, as far as is counted."""
    asked = [[state.value for state in State], [_counted_to(state) + 1 for state in State]]
    if mine or not viewer.may(Permission.AUTHORIZATION_READ_ALL):
        rows = fast.execute(_OWN_COUNTS, [viewer.employer_id, viewer.user_id, *asked])
    else:
        rows = fast.execute(_COUNTS, [viewer.employer_id, *asked])
    return {State(state): _bounded(State(state), number) for state, number in rows}


def together(counted: Mapping[State, Count], states: frozenset[State]) -> Count:
    of_each = [counted[state] for state in states]
    return Count(sum(each.number for each in of_each), any(each.more for each in of_each))


def _counted_to(state: State) -> int:
    return OPEN_COUNTED_TO if state in OPEN else ENDED_COUNTED_TO


def _bounded(state: State, number: int) -> Count:
    most = _counted_to(state)
    return Count(min(number, most), number > most)


def _in_state(state: str) -> Q:
    if state == "ending":
        return ending_soon(clock.today())
    groups: dict[str, frozenset[State]] = {"open": OPEN, "lapsed": LAPSED}
    if state in groups:
        return Q(state__in=sorted(groups[state]))
    return Q(state=state) if state in State else Q()


def _matching(
    viewer: Viewer, listed: QuerySet[Authorization], text: str
) -> QuerySet[Authorization]:
    """Those whose number or employee's name is as typed."""
    number = read_number(NUMBER_PREFIX, text)
    if number and listed.filter(number=number).exists():  # Samantha could be a number, too
        return listed.filter(number=number)
    if not text.strip():
        return listed
    return listed.filter(of_those_named(viewer, text))


def _start(day: date | None, *, after: bool = False) -> datetime | None:
    """The first moment of the day in the network's time, or of the day after."""
    if day is None:
        return None
    return timezone.make_aware(datetime.combine(day + timedelta(days=after), time.min))
