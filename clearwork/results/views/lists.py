"""Results and Reports: the list, its filters, and one's own views of it."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from clearwork.access.decide import Viewer
from clearwork.access.load import require
from clearwork.access.permissions import Permission
from clearwork.accounts.last_here import last_here
from clearwork.authorizations.filtered_list import FilteredList
from clearwork.authorizations.saved_views import SavedViews
from clearwork.database.paging import Page
from clearwork.results import queries
from clearwork.results.forms import SearchForm
from clearwork.results.models import Report
from clearwork.results.queries import Criteria
from clearwork.results.rules import Sort

_FIRST = {Sort.RECEIVED: "Newest", Sort.VISITED: "Newest", Sort.NAME: "From A"}
_NEXT = {Sort.RECEIVED: "Older", Sort.VISITED: "Older", Sort.NAME: "Further"}
_LIST = FilteredList(
    SavedViews("results"),
    "results:list",
    Permission.RESULT_READ,
    lambda query, viewer: SearchForm(query, viewer=viewer),
)


@require_GET
def report_list(request: HttpRequest) -> HttpResponse:
    """Without any filter in the address, those one used last; `?all=1` is truly without."""
    viewer = require(request, Permission.RESULT_READ)
    if begun := _LIST.begin(request, viewer):
        return begun
    form = search_form(request.GET, request, viewer)
    criteria, query = form.criteria(), form.query()
    _LIST.remember(request, viewer, query)
    after = queries.place(viewer, request.GET.get("after", ""))
    page = queries.page(viewer, criteria, after)
    queries.mark_opened(viewer, page.rows)
    context = {
        "form": form,
        "page": page,
        "query": query,
        "views": _LIST.views.listed(viewer),
        "first_word": _FIRST[criteria.sort],
        "next_word": _NEXT[criteria.sort],
        "similar": _similar(viewer, criteria, page),
        "is_all": after is None and not page.next,
        "count": len(page.rows),
    }
    return render(request, "results/list.html", context)


@require_GET
def count(request: HttpRequest) -> HttpResponse:
    """How many there are, for a list of several pages: asked once its first page is there."""
    viewer = require(request, Permission.RESULT_READ)
    counted = queries.count(viewer, search_form(request.GET, request, viewer).criteria())
    is_more = counted > queries.COUNTED_TO
    context = {"count": min(counted, queries.COUNTED_TO), "is_more": is_more}
    return render(request, "results/_count.html", context)


def _similar(viewer: Viewer, criteria: Criteria, page: Page[Report]) -> list[str]:
    """Where nothing is found, the names one may have meant."""
    return queries.similar_names(viewer, criteria.name) if criteria.name and not page.rows else []


def search_form(query: QueryDict, request: HttpRequest, viewer: Viewer) -> SearchForm:
    return SearchForm(query, viewer=viewer, last_here=last_here(request))


@require_POST
def save_view(request: HttpRequest) -> HttpResponse:
    return _LIST.save_view(request)


@require_POST
def change_view(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _LIST.change_view(request, pk)


@require_POST
def delete_view(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _LIST.delete_view(request, pk)
