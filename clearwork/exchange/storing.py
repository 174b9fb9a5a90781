"""Storing what centers sent: in one transaction, acting as one center after the other.

One result costs three round trips to the database, and so do many: their statements
travel together, the commit with the last of them (see database.fast). Documents are
written while the database looks up what they belong to.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from procrastinate.contrib.django import app as jobs

from clearwork.audit.actions import Action, Actor, event
from clearwork.audit.models import AuditEvent
from clearwork.authorizations.answers import was_asked
from clearwork.authorizations.models import Authorization
from clearwork.authorizations.queries import of_center
from clearwork.authorizations.rules import NUMBER_PREFIX
from clearwork.centers.models import MedicalCenter
from clearwork.database import fast, scope
from clearwork.documents.inspect import PdfFacts
from clearwork.documents.storage import delete_document, save_documents
from clearwork.employers.rules import report_type
from clearwork.exchange import settling
from clearwork.exchange.hearing import answered, hear
from clearwork.exchange.hl7.coded import pack
from clearwork.exchange.hl7.dates import is_ahead
from clearwork.exchange.hl7.message import Header, MalformedMessage
from clearwork.exchange.hl7.result import Patient, Result, ResultDocument, Withdrawal
from clearwork.exchange.hl7.status import StatusUpdate
from clearwork.exchange.matching import (
    NOT_SEEN_YET,
    is_another_person,
    is_same_person,
    note_seen,
)
from clearwork.exchange.meaning import certificate_of, day_of, set_outcome, visit_of
from clearwork.exchange.models import HeldResult
from clearwork.foundation import clock
from clearwork.foundation.ids import read_number, uuid7
from clearwork.results import turns, versions
from clearwork.results.models import DotCertificate, Report
from clearwork.visits import actions as visits
from clearwork.visits.actions import News

type Content = Result | StatusUpdate
type Refused = tuple["Incoming", MalformedMessage]
type Noted = Iterator[tuple[UUID, "Incoming"]]
type Corrected = Iterator[tuple[UUID, str, str]]

MATCH_JOB = "exchange.match"
_UNKNOWN_KEY = 204
_UNKNOWN_NUMBER = "This center has no authorization with that number."
_OTHER_PERSON = "That authorization is another patient's: check its number."
_NOT_ASKED = "This center was not asked to change or cancel that authorization."
_UNKNOWN_REPORT = "This center posted no such report for that authorization and filler number."
_NOTE = """
    INSERT INTO exchange_inboundmessage
        (id, center_id, control_id, message_type, received_at, ack_code, ack_text)
    SELECT id, %s, control_id, message_type, %s, 'AA', ''
    FROM unnest(%s::uuid[], %s::text[], %s::text[]) AS incoming (id, control_id, message_type)
    ON CONFLICT (center_id, control_id) DO NOTHING
    RETURNING id, control_id
"""


@dataclass(frozen=True)
class Incoming:
    """A message that was read; `facts` are those of its documents, in order."""

    header: Header
    content: Content
    facts: tuple[PdfFacts, ...]


class Papers:
    """The documents of messages on their way in, saved before anyone knows whose they are."""

    def __init__(self) -> None:
        self._names: dict[int, str] = {}
        self._kept: set[str] = set()

    def save(self, messages: Iterable[Incoming]) -> None:
        """On disk when this returns, and so before the rows that name them are committed."""
        contents = [message.content for message in messages]
        found = [one for content in contents for one in _documents(content) if not one.link]
        names = save_documents([document.data for document in found])
        self._names.update(zip(map(id, found), names, strict=True))

    def keep(self, document: ResultDocument) -> str:
        """The document's name, for the row that will hold it; a link has none."""
        if document.link:
            return ""
        name = self._names[id(document)]
        self._kept.add(name)
        return name

    def destroy_rest(self) -> None:
        """Only after the commit: those of repeated messages, which no row names."""
        for name in self._names.values():
            if name not in self._kept:
                delete_document(name)


