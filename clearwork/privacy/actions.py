"""Reporting and deciding. What an incident does to reports is results.removal's."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from procrastinate.contrib.django import app

from clearwork.audit.actions import Action, Actor, record
from clearwork.foundation import clock
from clearwork.privacy.models import PrivacyConcern, PrivacyIncident
from clearwork.privacy.rules import AlreadyDecided, Decision, Kind, State

# Jobs of the app that knows whom to tell.
TELL_STAFF_JOB = "support.tell_staff"
TELL_OUTCOME_JOB = "support.tell_outcome"
QUEUE = "privacy"


@transaction.atomic
def report_incident(
    kind: Kind, *, by: Actor, employer_id: UUID, words: str, report_id: UUID | None = None
) -> PrivacyIncident:
    """Keep it, and tell support and the privacy officer. `by` is one of the employer's people."""
    incident = PrivacyIncident(
        employer_id=employer_id,
        kind=kind,
        report_id=report_id,
        words=words,
        reported_by_id=by.id,
    )
    incident.save(force_insert=True)
    record(Action.PRIVACY_REPORTED, by=by, employer_id=employer_id, subject_id=incident.pk)
    _tell_staff("incident", incident.pk)
    return incident


@transaction.atomic
def report_concern(concern: PrivacyConcern) -> None:
    """From someone who is not signed in."""
    concern.save(force_insert=True)
    record(Action.PRIVACY_REPORTED, by=Actor("anonymous"), subject_id=concern.pk)
    _tell_staff("concern", concern.pk)


@transaction.atomic
def decide(
    incident: PrivacyIncident, decision: Decision, *, reason: str, by: Actor
) -> PrivacyIncident:
    """As the operator. Raises AlreadyDecided; the incident as it now is."""
    waiting = PrivacyIncident.objects.select_for_update().filter(pk=incident.pk, state=State.OPEN)
    found = waiting.first()
    if found is None:
        raise AlreadyDecided
    _close(found, decision, reason, by)
    record(
        Action.PRIVACY_DECIDED,
        by=by,
        employer_id=found.employer_id,
        subject_id=found.pk,
        decision=str(decision),
    )
    if found.report_id:
        ids = {"employer_id": str(found.employer_id), "incident_id": str(found.pk)}
        app.configure_task(TELL_OUTCOME_JOB, queue=QUEUE).defer(**ids)
    return found


@transaction.atomic
def answer_concern(concern: PrivacyConcern, *, reason: str, by: Actor) -> None:
    """Raises AlreadyDecided."""
    waiting = PrivacyConcern.objects.select_for_update().filter(pk=concern.pk, state=State.OPEN)
    found = waiting.first()
    if found is None:
        raise AlreadyDecided
    _close(found, Decision.ANSWERED, reason, by)
    record(Action.PRIVACY_DECIDED, by=by, subject_id=found.pk, decision=str(Decision.ANSWERED))


def _close(
    found: PrivacyIncident | PrivacyConcern, decision: Decision, reason: str, by: Actor
) -> None:
    found.state, found.decision, found.reason = State.DECIDED, decision, reason
    found.decided_by_id, found.decided_at = by.id, clock.now()
    found.save()


def _tell_staff(what: str, pk: UUID) -> None:
    app.configure_task(TELL_STAFF_JOB, queue=QUEUE).defer(what=what, pk=str(pk))
