"""The employer's people, and the worksites they belong to."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from ninja import Header, Query, Router
from pydantic import BaseModel, Field

from clearwork.access.decide import Viewer
from clearwork.api.answers import answer, made, page, tagged
from clearwork.api.endpoints.authorizations import Key
from clearwork.api.entry import asks, viewer_of
from clearwork.api.problems import Problem, at, beside, invalid
from clearwork.api.repeats import once
from clearwork.api.rules import Scope
from clearwork.api.schemas import NO_NUL, Day, In, Named, Paged, Person
from clearwork.database.paging import Ordering
from clearwork.employers.models import Worksite
from clearwork.employers.rules import ChangedMeanwhile
from clearwork.people import actions, queries
from clearwork.people.forms import EmployeeForm
from clearwork.people.models import Employee
from clearwork.people.rules import Language, NumberTaken

router = Router(tags=["Employees"])
_BY_NAME = Ordering(("name_key_reversed", "id"))
_TAKEN = "Another employee already has this number."
_CHANGED = "Someone else changed this employee since you read it. Read it again."
IfMatch = Annotated[str | None, Header(None, alias="If-Match", max_length=100)]


class EmployeeOut(Person):
    date_of_birth: date
    worksite: Named
    job_title: str
    hire_date: date | None
    is_dot_driver: bool
    phone: str
    email: str
    language: Language
    is_active: bool

    @classmethod
    def of(cls, one: Employee) -> EmployeeOut:
        own = ("job_title", "hire_date", "is_dot_driver", "phone", "email", "language")
        facts = {name: getattr(one, name) for name in (*own, "date_of_birth", "is_active")}
        person = Person.of(one).model_dump()
        return cls(**person, **facts, worksite=Named.of(one.worksite))


class EmployeePage(BaseModel):
    items: list[EmployeeOut]
    next: str


class EmployeeQuery(Paged):
    name: str = Field("", max_length=200, description="How the first or last name begins.")
    employee_number: str = Field("", max_length=40, pattern=NO_NUL)
    worksite: UUID | None = None
    is_active: bool | None = None


class EmployeeChanges(In):
    """What is left out stays as it is."""

    first_name: str | None = Field(None, min_length=1, max_length=100, pattern=NO_NUL)
    last_name: str | None = Field(None, min_length=1, max_length=100, pattern=NO_NUL)
    date_of_birth: Day | None = None
    worksite_id: UUID | None = None
    employee_number: str | None = Field(None, max_length=40, pattern=NO_NUL)
    job_title: str | None = Field(None, max_length=100, pattern=NO_NUL)
    hire_date: Day | None = None
    is_dot_driver: bool | None = None
    phone: str | None = Field(None, max_length=40, pattern=NO_NUL)
    email: str | None = Field(None, max_length=254, pattern=NO_NUL)
    language: Language | None = None
    is_namesake: bool = Field(
        False, description="Another person of this name and date of birth is on the list already."
    )


class EmployeeIn(EmployeeChanges):
    first_name: str = Field(min_length=1, max_length=100, pattern=NO_NUL)
    last_name: str = Field(min_length=1, max_length=100, pattern=NO_NUL)
    date_of_birth: Day
    worksite_id: UUID


class WorksiteList(BaseModel):
    items: list[Named]


@router.get("/worksites", response=WorksiteList, **asks(Scope.EMPLOYEES_READ))
def list_worksites(request: HttpRequest) -> HttpResponse:
    """Those that are open."""
    sites: list[Worksite] = list(queries.worksites(viewer_of(request)))
    return answer(WorksiteList(items=[Named.of(site) for site in sites]))


@router.get("/employees", response=EmployeePage, **asks(Scope.EMPLOYEES_READ))
def list_employees(request: HttpRequest, asked: Query[EmployeeQuery]) -> HttpResponse:
    """By last name."""
    viewer = viewer_of(request)
    visible = queries.employees(viewer)
    found = visible.select_related("worksite")
    if asked.name:
        found = found.filter(queries.name_starts_with(asked.name))
    if asked.employee_number:
        found = found.filter(employee_number=asked.employee_number)
    if asked.worksite:
        found = found.filter(worksite=asked.worksite)
    if asked.is_active is not None:
        found = found.filter(is_active=asked.is_active)
    rows, after = page(visible, found, _BY_NAME, asked.after, asked.limit)
    return answer(EmployeePage(items=[EmployeeOut.of(row) for row in rows], next=after))


@router.post("/employees", response={201: EmployeeOut}, **asks(Scope.EMPLOYEES_WRITE))
def add_employee(request: HttpRequest, sent: EmployeeIn, key: Key = None) -> HttpResponse:
    """409 where someone of this name and date of birth is there: the same person, perhaps."""
    viewer = viewer_of(request)

    def make() -> HttpResponse:
        facts = _checked(viewer, sent, None).facts()
        try:
            added = actions.add_employee(by=viewer, **facts)
        except NumberTaken as error:
            raise invalid([at(["employee_number"], _TAKEN)]) from error
        return made(EmployeeOut.of(added), reverse("api:get_employee", args=[added.pk]))

    return once(request, viewer, key, make)


@router.get("/employees/{uuid:pk}", response=EmployeeOut, **asks(Scope.EMPLOYEES_READ))
def get_employee(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer = viewer_of(request)
    found = _one(viewer, pk)
    actions.note_view(by=viewer, employee=found)
    return tagged(request, EmployeeOut.of(found), _tag(found))


@router.patch("/employees/{uuid:pk}", response=EmployeeOut, **asks(Scope.EMPLOYEES_WRITE))
def change_employee(
    request: HttpRequest, pk: UUID, sent: EmployeeChanges, if_match: IfMatch = None
) -> HttpResponse:
    """With If-Match and the ETag that was read: 412 where someone changed it meanwhile."""
    viewer = viewer_of(request)
    found = _one(viewer, pk)
    if if_match is not None and if_match != f'"{_tag(found)}"':
        raise _stale()
    facts = _checked(viewer, sent, found).facts()
    shown = actions.seen(found)
    try:
        changed = actions.change_employee(by=viewer, employee=found, shown=shown, **facts)
    except NumberTaken as error:
        raise invalid([at(["employee_number"], _TAKEN)]) from error
    except ChangedMeanwhile as error:
        raise _stale() from error
    return tagged(request, EmployeeOut.of(changed), _tag(changed))


def _one(viewer: Viewer, pk: UUID) -> Employee:
    return get_object_or_404(queries.employees(viewer).select_related("worksite"), pk=pk)


def _tag(employee: Employee) -> str:
    return f"{actions.seen(employee)}-{employee.is_active:d}"


def _stale() -> Problem:
    errors = [beside("header", "If-Match", _CHANGED)]
    return Problem(HTTPStatus.PRECONDITION_FAILED, _CHANGED, errors)


def _checked(viewer: Viewer, sent: EmployeeChanges, employee: Employee | None) -> EmployeeForm:
    """By the rules of the page's form. Raises Problem."""
    form = EmployeeForm(_typed(sent, employee), viewer=viewer, employee=employee)
    if not form.is_valid():
        raise invalid(
            [
                at(["worksite_id" if name == "worksite" else name], str(text))
                for name, texts in form.errors.items()
                for text in texts
            ]
        )
    if form.namesakes():
        raise Problem(
            HTTPStatus.CONFLICT,
            "Someone of this name and date of birth is on your list. If it is another person,"
            " send is_namesake: true.",
        )
    return form


def _typed(sent: EmployeeChanges, employee: Employee | None) -> QueryDict:
    """What the form would have sent: what is on record, and over it what was sent."""
    facts: dict[str, Any] = {"language": Language.ENGLISH}
    if employee is not None:
        facts = {name: getattr(employee, name) for name in actions.FACTS}
        facts["worksite"] = employee.worksite_id
    given = sent.model_dump(exclude_unset=True)
    facts["anyway"] = given.pop("is_namesake", False)
    if "worksite_id" in given:
        facts["worksite"] = given.pop("worksite_id")
    typed = QueryDict(mutable=True)
    typed.update({name: str(value) for name, value in (facts | given).items() if value})
    return typed
