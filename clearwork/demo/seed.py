"""Fill an empty database with the demo network and a past to search in.

Everything is drawn from one seeded generator: the same scale makes the same people.
Documents are made by the demo clinic's own templates in two processes.
"""

from __future__ import annotations

import hashlib
import random
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import batched
from multiprocessing import get_context

from clearwork.accounts.models import PortalAccess, Staff, User
from clearwork.audit.actions import Actor
from clearwork.centers.models import MedicalCenter
from clearwork.database import scope
from clearwork.demo import network
from clearwork.demo.account import add_account_information
from clearwork.demo.catalogue import add_catalogue
from clearwork.demo.clinic import documents
from clearwork.demo.open_cases import add_open_cases, admin_of
from clearwork.demo.past_visits import add_past_visits, coded_of
from clearwork.demo.preferences import add_preferences
from clearwork.demo.support_desk import add_support_desk
from clearwork.documents.inspect import inspect_pdf
from clearwork.documents.storage import save_documents
from clearwork.employers.models import Contact, Employer, Worksite
from clearwork.employers.rules import ReportKind, ReportType
from clearwork.exchange.meaning import set_outcome
from clearwork.foundation import clock
from clearwork.people.models import Employee
from clearwork.people.rules import name_keys
from clearwork.results.models import Report

EMPLOYEES = 400
REPORTS = 3_000
_DAYS_BACK = 150
_TOGETHER = 250
_PROCESSES = 2
_TYPES = (
    (ReportType.NON_INJURY_ACTIVITY_STATUS, 30),
    (ReportType.INJURY_ACTIVITY_STATUS, 20),
    (ReportType.MEC_DOT_CARD, 18),
    (ReportType.AUDIOGRAM, 10),
    (ReportType.PRE_PLACEMENT_PHYSICAL, 10),
    (ReportType.RESPIRATOR_CLEARANCE, 4),
    (ReportType.FIT_TEST, 3),
    (ReportType.VACCINE_RECORD, 3),
    (ReportType.TEST_AND_LAB, 2),
)
_SERVICES: dict[str, str] = {
    ReportType.INJURY_ACTIVITY_STATUS: "Injury care",
    ReportType.NON_INJURY_ACTIVITY_STATUS: "Physical examination",
    ReportType.MEC_DOT_CARD: "DOT physical",
}


@dataclass(frozen=True)
class Portal:
    """A ready account of the demo."""

    role: str
    email: str
    employer: str


ACCOUNTS = tuple(
    Portal(role, f"{given.lower()}@{facts.domain}", facts.legal_name)
    for facts in network.EMPLOYERS
    for role, given, _, _ in network.PORTAL_USERS
)


def is_empty() -> bool:
    with scope.acting_as(scope.OPERATOR):
        return not Employer.objects.exists()


