"""The list of authorizations, and one's own views of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from clearwork.access.decide import Viewer
from clearwork.access.load import require
from clearwork.access.permissions import Permission
from clearwork.authorizations import listing, saved_views
from clearwork.authorizations.forms.filters import FilterForm
from clearwork.authorizations.listing import Count
from clearwork.authorizations.rules import State

_ALL = "all"
_LAST = "authorizations_list"


@require_GET
def authorization_list(request: HttpRequest) -> HttpResponse:
    """Without any filter in the address, those one used last; `?all=1` is truly without."""
    viewer = require(request, Permission.AUTHORIZATION_READ_OWN)
    if not request.GET and (last := _remembered(request, viewer)):
        return _to_list(last)
    form = FilterForm(request.GET, viewer=viewer)
    query = form.query()
    _remember(request, viewer, query)
    context = {
        "form": form,
        "page": listing.page(viewer, form.criteria(), request.GET.get("after", "")),
        "query": query,
        "states": list(_states(viewer, form)),
        "views": list(saved_views.saved_views(viewer)),
    }
    return render(request, "authorizations/list.html", context)


@require_POST
def save_view(request: HttpRequest) -> HttpResponse:
    viewer = require(request, Permission.AUTHORIZATION_READ_OWN)
    filters = FilterForm(QueryDict(request.POST.get("query", "")), viewer=viewer)
    name, query = request.POST.get("name", ""), filters.query()
    is_default = "is_default" in request.POST
    if problem := saved_views.save(name, query, is_default=is_default, by=viewer):
        messages.error(request, problem)
    else:
        messages.success(request, f"Saved as “{' '.join(name.split())}”.")
    return _to_list(query)


@require_POST
def delete_view(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer = require(request, Permission.AUTHORIZATION_READ_OWN)
    view = get_object_or_404(saved_views.saved_views(viewer), pk=pk)
    saved_views.delete(pk, by=viewer)
    messages.success(request, f"“{view.name}” is deleted.")
    return _to_list(view.query)


def _to_list(query: str) -> HttpResponse:
    return redirect(f"{reverse('authorizations:list')}?{query or f'{_ALL}=1'}")


def _remember(request: HttpRequest, viewer: Viewer, query: str) -> None:
    """What one looked at last, for as long as one is signed in."""
    if not viewer.seen_by and request.session.get(_last_of(viewer)) != query:
        request.session[_last_of(viewer)] = query


def _remembered(request: HttpRequest, viewer: Viewer) -> str:
    """The filters to begin with: the last ones, else the default view's, else none."""
    last = request.session.get(_last_of(viewer))
    if last is not None:
        return str(last)
    default = saved_views.saved_views(viewer).filter(is_default=True)
    return default.values_list("query", flat=True).first() or ""


def _last_of(viewer: Viewer) -> str:
    return f"{_LAST}:{viewer.employer_id}"


def _states(viewer: Viewer, form: FilterForm) -> Iterator[Mapping[str, object]]:
    """The states to choose from, with how many there are; empty ones are left out."""
    criteria = form.criteria()
    counted = listing.counts(viewer, mine=criteria.mine)
    yield _state("", "All", None, criteria.state)
    yield _state("open", "Open", listing.together(counted, listing.OPEN), criteria.state)
    yield _state("ending", listing.GROUPS["ending"], None, criteria.state)
    for state in State:
        if counted[state].number or criteria.state == state:
            yield _state(state.value, state.label, counted[state], criteria.state)
    if criteria.state == "lapsed":  # a mail's link leads here
        yield _state("lapsed", listing.GROUPS["lapsed"], None, criteria.state)


def _state(value: str, label: str, count: Count | None, chosen: str) -> Mapping[str, object]:
    return {"value": value, "label": label, "count": count, "is_chosen": value == chosen}
