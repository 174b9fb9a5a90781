"""The standing cast. Every story in the tests is about these people.

Alice is Admin User at Northwind Freight, Victor is View Only User there. Bob is
Admin User at Southport Tile, another employer. Both employers have a Maria
Garcia born on the same day: nothing but the employer tells them apart. Dallas
takes OMG^O19 orders, Mesa takes ORM^O01.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import product
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db.models import Model

from clearwork.access.decide import Viewer
from clearwork.accounts.models import PortalAccess, Role, User
from clearwork.authorizations.actions import Injury, Order
from clearwork.authorizations.rules import Kind, Modality, Reason
from clearwork.centers.models import MedicalCenter, Service
from clearwork.database import fast
from clearwork.employers.models import Contact, Employer, Worksite
from clearwork.foundation import clock
from clearwork.people.models import Employee
from clearwork.people.rules import name_keys

PASSWORD = "correct horse battery"
BORN = date(1988, 4, 17)


@dataclass(frozen=True)
class Person:
    user: User
    viewer: Viewer


@dataclass(frozen=True)
class Cast:
    northwind: Employer
    southport: Employer
    alice: Person
    victor: Person
    bob: Person
    plant: Worksite
    yard: Worksite
    maria: Employee
    wei: Employee
    other_maria: Employee
    dallas: MedicalCenter
    mesa: MedicalCenter
    dot_physical: Service
    audiogram: Service
    injury_care: Service

    def order(self, **changes: Any) -> Order:
        """Alice's usual order: a DOT physical for Maria in Dallas."""
        usual: dict[str, Any] = {
            "employee": self.maria,
            "worksite": self.plant,
            "modality": Modality.IN_CENTER,
            "center": self.dallas,
            "kind": Kind.NON_INJURY,
            "reason": Reason.PRE_PLACEMENT,
            "services": [self.dot_physical],
            "valid_from": clock.today(),
            "expires": clock.today() + timedelta(days=30),
        }
        return Order(**{**usual, **changes})

    def injury_order(self, **changes: Any) -> Order:
        injury = Injury(
            injury_date=clock.today(), body_part="Left hand", what_happened="Cut by a tile edge."
        )
        usual = {"kind": Kind.INJURY, "services": [self.injury_care], "injury": injury}
        return self.order(**{**usual, **changes})


def assemble() -> Cast:
    """Bring the cast on stage. Runs as the operator, inside a transaction."""
    northwind = Employer(account_number="200100", legal_name="Northwind Freight")
    southport = Employer(account_number="200200", legal_name="Southport Tile")
    plant = Worksite(employer=northwind, name="Plant 4", state="TX")
    yard = Worksite(employer=southport, name="Yard", state="AZ")
    people = [
        _access(northwind, "Alice", Role.ADMIN),
        _access(northwind, "Victor", Role.VIEW_ONLY),
        _access(southport, "Bob", Role.ADMIN),
    ]
    alice, victor, bob = (
        Person(one.user, viewer(one.user, one.employer, one.role)) for one in people
    )
    cast = Cast(
        northwind=northwind,
        southport=southport,
        alice=alice,
        victor=victor,
        bob=bob,
        plant=plant,
        yard=yard,
        maria=_employee(plant, "Maria", "Garcia", employee_number="N-1"),
        wei=_employee(plant, "小明", "王", employee_number="N-2"),
        other_maria=_employee(yard, "Maria", "Garcia", employee_number="S-1"),
        dallas=_center("Dallas", "TX", "OMG_O19"),
        mesa=_center("Mesa", "AZ", "ORM_O01"),
        dot_physical=_service("DOT-PHYS", "DOT physical", "non_injury"),
        audiogram=_service("AUDIO", "Audiogram", "non_injury"),
        injury_care=_service("INJ-CARE", "Injury care, first visit", "injury"),
    )
    of_cast = (one for one in vars(cast).values() if isinstance(one, Model))
    of_people = (row for one in people for row in (one.user, one.contact, one))
    _insert([*of_cast, *of_people])
    offer_everything(cast)
    return cast


def _insert(rows: Sequence[Model]) -> None:
    """All in one statement: thousands of tests begin with these rows."""
    for row in rows:
        for each in row._meta.local_concrete_fields:
            setattr(row, each.attname, each.pre_save(row, add=True))
    fast.insert_all(rows)


def offer_everything(cast: Cast) -> None:
    """Both centers offer all there is in the catalogue by now. Runs as the operator."""
    services = Service.objects.values_list("pk", flat=True)
    offered = MedicalCenter.services.through
    pairs = product((cast.dallas.pk, cast.mesa.pk), services)
    offered._default_manager.bulk_create(
        [offered(medicalcenter_id=center, service_id=service) for center, service in pairs],
        ignore_conflicts=True,
    )


def employee(
    worksite: Worksite, first: str, last: str, *, born: date = BORN, **facts: Any
) -> Employee:
    made = _employee(worksite, first, last, born=born, **facts)
    made.save(force_insert=True)
    return made


def _employee(
    worksite: Worksite, first: str, last: str, *, born: date = BORN, **facts: Any
) -> Employee:
    return Employee(
        employer_id=worksite.employer_id,
        worksite=worksite,
        first_name=first,
        last_name=last,
        date_of_birth=born,
        **name_keys(first, last),
        **facts,
    )


def person(employer: Employer, name: str, role: Role) -> Person:
    """Someone more at an employer, e.g. a second Admin User. Runs as the operator."""
    access = _access(employer, name, role)
    _insert([access.user, access.contact, access])
    return Person(access.user, viewer(access.user, employer, role))


def _access(employer: Employer, name: str, role: Role) -> PortalAccess:
    email = f"{name.lower()}@{employer.legal_name.split()[0].lower()}.example"
    user = User(email=email, password=_password(), name=f"{name} Example", is_demo=True)
    contact = Contact(employer=employer, first_name=name, last_name="Example", email=email)
    return PortalAccess(employer=employer, user=user, contact=contact, role=role)


@cache
def _password() -> str:
    """Hashed once for all tests: it is slow on purpose."""
    return make_password(PASSWORD)


def viewer(user: User, employer: Employer, role: str) -> Viewer:
    return Viewer(
        user_id=UUID(str(user.pk)),
        name=user.name,
        employer_id=employer.pk,
        employer_name=employer.legal_name,
        account_number=employer.account_number,
        role=role,
    )


def _center(city: str, state: str, order_message: str) -> MedicalCenter:
    return MedicalCenter(
        code=f"{state}-{city[:3].upper()}",
        name=f"{city} Medical Center",
        street="100 Mill Road",
        city=city,
        state=state,
        postal_code="75201",
        phone="214-555-0100",
        time_zone="America/Chicago" if state == "TX" else "America/Phoenix",
        opening_hours="Mo-Fr 08:00-17:00",
        order_message=order_message,
        hl7_application="TESTEHR",
        hl7_facility=f"C-{state}-{city[:3].upper()}",
        hl7_host="127.0.0.1",
        hl7_port=9,
    )


def _service(code: str, name: str, kind: str) -> Service:
    shelf = "injury_care" if kind == "injury" else "physicals"
    return Service(code=code, name=name, kind=kind, category=shelf)
