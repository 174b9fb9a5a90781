"""A list that begins with the filters one used last, and keeps views of it by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from clearwork.access.decide import Viewer
from clearwork.access.load import require
from clearwork.access.permissions import Permission
from clearwork.authorizations.saved_views import SavedViews
from clearwork.ui.filters import ListFilters

ALL = "all"


@dataclass(frozen=True)
class FilteredList:
    """`url_name` is the list's own address; without any filter there: `?all=1`."""

    views: SavedViews
    url_name: str
    permission: Permission
    form: Callable[[QueryDict, Viewer], ListFilters]

    def begin(self, request: HttpRequest, viewer: Viewer) -> HttpResponse | None:
        """Where no filter is in the address: the filters to begin with, if there are some."""
        if request.GET or not (last := self._remembered(request, viewer)):
            return None
        return self.show(last)

    def show(self, query: str) -> HttpResponse:
        return redirect(f"{reverse(self.url_name)}?{query or f'{ALL}=1'}")

    def remember(self, request: HttpRequest, viewer: Viewer, query: str) -> None:
        """What one looked at last, for as long as one is signed in."""
        if not viewer.seen_by and request.session.get(self._last_of(viewer)) != query:
            request.session[self._last_of(viewer)] = query

    def save_view(self, request: HttpRequest) -> HttpResponse:
        viewer = require(request, self.permission)
        filters = self.form(QueryDict(request.POST.get("query", "")), viewer)
        name, query = request.POST.get("name", ""), filters.query()
        is_default = "is_default" in request.POST
        if problem := self.views.save(name, query, is_default=is_default, by=viewer):
            messages.error(request, problem)
        else:
            messages.success(request, f"Saved as “{' '.join(name.split())}”.")
        return self.show(query)

    def change_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        viewer = require(request, self.permission)
        view = get_object_or_404(self.views.of(viewer), pk=pk)
        name, is_default = request.POST.get("name", ""), "is_default" in request.POST
        if problem := self.views.change(pk, name, is_default=is_default, by=viewer):
            messages.error(request, problem)
        else:
            messages.success(request, f"Saved as “{' '.join(name.split())}”.")
        return self.show(view.query)

    def delete_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        viewer = require(request, self.permission)
        view = get_object_or_404(self.views.of(viewer), pk=pk)
        self.views.delete(pk, by=viewer)
        messages.success(request, f"“{view.name}” is deleted.")
        return self.show(view.query)

    def _remembered(self, request: HttpRequest, viewer: Viewer) -> str:
        """The last ones, else the default view's, else none."""
        last = request.session.get(self._last_of(viewer))
        if last is not None:
            return str(last)
        default = self.views.of(viewer).filter(is_default=True)
        return default.values_list("query", flat=True).first() or ""

    def _last_of(self, viewer: Viewer) -> str:
        return f"{self.views.page}_list:{viewer.employer_id}"
