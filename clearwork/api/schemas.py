"""What is shared of requests and answers: the words of the API."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from clearwork.centers.models import MedicalCenter
from clearwork.employers.models import Worksite
from clearwork.people.models import Employee

NO_NUL = r"^[^\x00]*$"  # which no text in PostgreSQL can hold
_RFC_3339 = re.compile(r"\d{4}-\d{2}-\d{2}($|[Tt ])", re.ASCII)
_FIRST, _LAST = date(1900, 1, 1), date(2199, 12, 31)


def _written(value: object) -> object:
    """As RFC 3339 has it: pydantic would take a number for seconds since 1970, too."""
    if not isinstance(value, str) or not _RFC_3339.match(value):
        raise ValueError("must be written as in RFC 3339, such as 2026-01-31")
    return value


def _in_time(day: date) -> date:
    """Far from the calendar's ends, where adding a day is an error."""
    if not _FIRST <= day <= _LAST:
        raise ValueError("must be between 1900 and 2199")
    return day


def _moment_in_time(moment: datetime) -> datetime:
    _in_time(moment.date())
    return moment


Day = Annotated[date, BeforeValidator(_written), AfterValidator(_in_time)]
Moment = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_moment_in_time)]
Limit = Annotated[int, Field(ge=1, le=100, description="How many at most: 1 to 100.")]


class In(BaseModel):
    """What is sent: an unknown field is an error, so that none is overlooked."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Paged(BaseModel):
    after: UUID | None = Field(None, description="The `next` of the page before.")
    limit: Limit = 25


class Named(BaseModel):
    id: UUID
    name: str

    @classmethod
    def of(cls, site: Worksite) -> Named:
        return cls(id=site.pk, name=site.name)


class Center(BaseModel):
    code: str
    name: str

    @classmethod
    def of(cls, center: MedicalCenter) -> Center:
        return cls(code=center.code, name=center.name)


class Person(BaseModel):
    id: UUID
    employee_number: str
    first_name: str
    last_name: str

    @classmethod
    def of(cls, employee: Employee) -> Person:
        return cls(
            id=employee.pk,
            employee_number=employee.employee_number,
            first_name=employee.first_name,
            last_name=employee.last_name,
        )
