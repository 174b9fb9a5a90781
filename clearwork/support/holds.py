"""What the privacy officer reads of legal holds: whose they are, what they keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from clearwork.accounts.models import User
from clearwork.people.models import Employee
from clearwork.privacy.models import LegalHold
from clearwork.privacy.rules import HoldOf
from clearwork.results.models import Report


@dataclass(frozen=True)
class Shown:
    """A hold with what it keeps in words, and who placed and lifted it."""

    hold: LegalHold
    kept: str
    placed_by: str
    lifted_by: str


def shown(holds: Sequence[LegalHold]) -> list[Shown]:
    kept, people = _kept(holds), _people(holds)
    return [
        Shown(
            hold,
            kept=kept.get(hold.subject_id, "") if hold.subject_id else "All reports",
            placed_by=people.get(hold.placed_by_id, "Clearwork"),
            lifted_by=people.get(hold.lifted_by_id, ""),
        )
        for hold in holds
    ]


def reports_of(hold: LegalHold) -> QuerySet[Report]:
    """The reports it keeps."""
    own = Report.objects.filter(employer_id=hold.employer_id, destroyed_at=None)
    if hold.of == HoldOf.EMPLOYER:
        return own
    return own.filter(Q(employee_id=hold.subject_id) | Q(pk=hold.subject_id))


def _kept(holds: Sequence[LegalHold]) -> Mapping[UUID, str]:
    ids = [hold.subject_id for hold in holds if hold.subject_id]
    employees = Employee.objects.filter(pk__in=ids)
    reports = Report.objects.filter(pk__in=ids).select_related("employee")
    return {
        **{each.pk: f"All reports of {each}" for each in employees},
        **{each.pk: f"{each.title} of {each.employee}" for each in reports},
    }


def _people(holds: Sequence[LegalHold]) -> Mapping[UUID | None, str]:
    ids = {pk for hold in holds for pk in (hold.placed_by_id, hold.lifted_by_id) if pk}
    return {user.pk: str(user) for user in User.objects.filter(pk__in=ids)}
