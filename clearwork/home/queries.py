"""What a person needs to see first. Everything is counted to a bound: it stays fast."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from clearwork.access import queries as access
from clearwork.access.decide import Viewer
from clearwork.access.permissions import Permission
from clearwork.authorizations import listing
from clearwork.authorizations import queries as authorizations
from clearwork.authorizations.late import in_need
from clearwork.authorizations.listing import Count
from clearwork.authorizations.models import Authorization
from clearwork.authorizations.rules import OPEN, WAITING, Stage, State
from clearwork.foundation import clock
from clearwork.passes import queries as passes
from clearwork.results import dot_queries
from clearwork.results import queries as results
from clearwork.results.late import late
from clearwork.results.models import Report
from clearwork.visits import queries as visits
from clearwork.visits.models import Visit
from clearwork.visits.queries import Show

_SHOWN = 6
_COUNTED_TO = 999
_CARD_DAYS = 30
_STAGES = (State.SUBMITTED, State.DELIVERED, State.ACCEPTED, State.CHECKED_IN)
type Looked = Mapping[Show, int]


@dataclass(frozen=True)
class Waiting:
    """One authorization that needs a person."""

    authorization: Authorization
    stage: Stage | None
    not_delivered: bool
    center_closed: bool


@dataclass(frozen=True)
class Overview:
    """`stages` are the open authorizations by state; `new` results came since `since`."""

    stages: list[tuple[State, Count]]
    open: list[Authorization] = field(default_factory=list)
    needs: list[Waiting] = field(default_factory=list)
    needs_more: bool = False
    ending: Count = field(default_factory=lambda: Count(0, more=False))
    lost: Count = field(default_factory=lambda: Count(0, more=False))
    reviews_due: int = 0
    reports: list[Report] = field(default_factory=list)
    new: Count = field(default_factory=lambda: Count(0, more=False))
    since: datetime | None = None
    late: list[Visit] = field(default_factory=list)
    late_more: bool = False
    status: Looked = field(default_factory=dict)
    cards: Count = field(default_factory=lambda: Count(0, more=False))
    is_new: bool = False

    @property
    def is_calm(self) -> bool:
        """Nothing needs this person today."""
        number = self.ending.number + self.lost.number + self.cards.number + self.reviews_due
        due = self.status.get(Show.OVERDUE) or self.status.get(Show.UNKNOWN)
        return not (self.needs or self.late or number or due)


def overview(viewer: Viewer, last_here: datetime | None = None) -> Overview:
    """Of this viewer's own where they may not see all; `last_here` None: the last 7 days."""
    counted = listing.counts(viewer, mine=False)
    needs = list(in_need(viewer, clock.now())[: _SHOWN + 1])
    ending = listing.found(viewer, listing.Criteria(state="ending"))
    newest = authorizations.newest_first(viewer).filter(state__in=sorted(OPEN))
    seen = _results(viewer, last_here) if viewer.may(Permission.RESULT_READ) else {}
    return Overview(
        stages=[(state, counted[state]) for state in _STAGES],
        open=list(newest[:_SHOWN]),
        needs=[_waiting(each) for each in needs[:_SHOWN]],
        needs_more=len(needs) > _SHOWN,
        ending=_bounded(ending),
        lost=_bounded(passes.lost(viewer)),
        reviews_due=access.reviews_due(viewer),
        is_new=not listing.together(counted, frozenset(State)).number and not seen.get("reports"),
        **seen,
    )


def _results(viewer: Viewer, last_here: datetime | None) -> dict[str, Any]:
    """What only those see who may read results: each query asks for their grants itself."""
    since = last_here or clock.now() - timedelta(days=7)
    until = clock.today() + timedelta(days=_CARD_DAYS)
    newest = results.in_full(viewer).filter(superseded_by=None).order_by("-posted_at", "-id")
    seen = visits.visits(viewer).select_related("employee", "center")
    overdue = late(seen, clock.now()).order_by("arrived_at", "id")
    waited = list(overdue[: _SHOWN + 1])
    return {
        "late": waited[:_SHOWN],
        "late_more": len(waited) > _SHOWN,
        "reports": list(newest[:_SHOWN]),
        "new": _bounded(results.reports(viewer).filter(superseded_by=None, posted_at__gt=since)),
        "since": last_here,
        "status": visits.board(viewer, clock.today()).counts(),
        "cards": _bounded(dot_queries.certificates(viewer).filter(expires__lte=until)),
    }


def _waiting(found: Authorization) -> Waiting:
    held, center = authorizations.stage_of(found), found.center
    return Waiting(
        found,
        held,
        not_delivered=bool(getattr(found, "failed", False)),
        center_closed=center is not None and not center.is_active and found.state in WAITING,
    )


def _bounded(found: QuerySet[Any]) -> Count:
    number = found.order_by()[: _COUNTED_TO + 1].count()
    return Count(min(number, _COUNTED_TO), number > _COUNTED_TO)
