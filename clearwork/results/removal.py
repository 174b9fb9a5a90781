"""Information received in error: out of everyone's sight at once, then decided by support.

With a report go its other versions, the driver's certificate it gave, and the visit and
work status that came with it. What is decided about acts as the operator.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from procrastinate.contrib.django import app

from clearwork.access.decide import Viewer
from clearwork.audit.actions import SYSTEM, Action, Actor, record
from clearwork.documents.storage import delete_document
from clearwork.foundation import clock
from clearwork.foundation.ids import uuid7
from clearwork.people.models import Employee
from clearwork.privacy import actions as privacy
from clearwork.privacy.models import PrivacyIncident
from clearwork.privacy.queries import hold_still, holding_reports
from clearwork.privacy.rules import AlreadyDecided, Decision, Kind
from clearwork.results import turns
from clearwork.results.models import DotCertificate, Report
from clearwork.visits import actions as visits
from clearwork.visits import removal as visit_removal

_REFILED = (
    *("center_id", "report_type", "kind", "title", "visit_date", "document", "sha256"),
    *("size", "pages", "link", "filler_number", "corrects", "sent_at"),
    *("outcome", "outcome_until", "withdrawn_at", "withdrawn_why"),
)
DESTROY_JOB = "results.destroy_document"
ASK_JOB = "results.ask_about_correction"
_CORRECTION = (
    "The medical center corrects what was reported as received in error. Ask it whose the"
    " correction is: if it is this employer's, put it back."
)


class OnLegalHold(Exception):
    """What is held for a court is not destroyed."""


class SamePerson(Exception):
    """It was with this employee from the beginning."""


@transaction.atomic
def remove(report: Report, *, words: str, by: Viewer) -> PrivacyIncident | None:
    """Out of the employer's sight, whoever looks; None where a colleague was quicker."""
    turns.take_of([report])
    standing = Report.objects.select_for_update().filter(
        employer_id=by.employer_id, pk=report.pk, incident_id=None
    )
    found = standing.first()
    if found is None:
        return None
    incident = privacy.report_incident(
        Kind.RECEIVED_IN_ERROR,
        by=by.actor,
        employer_id=by.employer_id,
        words=words,
        report_id=found.pk,
    )
    versions = _versions(found)
    for each in versions:
        each.incident_id = incident.pk
        each.save(update_fields=("incident_id",))
        _note(Action.REPORT_REMOVED, each, by.actor)
    for each in versions:
        withhold(each, incident_id=incident.pk)
    return incident


def withhold(report: Report, *, incident_id: UUID) -> None:
    """With its work status; and with its visit, unless another report in sight speaks of it."""
    report.incident_id = incident_id
    report.save(update_fields=("incident_id",))
    visit = visit_of(report)
    same = {name: value for name, value in visit.items() if name != "visited_on"}
    others = Report.objects.filter(**same, visit_date=report.visit_date, incident_id=None)
    visit_removal.withhold(
        report_id=report.pk, visit=visit, incident_id=incident_id, whole=not others.exists()
    )


def ask_about(correction: Report) -> None:
    """Out of sight, by an incident of its own, which a job reports: a center must not."""
    pk = uuid7()
    withhold(correction, incident_id=pk)
    ids = {"incident_id": str(pk), "report_id": str(correction.pk)}
    app.configure_task(ASK_JOB, queue=privacy.QUEUE).defer(
        employer_id=str(correction.employer_id), **ids
    )


def asked_about(*, employer_id: UUID, incident_id: UUID, report_id: UUID) -> None:
    """Report the incident of ask_about(), once. As the operator."""
    if not PrivacyIncident.objects.filter(pk=incident_id).exists():
        privacy.report_incident(
            Kind.RECEIVED_IN_ERROR,
            by=SYSTEM,
            employer_id=employer_id,
            words=_CORRECTION,
            report_id=report_id,
            pk=incident_id,
        )


def visit_of(report: Report) -> dict[str, Any]:
    """The fields of the visit a report speaks of: of an order's visits of a day there is one."""
    names = ("employer_id", "employee_id", "center_id", "authorization_id")
    key = {name: getattr(report, name) for name in names} | {"visited_on": report.visit_date}
    return key if report.authorization_id else key | {"kind": report.kind}


@transaction.atomic
def put_back(incident: PrivacyIncident, *, reason: str, by: Actor) -> None:
    """It was theirs after all, and so is what corrects it. Raises AlreadyDecided."""
    reports = list(_decided(incident, Decision.RESTORED, reason=reason, by=by))
    for report in reports:
        report.incident_id = None
        report.save(update_fields=("incident_id",))
        _note(Action.REPORT_PUT_BACK, report, by)
        visit_removal.show(visit_of(report))
    visit_removal.put_back(employer_id=incident.employer_id, incident_id=incident.pk)
    for report in reports:
        _put_back_correction(report, reason=reason, by=by)


def _put_back_correction(report: Report, *, reason: str, by: Actor) -> None:
    """Unless it was decided about: see ask_about()."""
    own = Report.objects.filter(employer_id=report.employer_id, incident_id__isnull=False)
    correction = own.filter(earlier_versions=report).first()
    if correction is not None and correction.incident_id is not None:
        pk, employer_id = correction.incident_id, correction.employer_id
        asked_about(employer_id=employer_id, incident_id=pk, report_id=correction.pk)
        with suppress(AlreadyDecided):
            put_back(PrivacyIncident.objects.get(pk=pk), reason=reason, by=by)


