"""Orders as an integration sends them: read many at once, each checked as the form's is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import time, timedelta
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field

from clearwork.access.decide import Viewer
from clearwork.api.problems import at, invalid
from clearwork.api.schemas import NO_NUL, Day, In
from clearwork.authorizations import instructions, ordering
from clearwork.authorizations.actions import Order
from clearwork.authorizations.dot import OF_DRUG_TESTS, Agency, DotTest, Specimen
from clearwork.authorizations.ordering import Injury
from clearwork.authorizations.rules import Kind, Modality, Reason
from clearwork.centers import queries as centers
from clearwork.centers.models import MedicalCenter, Service
from clearwork.employers.models import Worksite
from clearwork.foundation import clock
from clearwork.people import queries as people
from clearwork.people.models import Employee

_INJURY = frozenset(field.name for field in fields(Injury))
Code = Annotated[str, Field(max_length=40, pattern=NO_NUL)]
_WRONG_SERVICE = "Not on offer: use the codes of GET /services."


class InjuryIn(In):
    injury_date: Day | None = None
    injury_time: str = Field("", pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9])?$", examples=["14:05"])
    body_part: str = Field("", max_length=120, pattern=NO_NUL)
    what_happened: str = Field("", max_length=2000, pattern=NO_NUL)
    claim_number: str = Field("", max_length=60, pattern=NO_NUL)
    insurer: str = Field("", max_length=120, pattern=NO_NUL)


class DotIn(In):
    """The data of 49 CFR 40.14; a test without them is refused."""

    donor_id: str = Field("", max_length=40, pattern=NO_NUL)
    agency: Agency | None = None
    specimen: Specimen | None = None
    observed: bool | None = None
    der_name: str = Field("", max_length=120, pattern=NO_NUL)
    der_phone: str = Field("", max_length=40, pattern=NO_NUL)
    laboratory_name: str = Field("", max_length=120, pattern=NO_NUL)
    laboratory_address: str = Field("", max_length=200, pattern=NO_NUL)
    mro_name: str = Field("", max_length=120, pattern=NO_NUL)
    mro_address: str = Field("", max_length=200, pattern=NO_NUL)
    mro_phone: str = Field("", max_length=40, pattern=NO_NUL)
    mro_fax: str = Field("", max_length=40, pattern=NO_NUL)
    ctpa_name: str = Field("", max_length=120, pattern=NO_NUL)
    ctpa_address: str = Field("", max_length=200, pattern=NO_NUL)
    ctpa_phone: str = Field("", max_length=40, pattern=NO_NUL)


class OrderIn(In):
    """The employee by `employee_id` or by `employee_number`; the rest by code.

    Without a worksite, the employee's own; without days, from today for as long as usual.
    """

    employee_id: UUID | None = None
    employee_number: str = Field("", max_length=40, pattern=NO_NUL)
    worksite_id: UUID | None = None
    kind: Kind = Kind.NON_INJURY
    reason: Reason
    modality: Modality = Modality.IN_CENTER
    center: Code | None = None
    services: list[Code] = Field(max_length=100)
    valid_from: Day | None = None
    expires: Day | None = None
    injury: InjuryIn | None = None
    dot: DotIn | None = None
    center_note: str = Field("", max_length=500, pattern=NO_NUL)
    billing_note: str = Field("", max_length=500, pattern=NO_NUL)


@dataclass(frozen=True)
class Shelf:
    """All that some orders speak of, found in a handful of queries."""

    employees: dict[UUID | str, Employee]
    worksites: dict[UUID, Worksite]
    centers: dict[str, MedicalCenter]
    services: dict[str, Service]
    offered: frozenset[tuple[UUID, UUID]]

    @classmethod
    def of(cls, viewer: Viewer, asked: Sequence[OrderIn]) -> Self:
        wanted = {code for one in asked for code in one.services}
        found = {s.code: s for s in centers.services().filter(code__in=wanted)}
        codes = {one.center for one in asked if one.center}
        places = {c.code: c for c in MedicalCenter.objects.filter(code__in=codes)}
        return cls(
            employees=_employees(viewer, asked),
            worksites={site.pk: site for site in people.worksites(viewer)},
            centers=places,
            services=found,
            offered=_offered(list(places.values())),
        )


def read(viewer: Viewer, asked: Sequence[OrderIn], path: Sequence[str] = ()) -> list[Order]:
    """As many orders. Raises Problem with all that is wrong with any; `path` leads to them."""
    shelf = Shelf.of(viewer, asked)
    orders: list[Order] = []
    errors: list[dict[str, str]] = []
    for number, one in enumerate(asked):
        order, problems = _read(one, shelf)
        here: list[str | int] = [*path, number] if path else []
        errors += [at([*here, *_place(name)], text) for name, text in problems]
        if order is not None:
            orders.append(order)
    if errors:
        raise invalid(errors)
    return orders


def _read(one: OrderIn, shelf: Shelf) -> tuple[Order | None, list[ordering.Problem]]:
    problems = list(_unknown(one, shelf))
    if problems:
        return None, problems
    order = _order(one, shelf)
    problems = [*ordering.problems(order), *ordering.problems_today(order, clock.today())]
    return order, [*problems, *_not_offered(order, shelf)]


def _unknown(one: OrderIn, shelf: Shelf) -> Iterator[ordering.Problem]:
    """Whom and what it names that is not there."""
    name = "employee_number" if one.employee_id is None else "employee_id"
    employee = shelf.employees.get(one.employee_id or one.employee_number)
    if one.employee_id is not None and one.employee_number:
        yield "employee_number", "Give this or employee_id, not both."
    if employee is None:
        yield name, "Nobody on your list has it."
    elif not employee.is_active:
        yield name, "This employee has left. Put them back on the list first."
    site = one.worksite_id or (employee and employee.worksite_id)
    if site is not None and site not in shelf.worksites:
        yield "worksite_id", "None of your open worksites. GET /worksites lists them."
    if one.center and one.center not in shelf.centers:
        yield "center", "No medical center has this code."
    if not set(one.services) <= shelf.services.keys():
        yield "services", _WRONG_SERVICE
    if one.injury is not None and one.kind != Kind.INJURY:
        yield "injury", "Only of an injury."


def _order(one: OrderIn, shelf: Shelf) -> Order:
    employee = shelf.employees[one.employee_id or one.employee_number]
    services = [shelf.services[code] for code in dict.fromkeys(one.services)]
    start = one.valid_from or clock.today()
    usual = start + timedelta(days=instructions.valid_days(one.modality))
    return Order(
        employee=employee,
        worksite=shelf.worksites[one.worksite_id or employee.worksite_id],
        modality=one.modality,
        center=shelf.centers[one.center] if one.center else None,
        kind=one.kind,
        reason=one.reason,
        services=services,
        valid_from=start,
        expires=one.expires or usual,
        injury=_injury(one.injury),
        dot=_dot(one.dot, employee, services),
        billing_note=one.billing_note,
        center_note=one.center_note,
    )


def _injury(said: InjuryIn | None) -> Injury:
    if said is None:
        return Injury()
    facts = said.model_dump()
    moment = facts.pop("injury_time")
    return Injury(**facts, injury_time=time.fromisoformat(moment) if moment else None)


def _dot(said: DotIn | None, employee: Employee, services: Sequence[Service]) -> DotTest | None:
    """As the form reads it: of an alcohol test alone, nothing that belongs to a specimen."""
    if not ordering.is_dot(services):
        return DotTest() if said else None
    given = (said or DotIn()).model_dump()
    observed = given.pop("observed")
    texts = {name: value or "" for name, value in given.items()}
    texts["donor_id"] = texts["donor_id"] or employee.employee_number
    if not ordering.for_drugs(services):
        texts = {name: "" if name in OF_DRUG_TESTS else texts[name] for name in texts}
        observed = None
    return DotTest(**texts, observed=observed)


def _not_offered(order: Order, shelf: Shelf) -> Iterator[ordering.Problem]:
    center = order.center
    if center is None:
        return
    missing = [s.code for s in order.services if (center.pk, s.pk) not in shelf.offered]
    if missing:
        yield "center", f"It does not offer: {', '.join(missing)}."


def _employees(viewer: Viewer, asked: Sequence[OrderIn]) -> dict[UUID | str, Employee]:
    """By id and by number."""
    visible = people.employees(viewer)
    ids = {one.employee_id for one in asked if one.employee_id}
    numbers = {one.employee_number for one in asked if one.employee_number}
    found: dict[UUID | str, Employee] = {e.pk: e for e in visible.filter(pk__in=ids)}
    return found | {e.employee_number: e for e in visible.filter(employee_number__in=numbers)}


def _offered(places: Sequence[MedicalCenter]) -> frozenset[tuple[UUID, UUID]]:
    pairs = centers.services().filter(centers__in=places).values_list("centers", "pk")
    return frozenset(pairs)


def _place(name: str) -> tuple[str, ...]:
    """Where the field of a problem stands in what was sent."""
    if name in _INJURY:
        return ("injury", name)
    return ("dot", name.removeprefix("dot_")) if name.startswith("dot_") else (name,)
