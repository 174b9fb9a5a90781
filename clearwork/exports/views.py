"""Downloading many reports: asking for a file, watching it grow, fetching it."""

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
from clearwork.database.paging import newest_page
from clearwork.documents.crypto import SealBroken
from clearwork.exports import actions, making, parts, queries
from clearwork.exports.models import Export
from clearwork.exports.rules import (
    UNFINISHED,
    ExportState,
    Form,
    What,
    is_small,
    problem_with,
)
from clearwork.results.forms import SearchForm

_TYPES = {Form.PDF: "application/pdf", Form.ZIP: "application/zip"}


@require_GET
def export_list(request: HttpRequest) -> HttpResponse:
    viewer = require(request, Permission.RESULT_READ)
    page = newest_page(queries.exports(viewer), "created_at", request.GET.get("after", ""))
    return render(request, "exports/list.html", {"page": page})


@require_POST
def new(request: HttpRequest) -> HttpResponseBase:
    """At once where they are few. `form`: the `ids` selected as PDF or ZIP; `found` instead
    of it: all that `query` finds, as PDF or ZIP."""
    viewer = require(request, Permission.RESULT_READ)
    what = What.FOUND if "found" in request.POST else What.SELECTED
    asked_for = request.POST.get("found" if what == What.FOUND else "form")
    form = Form.ZIP if asked_for == Form.ZIP else Form.PDF
    chosen = _chosen(request, viewer, what)
    problem = problem_with(form, len(chosen.reports), chosen.size) or queries.busy(viewer)
    if problem:
        messages.error(request, problem)
        return redirect("results:list")
    asked = actions.begin(chosen, form=form, what=what, by=viewer)
    if not is_small(len(chosen.reports), chosen.size):
        actions.queue(asked)
        return redirect("exports:export", asked.pk)
    making.make(viewer.employer_id, asked.pk, tell=False)
    asked = queries.exports(viewer).get(pk=asked.pk)
    if asked.state != ExportState.READY or asked.left_out or asked.unavailable:
        return redirect("exports:export", asked.pk)  # what is missing is said before it is fetched
    return _file(request, viewer, asked)


def _chosen(request: HttpRequest, viewer: Viewer, what: What) -> queries.Chosen:
    if what == What.SELECTED:
        return queries.selected(viewer, request.POST.getlist("ids"))
    query = QueryDict(request.POST.get("query", ""))
    form = SearchForm(query, viewer=viewer, last_here=last_here(request))
    return queries.found(viewer, form.criteria())


@require_GET
def export(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, found = load(request, Permission.RESULT_READ, queries.exports, pk)
    return _page(request, viewer, found)


def _page(request: HttpRequest, viewer: Viewer, found: Export, status: int = 200) -> HttpResponse:
    context = {
        "export": found,
        "is_unfinished": found.state in UNFINISHED,
        "is_ready": queries.living(viewer).filter(pk=found.pk, state=ExportState.READY).exists(),
        "left_out": queries.left_out(viewer, found),
        "refused": queries.refused(viewer, found),
    }
    return render(request, "exports/export.html", context, status=status)


@require_GET
def progress(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The part of the page that moves. At the end the whole page is drawn anew."""
    _, found = load(request, Permission.RESULT_READ, queries.exports, pk)
    is_unfinished = found.state in UNFINISHED
    context = {"export": found, "is_unfinished": is_unfinished}
    response = render(request, "exports/_progress.html", context)
    if not is_unfinished:
        response["HX-Refresh"] = "true"
    return response


@require_POST
def stop(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, found = load(request, Permission.RESULT_READ, queries.exports, pk)
    if actions.stop(found, by=viewer):
        messages.success(request, "Stopped. Nothing was kept of it.")
    return redirect("exports:export", pk)


@require_POST
def remake(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, found = load(request, Permission.RESULT_READ, queries.exports, pk)
    actions.remake(found, by=viewer)
    return redirect("exports:export", pk)


@require_GET
def download(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """Asked anew: a file with a report its maker may not read any more is not given out."""
    viewer, found = load(request, Permission.RESULT_READ, queries.living, pk)
    if found.state != ExportState.READY or queries.refused(viewer, found):
        return _page(request, viewer, found, status=409)
    return _file(request, viewer, found)


def _file(request: HttpRequest, viewer: Viewer, found: Export) -> HttpResponseBase:
    """Its parts are opened while they are sent: only the first is in memory before."""
    try:
        content = parts.read(queries.part_names(found))
    except (OSError, SealBroken):
        messages.error(request, "The file cannot be read any more. Have it made again.")
        return redirect("exports:export", found.pk)
    actions.note_fetched(found, by=viewer)
    response = StreamingHttpResponse(content, content_type=_TYPES[Form(found.form)])
    response["Content-Disposition"] = f'attachment; filename="{found.file_name}"'
    response["Content-Length"] = str(found.size)
    response["Cache-Control"] = "no-store"
    return response
