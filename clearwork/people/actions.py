"""Changing the employer's people. Each action is one transaction, audited inside.

The audit trail names the fields that changed, never what was in them.
"""

from __future__ import annotations

from datetime import date
from typing import Any, NotRequired, TypedDict, Unpack

from django.db import IntegrityError, transaction

from clearwork.access.decide import Viewer
from clearwork.audit.actions import Action, record
from clearwork.employers.models import Worksite
from clearwork.employers.rules import ChangedMeanwhile, fingerprint
from clearwork.people.models import Employee
from clearwork.people.rules import NumberTaken, name_keys


class Facts(TypedDict):
    """What one writes down about an employee."""

    first_name: str
    last_name: str
    date_of_birth: date
    worksite: Worksite
    employee_number: NotRequired[str]
    phone: NotRequired[str]
    email: NotRequired[str]
    job_title: NotRequired[str]
    is_dot_driver: NotRequired[bool]
    hire_date: NotRequired[date | None]
    language: NotRequired[str]


FACTS = tuple(Facts.__annotations__)


@transaction.atomic
def add_employee(*, by: Viewer, **facts: Unpack[Facts]) -> Employee:
    """Raises NumberTaken."""
    employee = Employee(employer_id=by.employer_id, **facts)
    _save(employee)
    _audit(Action.EMPLOYEE_ADDED, employee, by)
    return employee


@transaction.atomic
def change_employee(
    *, by: Viewer, employee: Employee, shown: str, **facts: Unpack[Facts]
) -> Employee:
    """`shown` is seen(employee) of the page. Raises ChangedMeanwhile, NumberTaken."""
    fresh = _fresh(employee)
    if seen(fresh) != shown:
        raise ChangedMeanwhile
    changed = [name for name, value in facts.items() if getattr(fresh, name) != value]
    if changed:
        for name in changed:
            setattr(fresh, name, facts[name])  # type: ignore[literal-required]
        _save(fresh)
        _audit(Action.EMPLOYEE_CHANGED, fresh, by, fields=changed)
    return fresh


def leave_employee(*, by: Viewer, employee: Employee) -> None:
    """They left the employer: off the list for new authorizations. Their record stays."""
    _set_active(employee, by, is_active=False)


def return_employee(*, by: Viewer, employee: Employee) -> None:
    _set_active(employee, by, is_active=True)


def note_view(*, by: Viewer, employee: Employee) -> None:
    """Someone opened their page."""
    _audit(Action.EMPLOYEE_VIEWED, employee, by)


def seen(employee: Employee) -> str:
    """What a form about to be drawn shows of them."""
    return fingerprint(getattr(employee, f"{name}_id", getattr(employee, name)) for name in FACTS)


@transaction.atomic
def _set_active(employee: Employee, by: Viewer, *, is_active: bool) -> None:
    fresh = _fresh(employee)
    if fresh.is_active == is_active:
        return
    fresh.is_active = is_active
    fresh.save(update_fields=("is_active",))
    action = Action.EMPLOYEE_RETURNED if is_active else Action.EMPLOYEE_LEFT
    _audit(action, fresh, by)


def _fresh(employee: Employee) -> Employee:
    return Employee.objects.select_for_update(no_key=True).get(
        employer_id=employee.employer_id, pk=employee.pk
    )


def _save(employee: Employee) -> None:
    for name, key in name_keys(employee.first_name, employee.last_name).items():
        setattr(employee, name, key)
    try:
        with transaction.atomic():
            employee.save()
    except IntegrityError as broken:
        if "employee_number_once" not in str(broken):
            raise
        raise NumberTaken from broken


def _audit(action: Action, employee: Employee, by: Viewer, **detail: Any) -> None:
    record(action, by=by.actor, employer_id=employee.employer_id, subject_id=employee.pk, **detail)
