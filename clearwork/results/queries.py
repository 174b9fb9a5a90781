"""Reading reports. Another employer's are not there; without permission, none are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import QuerySet

from clearwork.access.decide import Grants, Viewer
from clearwork.authorizations.models import Authorization
from clearwork.employers.rules import WORK_STATUS, ReportKind
from clearwork.foundation import clock
from clearwork.people.queries import name_starts_with
from clearwork.results.models import Report

CURRENT_DAYS = 90


@dataclass(frozen=True)
class Criteria:
    """What one searches by; empty means any."""

    name: str = ""
    date_of_birth: date | None = None
    state: str = ""
    center: UUID | None = None
    kind: str = ""
    archived: bool = False


def reports(viewer: Viewer) -> QuerySet[Report]:
    return _granted(Report.objects.filter(employer_id=viewer.employer_id), viewer.grants)


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


def search(viewer: Viewer, criteria: Criteria) -> QuerySet[Report]:
    """Reports leave the default list 90 days after posting and are found as archived."""
    found = reports(viewer).select_related("employee", "center")
    oldest = clock.now() - timedelta(days=CURRENT_DAYS)
    age = {"posted_at__lt": oldest} if criteria.archived else {"posted_at__gte": oldest}
    found = found.filter(**age)
    if criteria.name:
        # The index of names begins with the employer: say it of the employee's row, too.
        found = found.filter(
            name_starts_with(criteria.name, "employee__"), employee__employer_id=viewer.employer_id
        )
    exact = {
        "employee__date_of_birth": criteria.date_of_birth,
        "center__state": criteria.state,
        "center_id": criteria.center,
        "kind": criteria.kind,
    }
    return found.filter(**{field: value for field, value in exact.items() if value})


def of_authorization(viewer: Viewer, authorization: Authorization) -> list[Report]:
    return list(reports(viewer).filter(authorization=authorization).order_by("posted_at", "id"))