@dataclass
class Batch:
    """What one center sent, and the rows it becomes."""

    center: MedicalCenter
    messages: Sequence[Incoming]
    papers: Papers
    ordered: dict[str, Authorization] = field(default_factory=dict)
    reports: list[Report] = field(default_factory=list)
    held: list[HeldResult] = field(default_factory=list)
    events: list[AuditEvent] = field(default_factory=list)
    visits: list[News] = field(default_factory=list)
    certificates: list[DotCertificate] = field(default_factory=list)
    corrected: set[tuple[UUID, str, str]] = field(default_factory=set)
    versions: list[Report] = field(default_factory=list)
    seen: dict[UUID, Authorization] = field(default_factory=dict)

    @property
    def actor(self) -> Actor:
        return Actor("center", self.center.pk)

    @property
    def results(self) -> list[Incoming]:
        return [message for message in self.messages if _documents(message.content)]

    @property
    def has_news(self) -> bool:
        """Whether there is something to tell."""
        told = self.held or self.seen or self.versions
        return bool(told or len(self.results) < len(self.messages))

    def become(self) -> None:
        if scope.current() != (own := scope.center(self.center.pk)):
            scope.become(own)


def store(arrived: Mapping[MedicalCenter, Sequence[Incoming]], papers: Papers) -> list[Batch]:
    """Store what each center sent, in the open transaction. Repeats are left out.

    One center after the other as everywhere, so that two who wait for each other's orders wait in
    one direction.
    """
    in_order = sorted(arrived.items(), key=lambda sent: sent[0].pk)
    batches = [Batch(center, messages, papers) for center, messages in in_order]
    asked = [(batch, _ask(batch)) for batch in batches]
    papers.save(message for batch in batches for message in batch.messages)
    for batch, answers in asked:
        _collect_results(batch, *answers)
    for batch in batches:
        _write(batch)
    return batches


def tell(batches: Iterable[Batch]) -> list[Refused]:
    """Pass on what results and status updates mean for authorizations and for people.

    What cannot be passed on comes back, each message with its error.
    """
    return [refused for batch in batches for refused in _tell(batch)]


def _ask(batch: Batch) -> tuple[Noted, Iterator[Authorization], Corrected]:
    """Send off the questions a batch of results begins with."""
    batch.become()
    numbers = sorted({n for message in batch.messages for n in _numbers(message.content)})
    turns.take(numbers)
    noted, center_id = _note(batch.center, batch.results), batch.center.pk
    return noted, of_center(center_id, numbers), versions.corrected(center_id, numbers)


def _numbers(content: Content) -> Iterator[str]:
    for part in _parts(content):
        if part.number:
            yield _standard(part.number)


def _parts(content: Content) -> Sequence[ResultDocument | Withdrawal | StatusUpdate]:
    if isinstance(content, Result):
        return (*content.documents, *content.withdrawals)
    return (content,)


def _documents(content: Content) -> tuple[ResultDocument, ...]:
    return tuple(content.documents) if isinstance(content, Result) else ()


def _standard(number: str) -> str:
    return read_number(NUMBER_PREFIX, number) or number


def _note(center: MedicalCenter, messages: Sequence[Incoming]) -> Noted:
    """Note each message once; gives those not seen before. A repeat in flight is waited for.

    Sent at once, answered when iterated. In the order of the control ids, so that two
    transactions that wait for each other's repeats wait in one direction.
    """
    first = {message.header.control_id: message for message in reversed(messages)}
    if not first:
        return iter(())
    types = [f"{m.header.message_type}^{m.header.trigger}" for _, m in sorted(first.items())]
    ids = [uuid7() for _ in first]
    noted = fast.execute(_NOTE, [center.pk, clock.now(), ids, sorted(first), types])
    return ((pk, first[control_id]) for pk, control_id in noted)


def _collect_results(
    batch: Batch, noted: Noted, ordered: Iterator[Authorization], corrected: Corrected
) -> None:
    new = {id(message): inbound_id for inbound_id, message in noted}
    batch.ordered = {authorization.number: authorization for authorization in ordered}
    batch.corrected = set(corrected)
    for message in batch.messages:  # in the order they came: the later one counts
        if id(message) in new and isinstance(message.content, Result):
            _collect(batch, message.content, message.facts, new[id(message)])


def _tell(batch: Batch) -> Iterator[Refused]:
    batch.become()
    for held in batch.held:
        jobs.configure_task(MATCH_JOB, queue="matching").defer(held_id=str(held.pk))
    for _, authorization in sorted(batch.seen.items()):  # by id, as whoever locks several
        note_seen(authorization, batch.center, by=batch.actor)
    for report in batch.versions:
        versions.settle(report, by=batch.actor)
    for message in batch.messages:
        if isinstance(message.content, StatusUpdate):
            yield from _update(batch, message, message.content)
        elif message.content.withdrawals:
            yield from _retract(batch, message, message.content)