def seed(scale: int = 1) -> None:
    """One transaction; `scale` multiplies people and past results."""
    dice = random.Random(f"clearwork {scale}")  # noqa: S311 - invented people
    with scope.acting_as(scope.OPERATOR):
        catalogue = add_catalogue(dice)
        password = User()
        password.set_password(network.PASSWORD)
        employers = [_employer(dice, facts, password.password) for facts in network.EMPLOYERS]
        people = [p for e in employers for p in _employees(dice, e, EMPLOYEES * scale // 3 + 1)]
        for employer in employers:
            admin = admin_of(employer)
            add_preferences(admin, catalogue)
            add_open_cases(dice, admin, catalogue)
        _reports(dice, catalogue.centers, people, REPORTS * scale)
        add_support_desk(password.password)
        support = Actor("staff", User.objects.get(staff=Staff.SUPPORT).pk)
        for employer in employers:
            add_account_information(employer, support=support)


def _employer(dice: random.Random, facts: network.EmployerFacts, password: str) -> Employer:
    employer = Employer.objects.create(
        account_number=facts.account_number,
        legal_name=facts.legal_name,
        drug_screen_portals=f"Lab results https://results.{facts.domain}",
        phone=f"800-555-{dice.randint(100, 199):04}",
    )
    Worksite.objects.bulk_create(Worksite(employer=employer, name=site) for site in facts.worksites)
    for role, given, family, title in network.PORTAL_USERS:
        email = f"{given.lower()}@{facts.domain}"
        user = User.objects.create(
            email=email, name=f"{given} {family}", password=password, is_demo=True
        )
        contact = Contact.objects.create(
            employer=employer, first_name=given, last_name=family, email=email, title=title
        )
        PortalAccess.objects.create(employer=employer, user=user, contact=contact, role=role)
    return employer


def _employees(dice: random.Random, employer: Employer, count: int) -> list[Employee]:
    sites = list(Worksite.objects.filter(employer=employer).order_by("name"))
    people = [_employee(dice, employer, sites, number) for number in range(count)]
    return Employee.objects.bulk_create(people, batch_size=2_000)


def _employee(
    dice: random.Random, employer: Employer, sites: list[Worksite], number: int
) -> Employee:
    given, family = dice.choice(network.GIVEN), dice.choice(network.FAMILY)
    return Employee(
        employer=employer,
        employee_number=f"E{10_000 + number}",
        first_name=given,
        last_name=family,
        date_of_birth=date(1960, 1, 1) + timedelta(days=dice.randrange(365 * 45)),
        phone=f"214-555-{dice.randint(100, 199):04}",
        email=f"employee{10_000 + number}@home.example",
        worksite=dice.choice(sites),
        **network.facts_of(number),
        **name_keys(given, family),
    )


def _reports(
    dice: random.Random, centers: list[MedicalCenter], people: list[Employee], count: int
) -> None:
    rows = (_report(dice, centers, people) for _ in range(count))
    # Spawned, not forked: a child must not share this process's database connection.
    with ProcessPoolExecutor(_PROCESSES, mp_context=get_context("spawn")) as printers:
        for some in batched(rows, _TOGETHER):
            kinds = [row.report_type for row in some]
            pdfs = list(printers.map(documents.make, kinds, map(_facts, some), chunksize=25))
            _save(list(some), pdfs)


def _report(dice: random.Random, centers: list[MedicalCenter], people: list[Employee]) -> Report:
    kinds, weights = zip(*_TYPES, strict=True)
    kind: ReportType = dice.choices(kinds, weights)[0]
    employee = dice.choice(people)
    visited = clock.today() - timedelta(days=dice.randrange(1, _DAYS_BACK))
    posted = datetime.combine(visited, time(dice.randint(9, 17), dice.randrange(60)))
    return Report(
        employer=employee.employer,
        employee=employee,
        center=dice.choice(centers),
        report_type=kind,
        kind=ReportKind(kind.kind),
        title=kind.label,
        visit_date=visited,
        posted_at=posted.astimezone(),
    )


def _facts(row: Report) -> dict[str, str]:
    person = row.employee
    return {
        "seed": str(row.pk),
        "given": person.first_name,
        "family": person.last_name,
        "birth_date": person.date_of_birth.isoformat(),
        "employee_id": person.employee_number,
        "employer": person.employer.legal_name,
        "center": row.center.name,
        "state": row.center.state,
        "visit_date": row.visit_date.isoformat(),
        "services": f"{_SERVICES.get(row.report_type, row.title)}\tCompleted",
    }


def _save(rows: list[Report], pdfs: list[bytes]) -> None:
    names = save_documents(pdfs)
    for row, pdf, name in zip(rows, pdfs, names, strict=True):
        row.document, row.size = name, len(pdf)
        row.sha256, row.pages = hashlib.sha256(pdf).digest(), inspect_pdf(pdf).pages
    told = [(row, coded_of(row, _facts(row))) for row in rows]
    for row, coded in told:
        set_outcome(row, coded)
    Report.objects.bulk_create(rows)
    add_past_visits(told)
