"""A person decides about a result that no one could file, as the operator; or its center takes
it back before anyone did.
"""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from clearwork.audit.actions import Action, Actor, record
from clearwork.authorizations.models import Authorization
from clearwork.employers.rules import ReportType
from clearwork.exchange.hl7.result import Patient, Withdrawal
from clearwork.exchange.matching import file_held
from clearwork.exchange.models import HeldResult, Outcome
from clearwork.foundation import clock
from clearwork.people.models import Employee
from clearwork.results.models import Report

_TAKEN_BACK = "Withdrawn by the medical center."
_REASON_LENGTH = 500


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


def held_as(center_id: UUID, patient: Patient, withdrawal: Withdrawal) -> list[HeldResult]:
    """What nobody has filed, named as its center named it; also what it took back before."""
    named = _named_so(center_id, patient, withdrawal)
    return list(named.filter(Q(filed_at=None) | Q(outcome=Outcome.RETURNED)))


def filed_as(center_id: UUID, patient: Patient, withdrawal: Withdrawal) -> list[Report]:
    """The reports that were made of what its center named so, each by its own document."""
    named = _named_so(center_id, patient, withdrawal)
    filed = named.filter(filed_at__isnull=False, outcome__in=("", Outcome.FILED))
    made = [
        Report.objects.filter(
            center_id=center_id,
            visit_date=held.visit_date,  # of which there is an index
            filler_number=held.filler_number,
            document=held.document,
            link=held.link,
            superseded_by=None,
        )
        for held in filed
    ]
    return [report for found in made for report in found]


def _named_so(center_id: UUID, patient: Patient, named: Withdrawal) -> QuerySet[HeldResult]:
    return HeldResult.objects.filter(
        center_id=center_id,
        number=named.number,
        filler_number=named.filler_number,
        report_type=named.report_type,
        family=patient.family,
        given=patient.given,
        date_of_birth=patient.date_of_birth,
    )


@transaction.atomic
def take_back(held: HeldResult, *, why: str, by: Actor) -> None:
    """Its center says that it was posted in error: nobody gets it."""
    with suppress(AlreadySettled):
        reason = f"{_TAKEN_BACK} {why}".strip()[:_REASON_LENGTH]
        _settle(_waiting(held), Outcome.RETURNED, reason, by)


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