def _update(batch: Batch, message: Incoming, update: StatusUpdate) -> Iterator[Refused]:
    authorization = batch.ordered.get(_standard(update.number))
    if authorization is None:
        yield message, MalformedMessage(_UNKNOWN_KEY, "ORC^1^2", _UNKNOWN_NUMBER)
    elif is_another_person(authorization.employee, update.patient):
        yield message, MalformedMessage(_UNKNOWN_KEY, "PID^1^5", _OTHER_PERSON)
    elif (answer := answered(update)) and not was_asked(authorization, answer):
        yield message, MalformedMessage(_UNKNOWN_KEY, "ORC^1^1", _NOT_ASKED)
    elif list(_note(batch.center, [message])):
        hear(authorization, update, batch.center)


def _retract(batch: Batch, message: Incoming, content: Result) -> Iterator[Refused]:
    """Withdraw all that the message names, or nothing."""
    found = [_named(batch, content.patient, each) for each in content.withdrawals]
    if not all(found):
        yield message, MalformedMessage(_UNKNOWN_KEY, "ORC^1^3", _UNKNOWN_REPORT)
    elif list(_note(batch.center, [message])):
        for named, withdrawal in zip(found, content.withdrawals, strict=True):
            for one in named:
                if isinstance(one, Report):
                    versions.withdraw(one, why=withdrawal.why, by=batch.actor)
                else:
                    settling.take_back(one, why=withdrawal.why, by=batch.actor)


def _named(batch: Batch, patient: Patient, withdrawal: Withdrawal) -> Sequence[Report | HeldResult]:
    """What a center takes back: its report of this order, type and patient; or what was held."""
    authorization = batch.ordered.get(_standard(withdrawal.number))
    # Of someone renamed since, too: what must not be read has to go.
    if authorization and not is_another_person(authorization.employee, patient):
        filler, kind = withdrawal.filler_number, withdrawal.report_type
        if report := versions.latest(authorization, filler, kind):
            return [report]
    named = (batch.center.pk, patient, withdrawal)
    return [*settling.held_as(*named), *settling.filed_as(*named)]


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
    if is_same_person(authorization.employee, patient):
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
        authorization_id=authorization.pk,
        center_id=batch.center.pk,
        report_type=kind,
        kind=kind.kind,
        title=document.title[:200] or kind.label,
        visit_date=day_of(_visited_at(document)),
        **_stored(batch, document, facts),
    )
    set_outcome(report, document.coded)
    batch.reports.append(report)
    if report.corrects or (authorization.pk, report.filler_number, kind) in batch.corrected:
        batch.versions.append(report)
    at = _visited_at(document)
    batch.visits.append(visit_of(report, document.coded, at, authorization.kind))
    if certificate := certificate_of(report, document.coded):
        batch.certificates.append(certificate)
    if authorization.state in NOT_SEEN_YET:
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
        visit_date=day_of(_visited_at(document)),
        coded=pack(document.coded),
        **_stored(batch, document, facts),
    )
    batch.held.append(held)
    batch.events.append(
        event(Action.RESULT_HELD, by=batch.actor, center_id=batch.center.pk, subject_id=held.pk)
    )


def _stored(batch: Batch, document: ResultDocument, facts: PdfFacts) -> dict[str, object]:
    return {
        "corrects": document.corrects,
        "sent_at": _sent_at(document),
        "document": batch.papers.keep(document),
        "link": document.link,
        "filler_number": document.filler_number[:199],
        "sha256": hashlib.sha256(document.data or document.link.encode()).digest(),
        "size": len(document.data),
        "pages": facts.pages,
    }


def _sent_at(document: ResultDocument) -> datetime:
    """Of a center whose clock is far ahead, when it came: else no correction came after it."""
    now = clock.now()
    return now if is_ahead(document.sent_at, now) else document.sent_at or now


def _visited_at(document: ResultDocument) -> datetime:
    return document.visit_at or clock.now()


def _write(batch: Batch) -> None:
    batch.become()
    fast.insert_all([*batch.reports, *batch.held, *batch.certificates, *batch.events])
    visits.note(batch.visits)
