"""A person's own filters of a list, by name. One of them may be where they begin."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from clearwork.access.decide import Viewer
from clearwork.authorizations.models import SavedView
from clearwork.database import fast

MOST = 20
_LONGEST_NAME = 60
_LONGEST_QUERY = 600
_NEEDS_NAME = f"Give the view a name of 1 to {_LONGEST_NAME} characters."


@dataclass(frozen=True)
class SavedViews:
    """Those of one list, which `page` names."""

    page: str

    def of(self, viewer: Viewer) -> QuerySet[SavedView]:
        own = SavedView.objects.filter(employer_id=viewer.employer_id, user_id=viewer.user_id)
        return own.filter(page=self.page).order_by("name", "id")

    def listed(self, viewer: Viewer) -> list[SavedView]:
        """The same, for every page of the list."""
        own = "employer_id = %s AND user_id = %s AND page = %s ORDER BY name, id"
        return fast.find(SavedView, own, [viewer.employer_id, viewer.user_id, self.page])

    @transaction.atomic
    def save(self, name: str, query: str, *, is_default: bool, by: Viewer) -> str:
        """Keep these filters by this name, in place of what it named; "" or why not."""
        name = " ".join(name.split())
        own = self.of(by).select_for_update()
        if problem := self._problem(name, query, own):
            return problem
        if is_default:
            own.update(is_default=False)
        SavedView.objects.update_or_create(
            employer_id=by.employer_id,
            user_id=by.user_id,
            page=self.page,
            name=name,
            defaults={"query": query, "is_default": is_default},
        )
        return ""

    @transaction.atomic
    def change(self, pk: UUID, name: str, *, is_default: bool, by: Viewer) -> str:
        """Another name, or another beginning; "" or why not."""
        name = " ".join(name.split())
        others = self.of(by).select_for_update().exclude(pk=pk)
        if not _fits(name):
            return _NEEDS_NAME
        if others.filter(name=name).exists():
            return f"Another view is called “{name}” already."
        if is_default:
            others.update(is_default=False)
        self.of(by).filter(pk=pk).update(name=name, is_default=is_default)
        return ""

    def delete(self, pk: UUID, *, by: Viewer) -> None:
        self.of(by).filter(pk=pk).delete()

    def _problem(self, name: str, query: str, own: QuerySet[SavedView]) -> str:
        if not _fits(name):
            return _NEEDS_NAME
        if len(query) > _LONGEST_QUERY:
            return "These filters are too long to be kept: shorten the name you search for."
        if not own.filter(name=name).exists() and own.count() >= MOST:
            return f"You have {MOST} saved views: delete one first."
        return ""


def _fits(name: str) -> bool:
    return 0 < len(name) <= _LONGEST_NAME and "\0" not in name
