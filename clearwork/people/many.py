"""Many people at once: finding those on the list already, adding the others."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from clearwork.access.decide import Viewer
from clearwork.audit.actions import Action, event
from clearwork.database import fast
from clearwork.people.models import Employee
from clearwork.people.rules import name_keys

_WITH_NUMBER = """
    SELECT id, employee_number, name_key, date_of_birth, worksite_id, is_active, first_name,
        last_name
    FROM people_employee
    WHERE employer_id = %s AND employee_number = ANY (%s) AND employee_number <> ''
"""
# The pairs of name and birth date are told apart by whoever reads them.
_WITH_NAME = """
    SELECT id, employee_number, name_key, date_of_birth, worksite_id, is_active, first_name,
        last_name
    FROM people_employee
    WHERE employer_id = %s AND name_key = ANY (%s) AND date_of_birth = ANY (%s)
"""


@dataclass(frozen=True)
class Known:
    """Someone on the list, as far as telling people apart needs it."""

    id: UUID
    employee_number: str
    name_key: str
    date_of_birth: date
    worksite_id: UUID
    is_active: bool
    first_name: str
    last_name: str


def known(
    employer_id: UUID, numbers: AbstractSet[str], people: AbstractSet[tuple[str, date]]
) -> list[Known]:
    """Those with one of these employee numbers, or one of these (name key, date of birth).

    At any worksite: who asks must not take someone elsewhere for a stranger.
    """
    names, born = {name for name, _ in people}, {day for _, day in people}
    with fast.together():
        numbered = fast.execute(_WITH_NUMBER, [employer_id, list(numbers)])
        named = fast.execute(_WITH_NAME, [employer_id, list(names), list(born)])
        found = {row[0]: Known(*row) for row in (*numbered, *named)}
    return [one for one in found.values() if _is_asked(one, numbers, people)]


def _is_asked(one: Known, numbers: AbstractSet[str], people: AbstractSet[tuple[str, date]]) -> bool:
    return one.employee_number in numbers or (one.name_key, one.date_of_birth) in people


@transaction.atomic
def add_employees(people: Sequence[Employee], *, by: Viewer) -> None:
    """Save new employees, each with its audit event. Name keys they lack are made here."""
    for person in people:
        if person.name_key:
            continue
        for key, value in name_keys(person.first_name, person.last_name).items():
            setattr(person, key, value)
    added = [
        event(
            Action.EMPLOYEE_ADDED,
            by=by.actor,
            employer_id=person.employer_id,
            subject_id=person.pk,
        )
        for person in people
    ]
    with fast.together():
        fast.insert_many(people)
        fast.insert_many(added)
