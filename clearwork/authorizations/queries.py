"""Reading authorizations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from clearwork.access.decide import Viewer
from clearwork.access.permissions import Permission
from clearwork.authorizations.models import Authorization, AuthorizationEvent, Delivery
from clearwork.authorizations.rules import DeliveryState, Kind, Stage, State, stage
from clearwork.database import fast
from clearwork.employers.rules import WORK_STATUS
from clearwork.people.models import Employee

_OF_CENTER = """
    SELECT o.employee_id, date_of_birth, name_key,
        o.id, o.employer_id, number, state, o.employee_id, kind
    FROM authorizations_authorization o
    JOIN people_employee e ON e.employer_id = o.employer_id AND e.id = o.employee_id
    WHERE o.center_id = %s AND number = ANY (%s)
"""


def authorizations(viewer: Viewer) -> QuerySet[Authorization]:
    """What this viewer may see: the employer's, or only those they created."""
    own = Authorization.objects.filter(employer_id=viewer.employer_id)
    if viewer.may(Permission.AUTHORIZATION_READ_ALL):
        return own
    return own.filter(created_by=viewer.user_id)


def may_open(viewer: Viewer, found: Authorization | None) -> bool:
    """Whether it is among authorizations(viewer), of one of the same employer."""
    if found is None:
        return False
    return viewer.may(Permission.AUTHORIZATION_READ_ALL) or found.created_by_id == viewer.user_id


def newest_first(viewer: Viewer) -> QuerySet[Authorization]:
    listed = authorizations(viewer).select_related("employee", "center", "worksite")
    return listed.order_by("-created_at", "-id")


def in_full(viewer: Viewer) -> QuerySet[Authorization]:
    """For one authorization's page."""
    return (
        authorizations(viewer)
        .select_related("employee", "center", "worksite", "created_by")
        .prefetch_related("services")
    )


def with_results(found: QuerySet[Authorization]) -> QuerySet[Authorization]:
    """Those whose center sent what the stage clock waits for: of an injury its status report.

    `reports` is the results app's, which stands above this one.
    """
    standing = {"reports__withdrawn_at": None, "reports__incident_id": None}
    awaited = Q(kind=Kind.NON_INJURY) | Q(reports__report_type__in=sorted(WORK_STATUS))
    return found.filter(awaited, reports__isnull=False, **standing)


def has_results(authorization: Authorization) -> bool:
    own = Authorization.objects.filter(employer_id=authorization.employer_id, pk=authorization.pk)
    return authorization.state == State.CHECKED_IN and with_results(own).exists()


def stage_of(
    authorization: Authorization, delivery: Delivery | None = None, *, has_results: bool = False
) -> Stage | None:
    """Its stage clock, with the people and the center by name; None once it has ended.

    `delivery`: its open_delivery(), where one that was given up matters.
    """
    return stage(
        State(authorization.state),
        authorization.state_since,
        kind=Kind(authorization.kind),
        center=authorization.center.name if authorization.center else "",
        employee=str(authorization.employee),
        unsent_since=delivery.unsent_since if delivery else None,
        has_results=has_results,
    )


def to_print(viewer: Viewer) -> QuerySet[Authorization]:
    """For document.render."""
    return in_full(viewer).select_related("employer").prefetch_related("dot_tests")


def timeline(authorization: Authorization) -> list[AuthorizationEvent]:
    events = AuthorizationEvent.objects.filter(
        employer_id=authorization.employer_id, authorization=authorization
    )
    return list(events.order_by("at", "id"))


def open_delivery(authorization: Authorization) -> Delivery | None:
    """What the page says of its way to the center: the last telling, of each center it had.

    One that failed comes before others, and of those on their way the one that goes first.
    """
    deliveries = Delivery.objects.filter(
        employer_id=authorization.employer_id, authorization=authorization
    )
    wanted = deliveries.exclude(state=DeliveryState.WITHDRAWN).defer("message")
    past = list(wanted.select_related("center").order_by("-id"))
    last = {each.center_id: each for each in reversed(past)}
    failed = [each for each in last.values() if each.state == DeliveryState.FAILED]
    queued = [each for each in reversed(past) if each.state == DeliveryState.QUEUED]
    return next(iter([*failed, *queued, *past]), None)


def of_center(center_id: UUID, numbers: list[str]) -> Iterator[Authorization]:
    """A center's own authorizations by number, with the employee they are for: what intake asks.

    Sent at once, fetched when iterated (see database.fast).
    """
    found = fast.execute(_OF_CENTER, [center_id, numbers])
    return (_with_employee(row) for row in found)


def _with_employee(row: tuple[Any, ...]) -> Authorization:
    """An authorization of which only these fields are loaded."""
    employee = fast.made(Employee, ("id", "date_of_birth", "name_key"), row[:3])
    fields = ("id", "employer_id", "number", "state", "employee_id", "kind")
    return fast.made(Authorization, fields, row[3:], employee=employee)
