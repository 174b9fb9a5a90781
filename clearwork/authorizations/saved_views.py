"""A person's own filters of the list, by name. One of them may be where they begin."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from clearwork.access.decide import Viewer
from clearwork.authorizations.models import SavedView

MOST = 20
_LONGEST_NAME = 60


def saved_views(viewer: Viewer) -> QuerySet[SavedView]:
    own = SavedView.objects.filter(employer_id=viewer.employer_id, user_id=viewer.user_id)
    return own.order_by("name", "id")


@transaction.atomic
def save(name: str, query: str, *, is_default: bool, by: Viewer) -> str:
    """Keep these filters by this name, in place of what it named before; "" or why not."""
    name = " ".join(name.split())
    if not name or len(name) > _LONGEST_NAME:
        return f"Give the view a name of 1 to {_LONGEST_NAME} characters."
    own = saved_views(by).select_for_update()
    if not own.filter(name=name).exists() and own.count() >= MOST:
        return f"You have {MOST} saved views: delete one first."
    if is_default:
        own.update(is_default=False)
    SavedView.objects.update_or_create(
        employer_id=by.employer_id,
        user_id=by.user_id,
        name=name,
        defaults={"query": query, "is_default": is_default},
    )
    return ""


def delete(pk: UUID, *, by: Viewer) -> None:
    saved_views(by).filter(pk=pk).delete()
