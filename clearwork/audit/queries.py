"""Reading the audit trail of one employer."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from clearwork.audit.actions import Action
from clearwork.audit.models import AuditEvent

# What changes or looks through another's access. Not sign-ins, nor what one read with it.
ACCESS_CHANGES = tuple(action for action in Action if action.startswith("access:"))


def of_subject(
    employer_id: UUID, subject_id: UUID, actions: tuple[Action, ...]
) -> QuerySet[AuditEvent]:
    """What was done to one subject, newest first."""
    return of_employer(employer_id, actions).filter(subject_id=subject_id)


def of_employer(employer_id: UUID, actions: tuple[Action, ...]) -> QuerySet[AuditEvent]:
    """These actions in one employer's name, newest first."""
    found = AuditEvent.objects.filter(employer_id=employer_id, action__in=actions)
    return found.order_by("-at", "-id")