@transaction.atomic
def destroy(incident: PrivacyIncident, *, reason: str, by: Actor) -> None:
    """For good: only a record without content is kept. Raises AlreadyDecided, OnLegalHold."""
    hold_still()
    reports = _decided(incident, Decision.DESTROYED, reason=reason, by=by)
    list(reports.select_for_update(of=("self",)))  # whoever is holding one has done so then
    if reports.filter(Q(held_at__isnull=False) | Q(holding_reports())).exists():
        raise OnLegalHold
    for report in reports:
        _empty(report, document=report.document)  # until the job has destroyed it
        _note(Action.REPORT_DESTROYED, report, by)
        ids = {"employer_id": str(report.employer_id), "report_id": str(report.pk)}
        app.configure_task(DESTROY_JOB, queue=privacy.QUEUE).defer(**ids)
    visit_removal.take_out(employer_id=incident.employer_id, incident_id=incident.pk)


@transaction.atomic
def release(
    incident: PrivacyIncident, *, employee: Employee, reason: str, by: Actor
) -> list[Report]:
    """File it with the employee it belongs to, at whichever employer; the document as it is.

    As filed there, the latest version first: see versions.release. Raises AlreadyDecided,
    SamePerson.
    """
    reports = _decided(incident, Decision.RELEASED, reason=reason, by=by)
    filed: dict[UUID, Report] = {}
    for report in reports:  # the latest version first: others point at it
        if report.employee_id == employee.pk:
            raise SamePerson
        filed[report.pk] = _refile(report, employee, filed)
        _note(Action.REPORT_RELEASED, report, by)
        _note(Action.REPORT_RECEIVED, filed[report.pk], by)
    news = visit_removal.take_out(employer_id=incident.employer_id, incident_id=incident.pk)
    visits.note([_readdressed(each, filed, employee) for each in news])
    return list(filed.values())


def released_as(report: Report) -> QuerySet[Report]:
    """Where else a center's report was filed, once it was known whose it is."""
    names = ("center_id", "visit_date", "filler_number", "report_type", "sha256")
    same = Report.objects.filter(**{name: getattr(report, name) for name in names})
    found = same.filter(incident_id=None, withdrawn_at=None).exclude(pk=report.pk)
    return found if report.incident_id and report.destroyed_at else found.none()


@transaction.atomic
def destroy_document(report: Report) -> None:
    """The bytes of a report that was destroyed; once."""
    if report.destroyed_at and report.document:
        delete_document(report.document)
        report.document = ""
        report.save(update_fields=("document",))


def _decided(
    incident: PrivacyIncident, decision: Decision, *, reason: str, by: Actor
) -> QuerySet[Report]:
    """Its reports, as they are in their orders' turn. Raises AlreadyDecided."""
    privacy.decide(incident, decision, reason=reason, by=by)
    turns.take_of(removed(incident))
    return removed(incident)


def removed(incident: PrivacyIncident) -> QuerySet[Report]:
    """The reports an incident took away, the latest version first."""
    own = Report.objects.filter(employer_id=incident.employer_id, incident_id=incident.pk)
    return own.order_by("-posted_at", "-id")


def _versions(report: Report) -> list[Report]:
    """All of one report: what it corrects, and what corrects it."""
    own = Report.objects.filter(employer_id=report.employer_id)
    newest = report
    while newest.superseded_by_id:
        newest = own.get(pk=newest.superseded_by_id)
    found, latest = [newest], [newest.pk]
    while latest:
        older = list(own.filter(superseded_by__in=latest))
        latest = [each.pk for each in older]
        found += older
    return found


def _refile(report: Report, employee: Employee, filed: dict[UUID, Report]) -> Report:
    """The same document under the other employer; what stays here is empty."""
    newer = filed.get(report.superseded_by_id) if report.superseded_by_id else None
    fresh = Report(
        employer_id=employee.employer_id,
        employee=employee,
        superseded_by=newer,
        **{name: getattr(report, name) for name in _REFILED},
    )
    fresh.save(force_insert=True)
    _move_certificate(report, fresh)
    _empty(report)
    return fresh


def _move_certificate(report: Report, fresh: Report) -> None:
    own = DotCertificate.objects.filter(employer_id=report.employer_id, report=report)
    for certificate in list(own):
        DotCertificate(
            employer_id=fresh.employer_id,
            employee_id=fresh.employee_id,
            report=fresh,
            center_id=certificate.center_id,
            certified_from=certificate.certified_from,
            expires=certificate.expires,
            registry_number=certificate.registry_number,
            limitations=certificate.limitations,
        ).save(force_insert=True)


def _empty(report: Report, *, document: str = "") -> None:
    """Leave a record without content, and no certificate."""
    DotCertificate.objects.filter(employer_id=report.employer_id, report=report).delete()
    report.document, report.link = document, ""
    report.destroyed_at = clock.now()
    report.save(update_fields=("document", "link", "destroyed_at"))


def _readdressed(
    news: visits.News, filed: Mapping[UUID, Report], employee: Employee
) -> visits.News:
    fresh = filed.get(news.source_id) if news.source_id else None
    return replace(
        news,
        employer_id=employee.employer_id,
        employee_id=employee.pk,
        authorization_id=None,
        source_id=fresh.pk if fresh else None,
    )


def _note(action: Action, report: Report, by: Actor) -> None:
    record(action, by=by, employer_id=report.employer_id, subject_id=report.pk)
