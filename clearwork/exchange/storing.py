"""Storing what one center sent, inside the transaction that acts as that center."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db import connection
from procrastinate.contrib.django import app as jobs

from clearwork.audit.actions import Action, Actor, event
from clearwork.audit.models import AuditEvent
from clearwork.authorizations import actions as authorizations
from clearwork.authorizations.models import Authorization
from clearwork.authorizations.queries import of_center
from clearwork.authorizations.rules import NUMBER_PREFIX, State
from clearwork.centers.models import MedicalCenter
from clearwork.documents.inspect import PdfFacts
from clearwork.documents.storage import save_documents
from clearwork.employers.rules import report_type
from clearwork.exchange.hl7.message import Header, MalformedMessage
from clearwork.exchange.hl7.result import Patient, Result, ResultDocument
from clearwork.exchange.hl7.status import StatusUpdate
from clearwork.exchange.matching import is_same_person
from clearwork.exchange.models import HeldResult
from clearwork.foundation import clock
from clearwork.foundation.ids import read_number, uuid7
from clearwork.results.models import Report

type Content = Result | StatusUpdate
type Refused = tuple["Incoming", MalformedMessage]

MATCH_JOB = "exchange.match"
_UNKNOWN_KEY = 204


@dataclass(frozen=True)
class Incoming:
    """A message that was read; `facts` are those of its documents, in order."""

    header: Header
    content: Content
    facts: tuple[PdfFacts, ...]


@dataclass
class Batch:
    """Rows of one center's messages, written together."""

    center: MedicalCenter
    ordered: dict[str, Authorization]
    reports: list[Report] = field(default_factory=list)
    held: list[HeldResult] = field(default_factory=list)
    documents: list[tuple[Report | HeldResult, str, bytes]] = field(default_factory=list)
    events: list[AuditEvent] = field(default_factory=list)
    seen: dict[UUID, Authorization] = field(default_factory=dict)

    @property
    def actor(self) -> Actor:
        return Actor("center", self.center.pk)


def store(center: MedicalCenter, messages: Sequence[Incoming]) -> list[Refused]:
    """Store these messages; those that cannot be, each with its error. Repeats are left out."""
    batch = Batch(center, _ordered(center, messages))
    refused = [(m, error) for m in messages if (error := _unknown_number(batch, m))]
    unknown = {id(message) for message, _ in refused}
    taken = [message for message in messages if id(message) not in unknown]
    for inbound_id, message in _note_new(center, taken):
        if isinstance(message.content, StatusUpdate):
            _hear(batch, message.content)
        else:
            _collect(batch, message.content, message.facts, inbound_id)
    _write(batch)
    return refused


def _ordered(center: MedicalCenter, messages: Sequence[Incoming]) -> dict[str, Authorization]:
    numbers = {number for message in messages for number in _numbers(message.content)}
    found = of_center(center.pk, sorted(numbers)) if numbers else ()
    return {authorization.number: authorization for authorization in found}


def _numbers(content: Content) -> Iterator[str]:
    parts = content.documents if isinstance(content, Result) else (content,)
    for part in parts:
        if part.number:
            yield _standard(part.number)


def _standard(number: str) -> str:
    return read_number(NUMBER_PREFIX, number) or number


def _unknown_number(batch: Batch, message: Incoming) -> MalformedMessage | None:
    update = message.content
    if not isinstance(update, StatusUpdate) or _standard(update.number) in batch.ordered:
        return None
    text = "This center has no authorization with that number."
    return MalformedMessage(_UNKNOWN_KEY, "ORC^1^2", text)


