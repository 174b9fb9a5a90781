"""Reading the employer's people: those at the worksites a viewer was granted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import reduce
from typing import LiteralString
from uuid import UUID

from django.db.models import Q, QuerySet

from clearwork.access.decide import Viewer
from clearwork.database import fast
from clearwork.database.expressions import IsOneOf, IsOneOfOnTheWay
from clearwork.employers import queries as employers
from clearwork.employers.models import Worksite
from clearwork.foundation.text import prefix_end, search_key
from clearwork.people.models import Employee, EmployeeMerge
from clearwork.people.rules import name_keys

SUGGESTIONS = 8
_MOST_WORDS = 4
_SHORTEST_MISSPELT = 3
_ALIKE = 0.3  # of pg_trgm's 0 to 1: "gracia" is that much like "garcia"
_MOST_ALIKE = 200
_MOST_NAMED, _FEW_NAMED = 1_000, 200
type _Way = dict[str, str]  # the start of a name by the column it is in
_STARTS: dict[str, LiteralString] = {
    "name_key": "name_key >= %s AND name_key < %s",
    "name_key_reversed": "name_key_reversed >= %s AND name_key_reversed < %s",
}
_IDS = """
    SELECT count(*), array_agg(id)::text
    FROM (SELECT id FROM people_employee WHERE employer_id = %s AND
"""
_UP_TO = " LIMIT %s) AS named"
_GRANTED = """
    employer_id = %s AND (%s::uuid[] IS NULL OR worksite_id = ANY (%s::uuid[])) AND
"""
_AND_ALIKE = """
    AND greatest(word_similarity(%s, name_key), word_similarity(%s, name_key_reversed)) >= %s
    ORDER BY greatest(word_similarity(%s, name_key), word_similarity(%s, name_key_reversed)) DESC,
        name_key_reversed
    LIMIT %s
"""


def employees(viewer: Viewer) -> QuerySet[Employee]:
    """The employer's; for who was granted a list of worksites, only those who work there."""
    found = Employee.objects.filter(employer_id=viewer.employer_id)
    if viewer.grants.worksites is None:
        return found
    return found.filter(worksite__in=viewer.grants.worksites)


def worksites(viewer: Viewer) -> QuerySet[Worksite]:
    """The open worksites whose employees this viewer may see, and so add to."""
    return all_worksites(viewer).filter(is_active=True)


def all_worksites(viewer: Viewer) -> QuerySet[Worksite]:
    """Closed ones too."""
    found = employers.all_worksites(viewer.employer_id)
    if viewer.grants.worksites is None:
        return found
    return found.filter(pk__in=viewer.grants.worksites)


def employee(viewer: Viewer, pk: UUID | None) -> Iterator[Employee]:
    """The one with this id among employees(viewer), if any; see fast.ask."""
    own = fast.ask(Employee, "employer_id = %s AND id = %s", [viewer.employer_id, pk])
    return (one for one in own if _may_see(viewer, one.worksite_id))


def worksite(viewer: Viewer, pk: UUID | None) -> Iterator[Worksite]:
    """The one with this id among worksites(viewer), if any; see fast.ask."""
    own = fast.ask(Worksite, "employer_id = %s AND id = %s", [viewer.employer_id, pk])
    return (one for one in own if one.is_active and _may_see(viewer, one.pk))


def _may_see(viewer: Viewer, worksite_id: UUID) -> bool:
    return viewer.grants.worksites is None or worksite_id in viewer.grants.worksites


def of_those_named(viewer: Viewer, typed: str, *, first_few: bool = False) -> Q:
    """Rows of an `employee` whose name starts as typed, see name_starts_with().

    Who that is, is asked first: rows are then found by their ids, or by a join where these are
    more than a thousand. With `first_few` only the first rows in an index's order are wanted.
    """
    named, keys = _in_sql(_ways(typed))
    asked = [viewer.employer_id, *keys, _MOST_NAMED + 1]
    ((count, ids),) = fast.execute(_IDS + named + _UP_TO, asked)
    if not count:
        return Q(pk__in=())
    if count > _MOST_NAMED:
        return name_starts_with(typed, "employee__") & Q(employee__employer_id=viewer.employer_id)
    on_the_way = first_few and count > _FEW_NAMED
    return Q(IsOneOfOnTheWay("employee", ids) if on_the_way else IsOneOf("employee", ids))


def name_starts_with(typed: str, prefix: str = "") -> Q:
    """Rows whose "first last" or "last first" starts as typed; `prefix` is a relation's path.

    Also those of whom both names start so: "mar gar". Ranges, not LIKE: under row-level
    security only leakproof operators use the index.
    """
    return reduce(Q.__or__, (Q(**dict(_range(prefix, way))) for way in _ways(typed)))


def _range(prefix: str, way: _Way) -> Iterator[tuple[str, str]]:
    for field, key in way.items():
        yield f"{prefix}{field}__gte", key
        yield f"{prefix}{field}__lt", prefix_end(key)


def _in_sql(ways: Sequence[_Way]) -> tuple[LiteralString, list[str]]:
    """A condition of people's columns, and its parameters."""
    found = " OR ".join(" AND ".join(_STARTS[field] for field in way) for way in ways)
    keys = [key for way in ways for key in way.values()]
    return f"({found})", [bound for key in keys for bound in (key, prefix_end(key))]


def _ways(typed: str) -> list[_Way]:
    """The ways in which a name may be typed: each row must start so in all of one way's keys."""
    key = _key_of(typed)
    found = [{"name_key": key}, {"name_key_reversed": key}]
    words = key.split(" ", _MOST_WORDS)
    for cut in range(1, len(words)):
        found += _both(" ".join(words[:cut]), " ".join(words[cut:]))
    return found


def _both(one: str, other: str) -> list[_Way]:
    return [
        {"name_key": first, "name_key_reversed": last}
        for first, last in ((one, other), (other, one))
    ]


def alike(viewer: Viewer, typed: str) -> Iterator[list[Employee]]:
    """People whose names are much like what was typed, the likeliest first; then further ones.

    Comparing is not leakproof, and would read everybody: first those with the initials typed,
    then those with one of the letters.
    """
    key = _key_of(typed)
    if len(key) < _SHORTEST_MISSPELT:
        return
    initials = [word[0] for word in key.split()[:_MOST_WORDS]]
    if len(initials) > 1:
        yield _alike(viewer, key, _both(initials[0], initials[-1]))
    letters = {initials[0], initials[-1]}
    yield _alike(viewer, key, [{field: letter} for letter in letters for field in _STARTS])


def _alike(viewer: Viewer, key: str, near: Sequence[_Way]) -> list[Employee]:
    close, keys = _in_sql(near)
    granted = viewer.grants.worksites
    worksites = None if granted is None else fast.array_of(granted)
    among = [viewer.employer_id, worksites, worksites, *keys]
    asked = [*among, key, key, _ALIKE, key, key, _MOST_ALIKE]
    where = _GRANTED + close + _AND_ALIKE
    return fast.find_with(Employee, ("first_name", "last_name"), where, asked)


def _key_of(typed: str) -> str:
    return search_key(typed.replace(",", " ").replace("\0", " "))


def suggestions(viewer: Viewer, typed: str) -> list[Employee]:
    """The first few people whose name starts as typed; not those who left."""
    if not search_key(typed.replace("\0", " ")):
        return []
    found = employees(viewer).filter(name_starts_with(typed), is_active=True)
    return list(found.select_related("worksite").order_by("name_key", "id")[:SUGGESTIONS])


def namesakes(
    viewer: Viewer, first_name: str, last_name: str, date_of_birth: date
) -> QuerySet[Employee]:
    """Who has this name, in either order, and this date of birth: the same person, perhaps."""
    keys = name_keys(first_name, last_name)
    found = employees(viewer).filter(date_of_birth=date_of_birth, name_key__in=keys.values())
    return found.select_related("worksite").order_by("name_key", "id")


def merges(viewer: Viewer) -> QuerySet[EmployeeMerge]:
    """Merges that can still be undone, the latest first."""
    found = EmployeeMerge.objects.filter(employer_id=viewer.employer_id, undone_at=None)
    return found.filter(kept__in=employees(viewer)).order_by("-at", "-id")
