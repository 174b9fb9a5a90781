"""Taking out of sight what came with a report received in error, and how that ends."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from clearwork.visits.actions import News
from clearwork.visits.models import Visit, WorkStatus
from clearwork.visits.rules import Duty, Status


def withhold(visit: Visit, *, incident_id: UUID, whole: bool) -> None:
    """Nobody at the employer sees its work status, or the `whole` visit, until it is decided."""
    own: dict[str, Any] = {"employer_id": visit.employer_id, "incident_id": None}
    WorkStatus.objects.filter(**own, visit=visit).update(incident_id=incident_id)
    if whole:
        Visit.objects.filter(**own, pk=visit.pk).update(incident_id=incident_id)


def put_back(*, employer_id: UUID, incident_id: UUID) -> None:
    own: dict[str, Any] = {"employer_id": employer_id, "incident_id": incident_id}
    Visit.objects.filter(**own).update(incident_id=None)
    WorkStatus.objects.filter(**own).update(incident_id=None)


def take_out(*, employer_id: UUID, incident_id: UUID) -> list[News]:
    """For good; what it said, for the employer it belongs to."""
    own: dict[str, Any] = {"employer_id": employer_id, "incident_id": incident_id}
    statuses = WorkStatus.objects.filter(**own).select_related("visit").order_by("issued_at", "id")
    said = [_news(status.visit, _said(status)) for status in statuses]
    statuses.delete()
    left = Visit.objects.filter(**own)
    news = [*(_news(visit) for visit in left), *said]
    left.exclude(statuses__isnull=False).delete()
    put_back(employer_id=employer_id, incident_id=incident_id)  # what later news spoke of, too
    return news


def _news(visit: Visit, status: Status | None = None) -> News:
    return News(
        employer_id=visit.employer_id,
        employee_id=visit.employee_id,
        center_id=visit.center_id,
        kind=visit.kind,
        day=visit.visited_on,
        authorization_id=visit.authorization_id,
        arrived_at=visit.arrived_at,
        checked_out_at=visit.checked_out_at,
        services=tuple(visit.services),
        next_appointment=visit.next_appointment,
        status=status,
    )


def _said(status: WorkStatus) -> Status:
    return Status(
        duty=Duty(status.duty),
        starts=status.starts,
        restrictions=tuple(status.restrictions),
        until=status.until,
        expected_return=status.expected_return,
    )
