"""Changing the employer's people."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from clearwork.access.decide import Viewer
from clearwork.audit.actions import Action, record
from clearwork.employers.models import Worksite
from clearwork.people.models import Employee
from clearwork.people.rules import name_keys


@transaction.atomic
def add_employee(
    *,
    by: Viewer,
    first_name: str,
    last_name: str,
    date_of_birth: date,
    worksite: Worksite,
    employee_number: str = "",
    phone: str = "",
) -> Employee:
    employee = Employee.objects.create(
        employer_id=by.employer_id,
        first_name=first_name,
        last_name=last_name,
        date_of_birth=date_of_birth,
        worksite=worksite,
        employee_number=employee_number,
        phone=phone,
        **name_keys(first_name, last_name),
    )
    record(Action.EMPLOYEE_ADDED, by=by.actor, employer_id=by.employer_id, subject_id=employee.pk)
    return employee
