"""Reading authorizations."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from clearwork.access.decide import Viewer
from clearwork.access.permissions import Permission
from clearwork.authorizations.models import Authorization, AuthorizationEvent, Delivery
from clearwork.authorizations.rules import NUMBER_PREFIX
from clearwork.foundation.ids import read_number
from clearwork.people.queries import name_starts_with


def authorizations(viewer: Viewer) -> QuerySet[Authorization]:
    """What this viewer may see: the employer's, or only those they created."""
    own = Authorization.objects.filter(employer_id=viewer.employer_id)
    if viewer.may(Permission.AUTHORIZATION_READ_ALL):
        return own
    return own.filter(created_by=viewer.user_id)


def newest_first(viewer: Viewer) -> QuerySet[Authorization]:
    listed = authorizations(viewer).select_related("employee", "center", "worksite")
    return listed.order_by("-created_at", "-id")


def found_by(listed: QuerySet[Authorization], typed: str, state: str) -> QuerySet[Authorization]:
    """Those whose number or employee's name is as typed, in this state ("" for any)."""
    if number := read_number(NUMBER_PREFIX, typed):
        listed = listed.filter(number=number)
    elif typed.strip():
        listed = listed.filter(name_starts_with(typed, "employee__"))
    return listed.filter(state=state) if state else listed


def in_full(viewer: Viewer) -> QuerySet[Authorization]:
    """For one authorization's page."""
    return (
        authorizations(viewer)
        .select_related("employee", "center", "worksite", "created_by")
        .prefetch_related("services")
    )


def timeline(authorization: Authorization) -> list[AuthorizationEvent]:
    events = AuthorizationEvent.objects.filter(
        employer_id=authorization.employer_id, authorization=authorization
    )
    return list(events.order_by("at", "id"))


def latest_delivery(authorization: Authorization) -> Delivery | None:
    deliveries = Delivery.objects.filter(
        employer_id=authorization.employer_id, authorization=authorization
    )
    return deliveries.order_by("-requested_at").first()


def of_center(center_id: UUID, numbers: list[str]) -> QuerySet[Authorization]:
    """A center's own authorizations by number, with the employee they are for."""
    asked = Authorization.objects.filter(center_id=center_id, number__in=numbers)
    return asked.select_related("employee").order_by("id")
