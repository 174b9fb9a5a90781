"""Reading the employer's people: those at the worksites a viewer was granted."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from clearwork.access.decide import Viewer
from clearwork.database import fast
from clearwork.employers import queries as employers
from clearwork.employers.models import Worksite
from clearwork.foundation.text import prefix_end, search_key
from clearwork.people.models import Employee, EmployeeMerge
from clearwork.people.rules import name_keys

SUGGESTIONS = 8


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


def employee(viewer: Viewer, pk: UUID) -> Employee | None:
    """The one with this id among employees(viewer); asked with each form."""
    own = fast.find(Employee, "employer_id = %s AND id = %s", [viewer.employer_id, pk])
    return next((one for one in own if _may_see(viewer, one.worksite_id)), None)


def worksite(viewer: Viewer, pk: UUID) -> Worksite | None:
    """The one with this id among worksites(viewer); asked with each form."""
    own = fast.find(Worksite, "employer_id = %s AND id = %s", [viewer.employer_id, pk])
    return next((one for one in own if one.is_active and _may_see(viewer, one.pk)), None)


def _may_see(viewer: Viewer, worksite_id: UUID) -> bool:
    return viewer.grants.worksites is None or worksite_id in viewer.grants.worksites


def name_starts_with(typed: str, prefix: str = "") -> Q:
    """Rows whose "first last" or "last first" starts as typed; `prefix` is a relation's path.

    Ranges, not LIKE: under row-level security only leakproof operators use the index.
    """
    key = search_key(typed.replace(",", " ").replace("\0", " "))
    forward = {f"{prefix}name_key__gte": key, f"{prefix}name_key__lt": prefix_end(key)}
    backward = {
        f"{prefix}name_key_reversed__gte": key,
        f"{prefix}name_key_reversed__lt": prefix_end(key),
    }
    return Q(**forward) | Q(**backward)


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
