"""A network to receive for: centers that send, and authorizations that wait for results."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from clearwork.accounts.models import PortalAccess, Role, User
from clearwork.authorizations.models import Authorization
from clearwork.authorizations.rules import Kind, Modality, Reason, State
from clearwork.centers.models import MedicalCenter
from clearwork.database import scope
from clearwork.employers.models import Contact, Employer, Worksite
from clearwork.foundation import clock
from clearwork.foundation.ids import new_number
from clearwork.people.models import Employee
from clearwork.people.rules import name_keys

_BATCH = 1_000


@dataclass(frozen=True)
class Waiting:
    """An authorization whose employee is at the center: what its result will name."""

    number: str
    given: str
    family: str
    born: date


def centers(prefix: str, count: int) -> list[MedicalCenter]:
    with scope.acting_as(scope.OPERATOR):
        return MedicalCenter.objects.bulk_create(_center(prefix, number) for number in range(count))


def _center(prefix: str, number: int) -> MedicalCenter:
    return MedicalCenter(
        code=f"{prefix}-{number}",
        name=f"Center {number}",
        street="100 Mill Road",
        city="Dallas",
        state=("TX", "AZ", "OH", "GA")[number % 4],
        postal_code="75201",
        phone="214-555-0100",
        time_zone="America/Chicago",
        opening_hours="Mo-Fr 08:00-17:00",
        hl7_application="BENCHEHR",
        hl7_facility=f"C-{prefix}-{number}",
        hl7_host="127.0.0.1",
        hl7_port=9,
    )


def employer(account_number: str) -> Worksite:
    """A new employer's one worksite."""
    with scope.acting_as(scope.OPERATOR):
        made = Employer.objects.create(
            account_number=account_number, legal_name=f"Employer {account_number}"
        )
        return Worksite.objects.create(employer=made, name="Plant 1", state="TX")


def admin(worksite: Worksite, name: str) -> User:
    """An Admin User of this employer, `name`@example.com."""
    email = f"{name}@example.com"
    with scope.acting_as(scope.OPERATOR):
        user = User.objects.create(email=email, name=name, is_demo=True)
        contact = Contact.objects.create(
            employer_id=worksite.employer_id, first_name=name, last_name="Admin", email=email
        )
        PortalAccess.objects.create(
            employer_id=worksite.employer_id, user=user, contact=contact, role=Role.ADMIN
        )
    return user


def employees(worksite: Worksite, count: int) -> list[Employee]:
    with scope.acting_as(scope.OPERATOR):
        people = [_employee(worksite, number) for number in range(count)]
        return Employee.objects.bulk_create(people, batch_size=_BATCH)


def authorizations(worksite: Worksite, center: MedicalCenter, count: int) -> list[Waiting]:
    """As many checked-in employees of this employer at this center."""
    with scope.acting_as(scope.OPERATOR):
        people = [_employee(worksite, number) for number in range(count)]
        Employee.objects.bulk_create(people, batch_size=_BATCH)
        creator, _ = User.objects.get_or_create(email="bench@example.com", name="Bench")
        orders = [_authorization(person, center, creator) for person in people]
        Authorization.objects.bulk_create(orders, batch_size=_BATCH)
    return [
        Waiting(order.number, person.first_name, person.last_name, person.date_of_birth)
        for order, person in zip(orders, people, strict=True)
    ]


def _employee(worksite: Worksite, number: int) -> Employee:
    given, family = f"Given{number % 97}", f"Family{number}"
    return Employee(
        employer_id=worksite.employer_id,
        worksite=worksite,
        first_name=given,
        last_name=family,
        date_of_birth=date(1980, 1, 1) + timedelta(days=number % 7_000),
        **name_keys(given, family),
    )


def _authorization(employee: Employee, center: MedicalCenter, creator: User) -> Authorization:
    return Authorization(
        employer_id=employee.employer_id,
        number=new_number("CW"),
        state=State.CHECKED_IN,
        worksite_id=employee.worksite_id,
        employee=employee,
        modality=Modality.IN_CENTER,
        center=center,
        kind=Kind.NON_INJURY,
        reason=Reason.PRE_PLACEMENT,
        valid_from=clock.today(),
        expires=clock.today() + timedelta(days=30),
        created_by=creator,
    )
