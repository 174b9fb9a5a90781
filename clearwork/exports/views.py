"""Downloading many reports or authorizations: asking for a file, watching it grow, fetching it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    QueryDict,
    StreamingHttpResponse,
)
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from clearwork.access.decide import Viewer
from clearwork.access.load import load, require
from clearwork.access.permissions import Permission
from clearwork.accounts.last_here import last_here
from clearwork.authorizations.forms.filters import FilterForm
from clearwork.bulk.queries import batches
from clearwork.database.paging import newest_page
from clearwork.documents.crypto import SealBroken
from clearwork.exports import actions, making, parts, queries
from clearwork.exports.models import Export
from clearwork.exports.rules import (
    UNFINISHED,
    ExportState,
    Form,
    Of,
    What,
    is_small,
    problem_with,
)
from clearwork.exports.sources import SOURCES, source_of
from clearwork.exports.waiting import note_seen, wait_for
from clearwork.results.forms import SearchForm

_UNREADABLE = "The file cannot be read any more. Support has been told. Have it made again."
_CHANGED = "A filter of that list is not to be had any more. Look at the list again first."
_TYPES = {Form.PDF: "application/pdf", Form.ZIP: "application/zip"}


@require_GET
def export_list(request: HttpRequest) -> HttpResponse:
    viewer = require(request, Permission.AUTHORIZATION_READ_OWN)
    page = newest_page(queries.exports(viewer), "created_at", request.GET.get("after", ""))
    return render(request, "exports/list.html", {"page": page})


@require_POST
def new(request: HttpRequest) -> HttpResponseBase:
    """Of reports. `form`: the `ids` selected as PDF or ZIP; `found` instead of it: all that
    `query` finds, as PDF or ZIP."""
    viewer = require(request, Permission.RESULT_READ)
    if "found" not in request.POST:
        chosen = queries.selected(viewer, request.POST.getlist("ids"))
        return _made(request, viewer, chosen, What.SELECTED, "results:list")
    query = QueryDict(request.POST.get("query", ""))
    search = SearchForm(query, viewer=viewer, last_here=last_here(request))
    if not search.is_valid():
        return _look_again(request, "results:list")
    chosen = queries.found(viewer, search.criteria())
    return _made(request, viewer, chosen, What.FOUND, "results:list")


@require_POST
def authorizations(request: HttpRequest) -> HttpResponseBase:
    """Of authorizations, as above."""
    viewer = require(request, Permission.AUTHORIZATION_READ_OWN)
    if "found" not in request.POST:
        chosen = queries.selected(viewer, request.POST.getlist("ids"), Of.AUTHORIZATIONS)
        return _made(request, viewer, chosen, What.SELECTED, "authorizations:list")
    filters = FilterForm(QueryDict(request.POST.get("query", "")), viewer=viewer)
    if not filters.is_valid():
        return _look_again(request, "authorizations:list")
    chosen = queries.found_authorizations(viewer, filters.criteria())
    return _made(request, viewer, chosen, What.FOUND, "authorizations:list")


@require_POST
def of_list(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """All the authorizations that a list of many made, or was about."""
    viewer, batch = load(request, Permission.AUTHORIZATION_READ_OWN, batches, pk)
    chosen = queries.of_batch(viewer, batch)
    return _made(request, viewer, chosen, What.LIST, "authorizations:list")


def _look_again(request: HttpRequest, back: str) -> HttpResponse:
    """A filter is not to be had any more: without it, more would go out than was looked at."""
    messages.error(request, _CHANGED)
    return redirect(back)


def _made(
    request: HttpRequest, viewer: Viewer, chosen: queries.Chosen, what: What, back: str
) -> HttpResponseBase:
    """The file at once where they are few, else the page to wait at."""
    wanted = request.POST.get("found") or request.POST.get("form")
    form = Form.ZIP if wanted == Form.ZIP else Form.PDF
    count, source = len(chosen.papers), SOURCES[chosen.of]
    problem = problem_with(form, count, chosen.size, source.plural) or queries.busy(viewer)
    if problem:
        messages.error(request, problem)
        return redirect(back)
    asked = actions.begin(chosen, form=form, what=what, by=viewer)
    if not is_small(count, chosen.size, source.at_once):
        actions.queue(asked)
        wait_for(request, asked)
        return redirect("exports:export", asked.pk)
    making.make(viewer.employer_id, asked.pk, tell=False)
    asked = queries.exports(viewer).get(pk=asked.pk)
    if asked.state != ExportState.READY or asked.left_out or asked.unavailable:
        return redirect("exports:export", asked.pk)  # what is missing is said before it is fetched
    return _file(request, viewer, asked)


@require_GET
def export(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, found = load(request, Permission.AUTHORIZATION_READ_OWN, queries.exports, pk)
    return _page(request, viewer, found)


def _page(request: HttpRequest, viewer: Viewer, found: Export, status: int = 200) -> HttpResponse:
    if found.state not in UNFINISHED:
        note_seen(request, found)
    context = {
        "export": found,
        "source": source_of(found),
        "is_unfinished": found.state in UNFINISHED,
        "is_ready": queries.living(viewer).filter(pk=found.pk, state=ExportState.READY).exists(),
        "left_out": queries.left_out(viewer, found),
        "refused": queries.refused(viewer, found),
    }
    return render(request, "exports/export.html", context, status=status)


@require_GET
def progress(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The part of the page that moves. At the end the whole page is drawn anew."""
    _, found = load(request, Permission.AUTHORIZATION_READ_OWN, queries.exports, pk)
    is_unfinished = found.state in UNFINISHED
    context = {"export": found, "source": source_of(found), "is_unfinished": is_unfinished}
    response = render(request, "exports/_progress.html", context)
    if not is_unfinished:
        response["HX-Refresh"] = "true"
    return response


@require_POST
def stop(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, found = load(request, Permission.AUTHORIZATION_READ_OWN, queries.exports, pk)
    if actions.stop(found, by=viewer):
        messages.success(request, "Stopped. Nothing was kept.")
    return redirect("exports:export", pk)


@require_POST
def remake(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, found = load(request, Permission.AUTHORIZATION_READ_OWN, queries.exports, pk)
    if actions.remake(found, by=viewer):
        wait_for(request, found)
    return redirect("exports:export", pk)


@require_GET
def download(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """Asked anew: a file with a report its maker may not read any more is not given out."""
    viewer, found = load(request, Permission.AUTHORIZATION_READ_OWN, queries.living, pk)
    if found.state != ExportState.READY or queries.refused(viewer, found):
        return _page(request, viewer, found, status=409)
    return _file(request, viewer, found)


def _file(request: HttpRequest, viewer: Viewer, found: Export) -> HttpResponseBase:
    """Its parts are opened while they are sent: only the first is in memory before."""
    try:
        content = parts.read(found, by=viewer)
    except (OSError, SealBroken):
        messages.error(request, _UNREADABLE)
        return redirect("exports:export", found.pk)
    actions.note_fetched(found, by=viewer)
    response = StreamingHttpResponse(content, content_type=_TYPES[Form(found.form)])
    response["Content-Disposition"] = f'attachment; filename="{found.file_name}"'
    response["Content-Length"] = str(found.size)
    response["Cache-Control"] = "no-store"
    return response
