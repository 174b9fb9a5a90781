"""A person decides about a result that no one could file. As the operator."""

from __future__ import annotations

from django.db import transaction

from clearwork.audit.actions import Action, Actor, record
from clearwork.authorizations.models import Authorization
from clearwork.employers.rules import ReportType
from clearwork.exchange.matching import file_held
from clearwork.exchange.models import HeldResult, Outcome
from clearwork.foundation import clock
from clearwork.people.models import Employee


class AlreadySettled(Exception):
    """Someone else, or the matching itself, was quicker."""


@transaction.atomic
def file(
    held: HeldResult,
    *,
    employee: Employee,
    authorization: Authorization | None,
    kind: ReportType,
    reason: str,
    by: Actor,
) -> None:
    """With this employee, for the authorization if one is known. Raises AlreadySettled."""
    found = _waiting(held)
    file_held(found, employee, kind, by=by, authorization=authorization)
    _settle(found, Outcome.FILED, reason, by)


@transaction.atomic
def put_aside(held: HeldResult, *, outcome: Outcome, reason: str, by: Actor) -> None:
    """Returned to the center, or there already: nobody gets it. Raises AlreadySettled."""
    _settle(_waiting(held), outcome, reason, by)


def note_view(held: HeldResult, *, by: Actor) -> None:
    record(Action.RESULT_VIEWED, by=by, center_id=held.center_id, subject_id=held.pk)


def _waiting(held: HeldResult) -> HeldResult:
    found = HeldResult.objects.select_for_update().filter(pk=held.pk, filed_at=None).first()
    if found is None:
        raise AlreadySettled
    return found


def _settle(held: HeldResult, outcome: Outcome, reason: str, by: Actor) -> None:
    held.outcome, held.reason = outcome, reason
    held.decided_by_id, held.filed_at = by.id, clock.now()
    held.save(update_fields=("outcome", "reason", "decided_by_id", "filed_at"))
    record(
        Action.RESULT_SETTLED,
        by=by,
        center_id=held.center_id,
        subject_id=held.pk,
        outcome=str(outcome),
    )
