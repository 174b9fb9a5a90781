"""Reading rows as people, and telling who of them is on the employer's list. Pure but for that."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from clearwork.bulk.rules import DOUBTS
from clearwork.foundation.text import is_phone, search_key
from clearwork.people.many import Known
from clearwork.people.rules import name_keys, why_not_born
from clearwork.sheets import dates

_LONGEST = {
    "employee_number": 40,
    "first_name": 100,
    "last_name": 100,
    "phone": 40,
    "email": 254,
    "job_title": 100,
    "center_note": 500,
    "billing_note": 500,
}
_KEY_LENGTH = 260
_UNSURE = "Read as {0:%B} {0.day}, {0.year} (month first)."


@dataclass
class Person:
    """A row's texts by field, its date of birth, and what is wrong so far."""

    texts: Mapping[str, str]
    born: date | None = None
    problems: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    keys: tuple[str, ...] = ()

    def text(self, key: str) -> str:
        return self.texts.get(key, "")

    @property
    def number(self) -> str:
        return self.texts.get("employee_number", "")

    @property
    def has_name(self) -> bool:
        return bool(self.texts.get("first_name") and self.texts.get("last_name"))

    def wrong(self, key: str, text: str) -> None:
        self.problems.append((key, text))


@dataclass(frozen=True)
class Reader:
    """Reads rows of one batch: the field of each column, and how its dates are ordered."""

    columns: Sequence[str]
    order: dates.Order
    today: date

    @classmethod
    def of(
        cls, columns: Sequence[str], order: str, cells: Iterable[Sequence[str]], today: date
    ) -> Reader:
        """`order` as decided before; "" to look at all the rows."""
        if order or "date_of_birth" not in columns:
            return cls(columns, dates.Order(order or "unknown"), today)
        column = columns.index("date_of_birth")
        return cls(columns, dates.order_of(row[column] for row in cells), today)

    def read(self, cells: Sequence[str], fixes: Mapping[str, str]) -> Person:
        texts = {key: text for key, text in zip(self.columns, cells, strict=True) if key and text}
        texts |= fixes
        if "name" in texts:
            _part_name(texts)
        person = Person(texts)
        self._check_birth(person, typed="date_of_birth" in fixes)
        _check_texts(person)
        if person.has_name:
            keys = name_keys(person.text("first_name"), person.text("last_name"))
            person.keys = (keys["name_key"], keys["name_key_reversed"])
        return person

    def _check_birth(self, person: Person, *, typed: bool) -> None:
        text = person.text("date_of_birth")
        if not text:
            return
        found = dates.read(text, self.order, latest=self.today)
        person.born = found.value
        if found.value is None:
            person.wrong("date_of_birth", found.problem)
        elif problem := why_not_born(found.value, today=self.today):
            person.wrong("date_of_birth", problem)
        elif found.unsure and not typed:
            person.notes.append(_UNSURE.format(found.value))


def _part_name(texts: dict[str, str]) -> None:
    """ "Garcia, Maria" and "Maria Garcia" become two names, where there are no two already."""
    whole = texts.pop("name")
    if "last_name" in texts and "first_name" in texts:
        return
    last, comma, first = whole.partition(",")
    if not comma:
        first, _, last = whole.rpartition(" ")
    texts.setdefault("last_name", last.strip())
    texts.setdefault("first_name", first.strip())


def _check_texts(person: Person) -> None:
    texts = person.texts
    for key, most in _LONGEST.items():
        if key in texts and len(texts[key]) > most:
            person.wrong(key, f"At most {most} characters fit.")
    if texts.get("phone") and not is_phone(texts["phone"]):
        person.wrong("phone", "This is not a phone number. Write it like 214-555-0142.")
    if texts.get("email"):
        try:
            validate_email(texts["email"])
        except ValidationError:
            person.wrong("email", "This is not an email address.")


