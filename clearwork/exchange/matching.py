"""Whose result is it? Filed only where exactly one person fits; else a person decides."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from clearwork.audit.actions import SYSTEM, Action, Actor, record
from clearwork.authorizations import changes
from clearwork.authorizations.models import Authorization
from clearwork.authorizations.rules import LAPSED, NUMBER_PREFIX, WAITING, State
from clearwork.centers.models import MedicalCenter
from clearwork.database import scope
from clearwork.employers.models import Employer
from clearwork.employers.rules import ReportType, report_type
from clearwork.exchange.hl7.coded import unpack
from clearwork.exchange.hl7.result import Patient
from clearwork.exchange.meaning import certificate_of, set_outcome, visit_of
from clearwork.exchange.models import HeldResult
from clearwork.foundation import clock
from clearwork.foundation.ids import read_number
from clearwork.people.models import Employee, EmployeeMerge
from clearwork.people.rules import name_keys
from clearwork.results import turns, versions
from clearwork.results.models import Report
from clearwork.visits import actions as visits

NOT_SEEN_YET = WAITING | LAPSED
_KEPT = (
    *("center_id", "title", "visit_date", "document", "sha256", "size", "pages", "link"),
    *("filler_number", "corrects", "sent_at"),
)


def is_same_person(employee: Employee, patient: Patient) -> bool:
    """Whether the message speaks of this employee: name and date of birth agree."""
    return _has_name(employee, patient) and employee.date_of_birth == patient.date_of_birth


def is_another_person(employee: Employee, patient: Patient) -> bool:
    """Whether it surely speaks of someone else: neither the name nor the date of birth agrees."""
    if not patient.family or patient.date_of_birth is None:
        return False
    return not _has_name(employee, patient) and employee.date_of_birth != patient.date_of_birth


def _has_name(employee: Employee, patient: Patient) -> bool:
    return employee.name_key == name_keys(patient.given, patient.family)["name_key"]


def note_seen(
    authorization: Authorization,
    center: MedicalCenter,
    *,
    by: Actor,
    state: State = State.CHECKED_IN,
) -> None:
    """A result says that the employee was there, even where no one said so before."""
    changes.hear_from_center(
        authorization,
        state,
        by=by,
        actor=center.name,
        note="Results arrived.",
        at=clock.now(),
    )


def file_if_certain(held_id: UUID) -> bool:
    """File a held result by employer account, name and date of birth, when exactly one fits.

    Or by the number of centralized care, which is of no center: where the person agrees, too. Or
    by that of an order made for a record that is one with the employee's since. A result that
    named another authorization stays held: what it says contradicts itself.
    """
    with scope.acting_as(scope.OPERATOR):
        held = HeldResult.objects.select_for_update().filter(pk=held_id, filed_at=None).first()
        kind = report_type(held.report_type) if held else None
        if held is None or kind is None:
            return False
        authorization = _named(held) if held.number else None
        employee = authorization.employee if authorization else _only_fit(held)
        if employee is not None:
            file_held(held, employee, kind, by=SYSTEM, authorization=authorization)
        return employee is not None


def _named(held: HeldResult) -> Authorization | None:
    """The order it names, where the person agrees: of no center, or as the employee was known."""
    number = read_number(NUMBER_PREFIX, held.number) or held.number
    of_whom = Q(center=None) | Q(center=held.center_id)
    found = Authorization.objects.filter(of_whom, number=number).select_related("employee").first()
    if found is None:
        return None
    patient = Patient(held.family, held.given, held.date_of_birth, "")
    is_same = is_same_person(found.employee, patient)
    return found if is_same or _merged(held).filter(kept=found.employee).exists() else None


def _merged(held: HeldResult) -> QuerySet[EmployeeMerge]:
    """Where a record of this name and date of birth was made one with another."""
    if held.date_of_birth is None:
        return EmployeeMerge.objects.none()
    return EmployeeMerge.objects.filter(
        undone_at=None,
        gone__name_key=name_keys(held.given, held.family)["name_key"],
        gone__date_of_birth=held.date_of_birth.isoformat(),
    )


def _only_fit(held: HeldResult) -> Employee | None:
    employer = Employer.objects.filter(account_number=held.account_number).first()
    if employer is None or held.date_of_birth is None or held.number:
        return None
    keys = name_keys(held.given, held.family)
    so_called = Q(name_key=keys["name_key"], date_of_birth=held.date_of_birth)
    merged = _merged(held).filter(employer=employer).values("kept")
    with scope.acting_as(scope.employer(employer.pk)):  # the database, too, looks nowhere else
        fitting = Employee.objects.filter(so_called | Q(pk__in=merged), employer=employer)
        found = list(fitting[:2])
    return found[0] if len(found) == 1 else None


def file_held(
    held: HeldResult,
    employee: Employee,
    kind: ReportType,
    *,
    by: Actor,
    authorization: Authorization | None = None,
) -> None:
    """Make a report of it, with all it said of the visit; not a byte of it is altered."""
    turns.take([authorization.number if authorization else str(employee.pk)])
    report = Report(
        employer_id=employee.employer_id,
        employee=employee,
        authorization=authorization,
        report_type=kind,
        kind=kind.kind,
        **{name: getattr(held, name) for name in _KEPT},
    )
    coded = unpack(held.coded)
    set_outcome(report, coded)
    report.save(force_insert=True)
    visits.note([visit_of(report, coded, None, authorization.kind if authorization else kind.kind)])
    if certificate := certificate_of(report, coded):
        certificate.save(force_insert=True)
    versions.settle(report, by=by)
    if authorization and authorization.state in NOT_SEEN_YET:
        # Of centralized care nobody says when it is over.
        state = State.CHECKED_IN if authorization.center_id else State.COMPLETED
        note_seen(authorization, held.center, by=by, state=state)
    held.filed_at = clock.now()
    held.save(update_fields=("filed_at",))
    record(
        Action.REPORT_RECEIVED,
        by=by,
        employer_id=employee.employer_id,
        center_id=held.center_id,
        subject_id=report.pk,
    )
