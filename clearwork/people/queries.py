"""Reading the employer's people."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from clearwork.access.decide import Viewer
from clearwork.foundation.text import prefix_end, search_key
from clearwork.people.models import Employee

SUGGESTIONS = 8


def employees(viewer: Viewer) -> QuerySet[Employee]:
    return Employee.objects.filter(employer_id=viewer.employer_id)


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
    """The first few people whose name starts as typed."""
    if not search_key(typed.replace("\0", " ")):
        return []
    found = employees(viewer).filter(name_starts_with(typed)).select_related("worksite")
    return list(found.order_by("name_key", "id")[:SUGGESTIONS])
