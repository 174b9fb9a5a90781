"""Reporting and deciding. What an incident does to reports is results.removal's."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from procrastinate.contrib.django import app

from clearwork.audit.actions import Action, Actor, record
from clearwork.foundation import clock
from clearwork.foundation.ids import uuid7
from clearwork.privacy.models import LegalHold, PrivacyConcern, PrivacyIncident
from clearwork.privacy.rules import AlreadyDecided, Decision, HoldOf, Kind, State

# Jobs of the app that knows whom to tell.
TELL_STAFF_JOB = "support.tell_staff"
TELL_OUTCOME_JOB = "support.tell_outcome"
QUEUE = "privacy"


@transaction.atomic
def report_incident(
    kind: Kind,
    *,
    by: Actor,
    employer_id: UUID,
    words: str = "",
    report_id: UUID | None = None,
    export_id: UUID | None = None,
    pk: UUID | None = None,
) -> PrivacyIncident:
    """Keep it, and tell support and the privacy officer. `by` is one of the employer's people,
    their system, or ours. `pk`: where it is known before."""
    incident = PrivacyIncident(
        pk=pk or uuid7(),
        employer_id=employer_id,
        kind=kind,
        report_id=report_id,
        export_id=export_id,
        words=words,
        reported_by_id=by.id,
    )
    incident.save(force_insert=True)
    record(Action.PRIVACY_REPORTED, by=by, employer_id=employer_id, subject_id=incident.pk)
    _tell_staff("unreadable" if kind == Kind.UNREADABLE else "incident", incident.pk)
    return incident


@transaction.atomic
def report_unreadable(
    *, by: Actor, employer_id: UUID, report_id: UUID | None = None, export_id: UUID | None = None
) -> None:
    """The stored file of a report or a download is missing or damaged. Kept and told once, until
    it is settled.

    The caller holds the row it is about, so that two who find out at once report it once.
    """
    about = {"employer_id": employer_id, "report_id": report_id, "export_id": export_id}
    waiting = PrivacyIncident.objects.filter(kind=Kind.UNREADABLE, state=State.OPEN)
    if not waiting.filter(**about).exists():
        report_incident(
            Kind.UNREADABLE,
            by=by,
            employer_id=employer_id,
            report_id=report_id,
            export_id=export_id,
        )


@transaction.atomic
def report_concern(concern: PrivacyConcern) -> None:
    """From someone who is not signed in."""
    concern.save(force_insert=True)
    record(Action.PRIVACY_REPORTED, by=Actor("anonymous"), subject_id=concern.pk)
    _tell_staff("concern", concern.pk)


def note_view(incident: PrivacyIncident, *, by: Actor) -> None:
    """One of the network's people read whose report it is about."""
    record(Action.PRIVACY_VIEWED, by=by, employer_id=incident.employer_id, subject_id=incident.pk)


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
    if found.kind == Kind.RECEIVED_IN_ERROR:
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


@transaction.atomic
def place_hold(
    of: HoldOf, *, by: Actor, employer_id: UUID, reason: str, subject_id: UUID | None = None
) -> LegalHold:
    """Keep it from now on, whatever its retention says. As the operator."""
    hold = LegalHold(
        of=of, employer_id=employer_id, subject_id=subject_id, reason=reason, placed_by_id=by.id
    )
    hold.save(force_insert=True)
    _note_hold(Action.HOLD_PLACED, hold, by)
    return hold


@transaction.atomic
def lift_hold(hold: LegalHold, *, reason: str, by: Actor) -> None:
    """Its retention counts again. As the operator. Raises AlreadyDecided."""
    standing = LegalHold.objects.select_for_update().filter(pk=hold.pk, lifted_at=None)
    found = standing.first()
    if found is None:
        raise AlreadyDecided
    found.lifted_at, found.lifted_by_id, found.lifted_why = clock.now(), by.id, reason
    found.save(update_fields=("lifted_at", "lifted_by_id", "lifted_why"))
    _note_hold(Action.HOLD_LIFTED, found, by)


def move_holds(
    *, employer_id: UUID, of: UUID, to: UUID, only: Collection[str] | None = None
) -> list[str]:
    """What keeps one employee keeps another from now on: two records of a person became one, or
    are two again. In the caller's transaction and trail; the holds' ids (`only`: of these)."""
    found = LegalHold.objects.filter(employer_id=employer_id, of=HoldOf.EMPLOYEE, subject_id=of)
    if only is not None:
        found = found.filter(pk__in=only)
    ids = [str(pk) for pk in found.values_list("pk", flat=True)]
    found.update(subject_id=to)
    return ids


def _note_hold(action: Action, hold: LegalHold, by: Actor) -> None:
    kept = str(hold.subject_id or hold.employer_id)
    record(action, by=by, employer_id=hold.employer_id, subject_id=hold.pk, of=hold.of, kept=kept)


def _close(
    found: PrivacyIncident | PrivacyConcern, decision: Decision, reason: str, by: Actor
) -> None:
    found.state, found.decision, found.reason = State.DECIDED, decision, reason
    found.decided_by_id, found.decided_at = by.id, clock.now()
    found.save()


def _tell_staff(what: str, pk: UUID) -> None:
    app.configure_task(TELL_STAFF_JOB, queue=QUEUE).defer(what=what, pk=str(pk))
