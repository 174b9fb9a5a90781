"""The roster: the people a viewer may see, searched and paged by last name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from clearwork.access.decide import Viewer
from clearwork.foundation.choices import LabelledEnum
from clearwork.foundation.ids import read_uuid
from clearwork.people.models import Employee
from clearwork.people.queries import employees, name_starts_with, namesakes

PAGE_SIZE = 25
# Beyond this many nobody reads the exact number, and counting would take longer than the page.
COUNTED = 10_000


class Which(LabelledEnum):
    """The employees one looks for."""

    ACTIVE = "", "Active"
    DRIVERS = "drivers", "DOT drivers"
    LEFT = "left", "Left the company"
    ALL = "all", "Everyone"


@dataclass(frozen=True)
class Criteria:
    """What one searches by; empty means any. `typed`: a name's start or an employee number."""

    typed: str = ""
    date_of_birth: date | None = None
    worksite: UUID | None = None
    which: str = Which.ACTIVE

    @property
    def any(self) -> bool:
        return self != Criteria()


@dataclass(frozen=True)
class Page:
    """`next` is the id of the last employee shown, "" on the last page."""

    rows: list[Employee]
    next: str


def listed(viewer: Viewer, criteria: Criteria) -> QuerySet[Employee]:
    found = _which(employees(viewer), criteria.which)
    if criteria.typed.strip():
        found = found.filter(_typed(criteria.typed))
    if criteria.date_of_birth:
        found = found.filter(date_of_birth=criteria.date_of_birth)
    return found.filter(worksite=criteria.worksite) if criteria.worksite else found


def _which(found: QuerySet[Employee], which: str) -> QuerySet[Employee]:
    if which == Which.ALL:
        return found
    if which == Which.DRIVERS:
        return found.filter(is_active=True, is_dot_driver=True)
    return found.filter(is_active=which != Which.LEFT)


def _typed(typed: str) -> Q:
    """A name has no digit; what has one may be an employee number, too."""
    named = name_starts_with(typed)
    if not any(character.isdigit() for character in typed):
        return named
    number = typed.strip().replace("\0", "")
    return named | Q(employee_number__in={number, number.upper()})


def page(viewer: Viewer, found: QuerySet[Employee], after: str) -> Page:
    """The employees after this one; the first for "" or an id that makes no sense."""
    ordered = found.select_related("worksite").order_by("name_key_reversed", "id")
    if last := _last(viewer, after):
        key = last.name_key_reversed
        ordered = ordered.filter(
            Q(name_key_reversed__gte=key),  # implied by the next, but the index can use it
            Q(name_key_reversed__gt=key) | Q(name_key_reversed=key, id__gt=last.pk),
        )
    some = list(ordered[: PAGE_SIZE + 1])
    shown = some[:PAGE_SIZE]
    return Page(shown, str(shown[-1].pk) if len(some) > PAGE_SIZE else "")


def candidates(viewer: Viewer, employee: Employee, typed: str) -> list[Employee]:
    """Who may be the same person: of this name and birth date, or found by what was typed."""
    if typed.strip():
        found = listed(viewer, Criteria(typed=typed, which=Which.ALL))
    else:
        found = namesakes(viewer, employee.first_name, employee.last_name, employee.date_of_birth)
    others = found.exclude(pk=employee.pk).select_related("worksite")
    return list(others.order_by("name_key_reversed", "id")[:PAGE_SIZE])


def count(found: QuerySet[Employee]) -> int:
    """At most one more than COUNTED."""
    return found.order_by()[: COUNTED + 1].count()


def _last(viewer: Viewer, after: str) -> Employee | None:
    pk = read_uuid(after)
    return employees(viewer).filter(pk=pk).first() if pk else None
