"""Taking out of sight what came with a report received in error, and how that ends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from clearwork.visits.actions import News, given_by
from clearwork.visits.models import Visit, WorkStatus
from clearwork.visits.rules import Duty, Status


def withhold(*, report_id: UUID, visit: Mapping[str, Any], incident_id: UUID, whole: bool) -> None:
    """Nobody at the employer sees the work status a report gave, until it is decided.

    Nor the visit (its fields), if it is to be withheld as a `whole`. What another incident
    withheld already stays with that.
    """
    given = given_by(report_id=report_id, visit=visit)
    given.filter(incident_id=None).update(incident_id=incident_id)
    if whole:
        Visit.objects.filter(**visit, incident_id=None).update(incident_id=incident_id)


def put_back(*, employer_id: UUID, incident_id: UUID) -> None:
    own: dict[str, Any] = {"employer_id": employer_id, "incident_id": incident_id}
    Visit.objects.filter(**own).update(incident_id=None)
    WorkStatus.objects.filter(**own).update(incident_id=None)


def show(visit: Mapping[str, Any]) -> None:
    """A report in sight speaks of this visit (its fields), whichever incident withheld it."""
    Visit.objects.filter(**visit).update(incident_id=None)


def take_out(*, employer_id: UUID, incident_id: UUID) -> list[News]:
    """For good; what it said and its center still says, for the employer it belongs to."""
    own: dict[str, Any] = {"employer_id": employer_id, "incident_id": incident_id}
    statuses = WorkStatus.objects.filter(**own).select_related("visit").order_by("issued_at", "id")
    said = [_news(each.visit, each) for each in statuses if each.withdrawn_at is None]
    statuses.delete()
    left = Visit.objects.filter(**own)
    news = [*(_news(visit) for visit in left), *said]
    left.exclude(statuses__isnull=False).delete()
    put_back(employer_id=employer_id, incident_id=incident_id)  # what later news spoke of, too
    return news


def _news(visit: Visit, given: WorkStatus | None = None) -> News:
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
        status=_said(given) if given else None,
        source_id=given.source_id if given else None,
    )


def _said(status: WorkStatus) -> Status:
    return Status(
        duty=Duty(status.duty),
        starts=status.starts,
        restrictions=tuple(status.restrictions),
        until=status.until,
        expected_return=status.expected_return,
    )
