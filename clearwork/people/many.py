"""Many people at once: finding those on the list already, adding the others."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from clearwork.access.decide import Viewer
from clearwork.audit.actions import Action, event
from clearwork.database import fast
from clearwork.people.models import Employee
from clearwork.people.rules import name_keys

_KNOWN = """
    SELECT e.id, e.employee_number, e.name_key, e.date_of_birth, e.worksite_id, e.is_active,
        e.first_name, e.last_name
    FROM people_employee e JOIN unnest(%s::text[]) AS asked (number) ON employee_number = number
    WHERE e.employer_id = %s
    UNION
    SELECT e.id, e.employee_number, e.name_key, e.date_of_birth, e.worksite_id, e.is_active,
        e.first_name, e.last_name
    FROM people_employee e JOIN unnest(%s::text[], %s::date[]) AS asked (name, born)
        ON e.name_key = asked.name AND e.date_of_birth = asked.born
    WHERE e.employer_id = %s
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
    employer_id: UUID, numbers: Collection[str], people: Collection[tuple[str, date]]
) -> list[Known]:
    """Those with one of these employee numbers, or one of these (name key, date of birth).

    At any worksite: who asks must not take someone elsewhere for a stranger.
    """
    names, born = [name for name, _ in people], [day for _, day in people]
    found = fast.execute(_KNOWN, [list(numbers), employer_id, names, born, employer_id])
    return [Known(*row) for row in found]


@transaction.atomic
def add_employees(people: Sequence[Employee], *, by: Viewer) -> None:
    """Save new employees, each with its audit event. Their name keys are made here."""
    for person in people:
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
