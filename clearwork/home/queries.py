"""What a person needs to see first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q

from clearwork.access import queries as access
from clearwork.access.decide import Viewer
from clearwork.authorizations import queries as authorizations
from clearwork.authorizations.models import Authorization
from clearwork.authorizations.rules import State
from clearwork.foundation import clock
from clearwork.results import queries as results
from clearwork.results.models import Report

_SHOWN = 6
_OPEN = (State.SUBMITTED, State.DELIVERED, State.ACCEPTED, State.CHECKED_IN)


@dataclass(frozen=True)
class Overview:
    open: list[Authorization]
    open_count: int
    checked_in_count: int
    reports: list[Report]
    week_count: int
    reviews_due: int


def overview(viewer: Viewer) -> Overview:
    open_ones = authorizations.newest_first(viewer).filter(state__in=_OPEN)
    counts = (
        authorizations.authorizations(viewer)
        .filter(state__in=_OPEN)
        .aggregate(
            open=Count("id"),
            checked_in=Count("id", filter=Q(state=State.CHECKED_IN)),
        )
    )
    return Overview(
        open=list(open_ones[:_SHOWN]),
        open_count=counts["open"],
        checked_in_count=counts["checked_in"],
        reports=_newest_reports(viewer),
        week_count=_reports_this_week(viewer),
        reviews_due=access.reviews_due(viewer),
    )


def _newest_reports(viewer: Viewer) -> list[Report]:
    listed = results.in_full(viewer).order_by("-posted_at", "-id")
    return list(listed[:_SHOWN])


def _reports_this_week(viewer: Viewer) -> int:
    since = clock.now() - timedelta(days=7)
    return results.reports(viewer).filter(posted_at__gte=since).count()
