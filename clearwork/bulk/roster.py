"""Rows of an employer's roster: who is new is added, who is known is brought up to date."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, cast
from uuid import UUID

from clearwork.access.decide import Viewer
from clearwork.bulk.models import AuthorizationBatch, BatchRow
from clearwork.bulk.orders import (
    Verdict,
    conclude,
    match,
    new_employee,
    reader_of,
    tell_apart,
)
from clearwork.bulk.people import Person, Reader
from clearwork.bulk.rules import RowState
from clearwork.employers.models import Worksite
from clearwork.people.actions import Facts, change_employee, seen
from clearwork.people.many import add_employees
from clearwork.people.models import Employee
from clearwork.people.rules import Language, why_not_hired
from clearwork.sheets import dates

_TEXTS = {
    "employee_number": "employee number",
    "first_name": "first name",
    "last_name": "last name",
    "phone": "mobile phone",
    "email": "email",
    "job_title": "job title",
}
_YES = frozenset({"yes", "y", "true", "1", "x", "si", "sí", "driver", "cdl"})
_NO = frozenset({"no", "n", "false", "0", "none", "-"})
_LANGUAGES = {
    "en": Language.ENGLISH,
    "english": Language.ENGLISH,
    "inglés": Language.ENGLISH,
    "es": Language.SPANISH,
    "spanish": Language.SPANISH,
    "español": Language.SPANISH,
}


def check(batch: AuthorizationBatch, rows: Sequence[BatchRow], viewer: Viewer) -> list[Verdict]:
    """Decide each row's state; its notes say what will change."""
    reader = reader_of(batch, rows)
    people = [reader.read(row.cells, row.fixes) for row in rows]
    default = batch.order.get("worksite")
    verdicts = match(rows, people, viewer, UUID(default) if default else None)
    known = _known(verdicts)
    for verdict in verdicts:
        facts = _more_facts(verdict, reader)
        _note_changes(verdict, known, facts)
    _find_twins(batch, verdicts)
    for verdict in verdicts:
        conclude(verdict)
    return verdicts


def perform(batch: AuthorizationBatch, rows: Sequence[BatchRow], viewer: Viewer) -> str:
    """Add the new, change the known; who is on the list and not in the file stays as they are."""
    verdicts = [v for v in check(batch, rows, viewer) if v.row.state == RowState.GOOD]
    reader = reader_of(batch, rows)
    known = _known(verdicts)
    added = []
    for verdict in verdicts:
        facts = _more_facts(verdict, reader)
        if verdict.known is None:
            person = new_employee(verdict, viewer)
            for name, value in facts.items():
                setattr(person, name, value)
            verdict.row.employee_id = person.pk
            added.append(person)
        else:
            _change(known[verdict.known.id], verdict, facts, viewer)
        verdict.row.state = RowState.MADE.value
    add_employees(added, by=viewer)
    for row in rows:
        if row.state == RowState.WRONG:
            row.state = RowState.SKIPPED.value
    return ""


def _known(verdicts: Sequence[Verdict]) -> dict[UUID, Employee]:
    ids = [verdict.known.id for verdict in verdicts if verdict.known]
    return {one.pk: one for one in Employee.objects.filter(pk__in=ids).select_related("worksite")}


def _more_facts(verdict: Verdict, reader: Reader) -> dict[str, Any]:
    """What only a roster says, as far as the row says it."""
    person = verdict.person
    facts: dict[str, Any] = {}
    if text := person.text("hire_date"):
        born = person.born or (verdict.known.date_of_birth if verdict.known else None)
        facts["hire_date"] = _hired(person, text, born, reader)
    if text := person.text("is_dot_driver").casefold():
        if text not in _YES | _NO:
            person.wrong("is_dot_driver", "Write yes or no.")
        facts["is_dot_driver"] = text in _YES
    if text := person.text("language").casefold():
        if text not in _LANGUAGES:
            person.wrong("language", "Write English or Spanish.")
        facts["language"] = _LANGUAGES.get(text, Language.ENGLISH).value
    return facts


def _hired(person: Person, text: str, born: date | None, reader: Reader) -> date | None:
    found = dates.read(text, reader.order, latest=reader.today + timedelta(days=366))
    problem = found.problem
    if found.value:
        problem = why_not_hired(found.value, born=born, today=reader.today)
    if problem:
        person.wrong("hire_date", problem)
    return found.value


def _changed(person: Employee, verdict: Verdict, facts: dict[str, Any]) -> dict[str, Any]:
    """The fields of a known employee that the row says differently. Empty cells say nothing."""
    texts = {name: verdict.person.text(name) for name in _TEXTS}
    said: dict[str, Any] = {name: text for name, text in texts.items() if text} | facts
    if verdict.person.text("worksite") and verdict.site:
        said["worksite_id"] = verdict.site
    return {name: value for name, value in said.items() if getattr(person, name) != value}


def _note_changes(verdict: Verdict, known: dict[UUID, Employee], facts: dict[str, Any]) -> None:
    if verdict.known is None:
        verdict.person.notes.append("New on the list.")
        return
    changed = _changed(known[verdict.known.id], verdict, facts)
    names = [_TEXTS.get(name, name.removesuffix("_id").replace("_", " ")) for name in changed]
    words = f"Changes: {', '.join(names)}." if names else "On the list already, nothing changes."
    verdict.person.notes.append(words.replace("is dot", "DOT"))


def _change(person: Employee, verdict: Verdict, facts: dict[str, Any], viewer: Viewer) -> None:
    changed: dict[str, Any] = _changed(person, verdict, facts)
    if site := changed.pop("worksite_id", None):
        changed["worksite"] = Worksite(pk=site, employer_id=person.employer_id)
    if changed:
        whole = cast(Facts, changed)
        change_employee(by=viewer, employee=person, shown=seen(person), **whole)


def _find_twins(batch: AuthorizationBatch, verdicts: Sequence[Verdict]) -> None:
    """Each person once: which of two rows holds good, nobody can say."""
    tell_apart(verdicts)
    keys = {verdict.row.key for verdict in verdicts} - {""}
    own = [verdict.row.pk for verdict in verdicts]
    others = batch.rows.filter(key__in=keys).exclude(state=RowState.LEFT_OUT).exclude(pk__in=own)
    times = Counter(others.values_list("key", flat=True))
    times.update(v.row.key for v in verdicts if v.row.state != RowState.LEFT_OUT)
    for verdict in verdicts:
        if verdict.row.key and times[verdict.row.key] > 1:
            text = "The same person is in another row, too. Leave one out."
            verdict.person.wrong("twin", text)