@dataclass
class Listed:
    """Those on the employer's list who could be meant, found in one query.

    `granted` are the worksites of which the viewer may see people; None for all.
    """

    granted: Set[UUID] | None = None
    by_number: dict[str, Known] = field(default_factory=dict)
    by_name: dict[tuple[str, date], list[Known]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, found: Iterable[Known], granted: Set[UUID] | None = None) -> Listed:
        listed = cls(granted)
        for known in found:
            if known.employee_number:
                listed.by_number[known.employee_number] = known
            listed.by_name[known.name_key, known.date_of_birth].append(known)
        return listed

    def shows(self, known: Known) -> bool:
        """Whether the viewer may be told more of them than that they are on the list."""
        return self.granted is None or known.worksite_id in self.granted

    def namesakes(self, person: Person) -> list[Known]:
        """Who has this name, in either order, and this date of birth."""
        if person.born is None:
            return []
        found = {known.id: known for k in person.keys for known in self._named(k, person.born)}
        return list(found.values())

    def seen_namesakes(self, person: Person) -> list[Known]:
        return [known for known in self.namesakes(person) if self.shows(known)]

    def _named(self, key: str, born: date) -> list[Known]:
        return self.by_name.get((key, born), [])

    def match(self, person: Person, answer: str) -> Known | None:
        """Who it is; None for someone new. What stands in the way is noted in the person."""
        if known := self.by_number.get(person.number):
            if self.shows(known):
                _compare(person, known)
            return known
        if not person.has_name or person.born is None:
            _ask_for_more(person)
            return None
        return self._by_name(person, answer)

    def _by_name(self, person: Person, answer: str) -> Known | None:
        found = self.namesakes(person)
        if not found or answer == "new":
            return None
        if chosen := [known for known in found if str(known.id) == answer]:
            return chosen[0]
        unnumbered = [known for known in found if not known.employee_number]
        candidates = unnumbered if person.number else found
        if len(candidates) == 1 and len(found) == 1:
            return candidates[0]
        person.wrong("answer", _which(len(found)))
        return None


def _compare(person: Person, known: Known) -> None:
    if person.keys and known.name_key not in person.keys:
        name = f"{known.first_name} {known.last_name}"
        person.wrong("employee_number", f"This number belongs to {name} on your list.")
    elif person.born and person.born != known.date_of_birth:
        person.wrong("date_of_birth", "Your list has another date of birth for this person.")


def _ask_for_more(person: Person) -> None:
    if person.number and not (person.text("first_name") or person.text("last_name")):
        text = "Nobody on your list has this number. To add them, give name and date of birth."
        person.wrong("employee_number", text)
        return
    for key, name in (("first_name", "first name"), ("last_name", "last name")):
        if not person.text(key):
            person.wrong(key, f"The {name} is missing.")
    if not person.text("date_of_birth"):
        person.wrong("date_of_birth", "The date of birth is missing.")


def _which(count: int) -> str:
    if count == 1:
        return "Someone of this name and birth date is on your list. Is it the same person?"
    return f"{count} people on your list have this name and birth date. Choose who it is."


def key_of(person: Person, known: Known | None) -> str:
    """What tells this row's person from the others'; "" where nobody can say yet."""
    return f"e{known.id}" if known else key_of_new(person, person.number)


def key_of_new(person: Person, number: str) -> str:
    """The same of someone who is not on the list, had they this number."""
    who = f"{person.born}|{min(person.keys)}" if person.keys and person.born else ""
    if number:
        return f"n{number}|{who}"[:_KEY_LENGTH]
    return f"p{who}" if who else ""


@dataclass(frozen=True)
class Sites:
    """The worksites this viewer may use, by id and by name, and those used where none is named."""

    by_id: Mapping[UUID, str]
    default: UUID | None

    @cached_property
    def _by_key(self) -> dict[str, UUID]:
        return {search_key(name): pk for pk, name in self.by_id.items()}

    def find(self, text: str) -> UUID | None:
        return self._by_key.get(search_key(text))

    def choose(self, person: Person, known: Known | None) -> UUID | None:
        """The row's own worksite, else the employee's, else the batch's."""
        if known and known.worksite_id not in self.by_id:
            person.wrong("worksite", "This person works at a worksite you may not use.")
            return None
        if text := person.text("worksite"):
            found = self.find(text)
            if found is None:
                person.wrong("worksite", f"You have no worksite called “{text[:60]}”.")
            return found
        chosen = known.worksite_id if known else self.default
        if chosen is None:
            person.wrong("worksite", "Name the worksite.")
        return chosen


def settle(person: Person, *, accepted: bool) -> list[tuple[str, str]]:
    """What still stands in the way: doubts were seen where `accepted`."""
    if not accepted:
        return person.problems
    return [(key, text) for key, text in person.problems if key not in DOUBTS]
