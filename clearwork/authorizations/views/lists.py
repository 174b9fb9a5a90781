"""The list of authorizations, and one's own views of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from clearwork.access.decide import Viewer
from clearwork.access.load import require
from clearwork.access.permissions import Permission
from clearwork.authorizations import listing
from clearwork.authorizations.filtered_list import FilteredList
from clearwork.authorizations.forms.filters import FilterForm
from clearwork.authorizations.listing import Count
from clearwork.authorizations.rules import OPEN, State
from clearwork.authorizations.saved_views import SavedViews

_LIST = FilteredList(
    SavedViews("authorizations"),
    "authorizations:list",
    Permission.AUTHORIZATION_READ_OWN,
    lambda query, viewer: FilterForm(query, viewer=viewer),
)


@require_GET
def authorization_list(request: HttpRequest) -> HttpResponse:
    """Without any filter in the address, those one used last; `?all=1` is truly without."""
    viewer = require(request, Permission.AUTHORIZATION_READ_OWN)
    if begun := _LIST.begin(request, viewer):
        return begun
    form = FilterForm(request.GET, viewer=viewer)
    query = form.query()
    _LIST.remember(request, viewer, query)
    context = {
        "form": form,
        "page": listing.page(viewer, form.criteria(), request.GET.get("after", "")),
        "query": query,
        "states": list(_states(viewer, form, request.GET)),
        "views": _LIST.views.listed(viewer),
    }
    return render(request, "authorizations/list.html", context)


@require_POST
def save_view(request: HttpRequest) -> HttpResponse:
    return _LIST.save_view(request)


@require_POST
def change_view(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _LIST.change_view(request, pk)


@require_POST
def delete_view(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _LIST.delete_view(request, pk)


def _states(viewer: Viewer, form: FilterForm, asked: QueryDict) -> Iterator[Mapping[str, object]]:
    """The states to choose from, with how many there are; empty ones are left out."""
    criteria, address = form.criteria(), _without_state(asked)
    counted = listing.counts(viewer, mine=criteria.mine)
    shown: list[tuple[str, str, Count | None]] = [
        ("", "All", None),
        ("open", "Open", listing.together(counted, OPEN)),
        ("ending", listing.GROUPS["ending"], None),
    ]
    shown += [
        (state.value, state.label, counted[state])
        for state in State
        if counted[state].number or criteria.state == state
    ]
    if criteria.state == "lapsed":  # a mail's link leads here
        shown.append(("lapsed", listing.GROUPS["lapsed"], None))
    for value, label, count in shown:
        chosen = value == criteria.state
        yield {"url": address + value, "label": label, "count": count, "is_chosen": chosen}


def _without_state(asked: QueryDict) -> str:
    """The list's address with its other filters, to be ended by a state."""
    others = asked.copy()
    for name in ("state", "after", "all"):
        others.pop(name, None)
    rest = others.urlencode()
    return f"?{rest}&state=" if rest else "?state="