def _note_new(center: MedicalCenter, messages: Sequence[Incoming]) -> list[tuple[UUID, Incoming]]:
    """Note each message once; those not seen before. A repeat in flight is waited for."""
    first = {message.header.control_id: message for message in reversed(messages)}
    rows = [
        (uuid7(), control_id, f"{m.header.message_type}^{m.header.trigger}")
        for control_id, m in first.items()
    ]
    if not rows:
        return []
    ids, control_ids, types = (list(column) for column in zip(*rows, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO exchange_inboundmessage
                   (id, center_id, control_id, message_type, received_at, ack_code, ack_text)
               SELECT *, %s, 'AA', '' FROM (
                   SELECT id, %s::uuid, control_id, message_type
                   FROM unnest(%s::uuid[], %s::text[], %s::text[])
                       AS incoming (id, control_id, message_type)) AS rows
               ON CONFLICT (center_id, control_id) DO NOTHING
               RETURNING id, control_id""",
            [clock.now(), center.pk, ids, control_ids, types],
        )
        return [(pk, first[control_id]) for pk, control_id in cursor.fetchall()]


_STATES = {
    "accepted": State.ACCEPTED,
    "refused": State.REFUSED,
    "checked_in": State.CHECKED_IN,
    "completed": State.COMPLETED,
    "no_show": State.NO_SHOW,
}


def _hear(batch: Batch, update: StatusUpdate) -> None:
    authorizations.hear_from_center(
        batch.ordered[_standard(update.number)],
        _STATES[update.status],
        by=batch.actor,
        actor=batch.center.name,
        note=update.reason,
        at=update.at or clock.now(),
    )


def _collect(batch: Batch, result: Result, facts: Sequence[PdfFacts], inbound_id: UUID) -> None:
    for document, fact in zip(result.documents, facts, strict=True):
        authorization = batch.ordered.get(_standard(document.number))
        if why := _doubt(result.patient, document, authorization):
            _hold(batch, result.patient, document, fact, inbound_id, why)
        elif authorization is not None:
            _report(batch, authorization, document, fact)


def _doubt(patient: Patient, document: ResultDocument, authorization: Authorization | None) -> str:
    """Why a person has to decide where this document belongs; "" where it is certain."""
    if report_type(document.report_type) is None:
        return "The report type is not known."
    if not document.number:
        return "The center named no authorization."
    if authorization is None:
        return "No authorization of this center has that number."
    born = patient.date_of_birth
    employee = authorization.employee
    if is_same_person(employee, family=patient.family, given=patient.given, born=born):
        return ""
    return "Name or date of birth differ from the authorization's employee."


def _report(
    batch: Batch, authorization: Authorization, document: ResultDocument, facts: PdfFacts
) -> None:
    kind = report_type(document.report_type)
    assert kind is not None  # noqa: S101 - an unknown type is in doubt
    report = Report(
        employer_id=authorization.employer_id,
        employee_id=authorization.employee_id,
        authorization=authorization,
        center=batch.center,
        report_type=kind,
        kind=kind.kind,
        title=document.title[:200] or kind.label,
        visit_date=_visit_date(document),
        **_stored(document, facts),
    )
    batch.reports.append(report)
    batch.documents.append((report, str(authorization.employer_id), document.data))
    batch.seen[authorization.pk] = authorization
    batch.events.append(
        event(
            Action.REPORT_RECEIVED,
            by=batch.actor,
            employer_id=authorization.employer_id,
            center_id=batch.center.pk,
            subject_id=report.pk,
        )
    )


def _hold(
    batch: Batch,
    patient: Patient,
    document: ResultDocument,
    facts: PdfFacts,
    inbound_id: UUID,
    why: str,
) -> None:
    held = HeldResult(
        center=batch.center,
        inbound_id=inbound_id,
        why=why,
        number=document.number[:199],
        account_number=document.account_number[:199],
        family=patient.family[:200],
        given=patient.given[:200],
        date_of_birth=patient.date_of_birth,
        report_type=document.report_type[:199],
        title=document.title[:200],
        visit_date=_visit_date(document),
        **_stored(document, facts),
    )
    batch.held.append(held)
    batch.documents.append((held, f"held/{batch.center.pk}", document.data))
    batch.events.append(
        event(Action.RESULT_HELD, by=batch.actor, center_id=batch.center.pk, subject_id=held.pk)
    )


def _stored(document: ResultDocument, facts: PdfFacts) -> dict[str, object]:
    return {
        "sha256": hashlib.sha256(document.data).digest(),
        "size": len(document.data),
        "pages": facts.pages,
    }


def _visit_date(document: ResultDocument) -> date:
    return (document.visit_at or clock.now()).astimezone().date()


def _write(batch: Batch) -> None:
    """Documents reach the disk before the rows that name them are committed."""
    names = save_documents([(folder, data) for _, folder, data in batch.documents])
    for (row, _, _), name in zip(batch.documents, names, strict=True):
        row.document = name
    Report.objects.bulk_create(batch.reports)
    HeldResult.objects.bulk_create(batch.held)
    AuditEvent.objects.bulk_create(batch.events)
    for held in batch.held:
        jobs.configure_task(MATCH_JOB, queue="matching").defer(held_id=str(held.pk))
    for authorization in batch.seen.values():
        _was_seen(batch, authorization)


def _was_seen(batch: Batch, authorization: Authorization) -> None:
    """A result says that the employee was there, even where no one said so before."""
    if authorization.state in (State.SUBMITTED, State.DELIVERED, State.ACCEPTED):
        authorizations.hear_from_center(
            authorization,
            State.CHECKED_IN,
            by=batch.actor,
            actor=batch.center.name,
            note="Results arrived.",
            at=clock.now(),
        )
