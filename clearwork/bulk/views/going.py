"""One batch: its rows and what is wrong with them, its progress, its result."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from clearwork.access.decide import Viewer
from clearwork.access.load import load, require
from clearwork.access.permissions import Permission
from clearwork.bulk import actions, correcting, queries, terms
from clearwork.bulk.forms import (
    ColumnsForm,
    PassesForm,
    ReasonForm,
    UntilForm,
    fixes_of,
    guessed_columns,
)
from clearwork.bulk.models import AuthorizationBatch
from clearwork.bulk.rules import WITH_PASSES, BatchState, RowState, What, fields_of, missing_columns
from clearwork.database.paging import newest_page
from clearwork.employers.rules import ChangedMeanwhile
from clearwork.foundation import clock
from clearwork.people.queries import worksites
from clearwork.sheets.table import clean

_CHANGED = "Not saved: someone changed this row meanwhile. Here it is as they left it."
_SHOWN_FIRST = (RowState.WRONG, RowState.SKIPPED, RowState.MADE, RowState.GOOD, RowState.LEFT_OUT)


@require_GET
def batch_list(request: HttpRequest) -> HttpResponse:
    viewer = require(request, Permission.AUTHORIZATION_READ_OWN)
    listed = queries.batches(viewer).select_related("created_by")
    page = newest_page(listed, "created_at", request.GET.get("after", ""))
    return render(request, "bulk/list.html", {"page": page})


@require_GET
def batch(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, found = load(request, Permission.AUTHORIZATION_READ_OWN, queries.batches, pk)
    return render(request, "bulk/batch.html", _page(request, viewer, found))


def _page(request: HttpRequest, viewer: Viewer, found: AuthorizationBatch) -> dict[str, Any]:
    counts = queries.counts(found)
    state = request.GET.get("show", "")
    if state not in RowState:
        state = next((one for one in _SHOWN_FIRST if getattr(counts, one)), RowState.GOOD)
    rows, more = queries.page(found, state, _count(request.GET.get("row", "")), viewer)
    return {
        **_head(found, counts),
        "rows": rows,
        "more": more,
        "show": state,
        "worksites": worksites(viewer) if found.state == BatchState.CHECKED else [],
        "without_address": queries.without_address(found) if _sends_passes(found) else 0,
        "columns": _columns_form(found),
        "unused": [h for h, key in zip(found.headers, found.columns, strict=True) if h and not key],
        "guessed": guessed_columns(found.headers, found.columns, found.what),
        "missing": missing_columns(set(found.columns)) if found.columns else "",
    }


def _count(text: str) -> int:
    """A number as a page said it; 0 for whatever else stands in the address."""
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _head(found: AuthorizationBatch, counts: queries.Counts) -> dict[str, Any]:
    order: terms.Terms | None = None
    problems: list[str] = []
    if found.what == What.AUTHORIZE:
        order = terms.from_json(found.order)
        problems = _problems(found, order)
    return {
        "batch": found,
        "counts": counts,
        "tabs": [(one, getattr(counts, one)) for one in _SHOWN_FIRST if getattr(counts, one)],
        "order": order,
        "order_problems": problems,
        "fields": fields_of(found.what),
        "is_file": found.what in (What.AUTHORIZE, What.ROSTER),
        "until": UntilForm(initial=found.order) if found.what == What.EXTEND else None,
        "reason": ReasonForm(initial=found.order) if found.what == What.CANCEL else None,
        "passes": PassesForm(initial=found.order) if found.what == What.AUTHORIZE else None,
        "with_passes": found.order.get(WITH_PASSES),
        "doubts": queries.doubts(found) if _may_doubt(found, counts) else None,
    }


def _problems(found: AuthorizationBatch, order: terms.Terms) -> list[str]:
    """Why nobody can be authorized any more as a list that is not submitted says."""
    if found.state != BatchState.CHECKED:
        return []
    return [text for _, text in (*order.problems(clock.today()), *order.not_offered())]


def _may_doubt(found: AuthorizationBatch, counts: queries.Counts) -> bool:
    return found.what == What.AUTHORIZE and found.state == BatchState.CHECKED and counts.wrong > 0


def _sends_passes(found: AuthorizationBatch) -> bool:
    return bool(found.finished_at and found.order.get(WITH_PASSES))


def _columns_form(found: AuthorizationBatch, *posted: Any) -> ColumnsForm | None:
    if not found.headers:
        return None
    return ColumnsForm(*posted, what=found.what, headers=found.headers, columns=found.columns)


@require_POST
def columns(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, found = load(request, Permission.AUTHORIZATION_CREATE, queries.batches, pk)
    form = _columns_form(found, request.POST)
    if form is None:
        raise Http404
    if form.is_valid() and not (missing := missing_columns(set(form.columns()))):
        correcting.set_columns(found, form.columns(), by=viewer)
        return redirect("bulk:batch", pk)
    if form.is_valid():
        form.add_error(None, missing)
    context = {**_page(request, viewer, found), "columns": form, "form": form}
    return render(request, "bulk/batch.html", context, status=422)


@require_POST
def row(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Correct a row in place; the answer is that row alone, and the counts."""
    viewer, found = load(request, Permission.AUTHORIZATION_CREATE, queries.rows, pk)
    (shown,) = queries.shown(found.batch, [found], viewer)
    try:
        correcting.change_row(
            found,
            by=viewer,
            shown=request.POST.get("seen", ""),
            fixes=fixes_of(request.POST, found.batch.what, shown.texts),
            answer=clean(request.POST.get("answer", ""))[:40],
            accepted="accepted" in request.POST,
        )
    except ChangedMeanwhile:
        return _row(request, viewer, found.pk, problem=_CHANGED)
    return _row(request, viewer, found.pk)


@require_POST
def leave_out(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, found = load(request, Permission.AUTHORIZATION_CREATE, queries.rows, pk)
    correcting.leave_out(found, by=viewer, out=request.POST.get("out") != "no")
    return _row(request, viewer, found.pk)


def _row(request: HttpRequest, viewer: Viewer, pk: UUID, *, problem: str = "") -> HttpResponse:
    fresh = queries.rows(viewer).get(pk=pk)
    if not request.headers.get("HX-Request"):
        if problem:
            messages.error(request, f"Row {fresh.line}: {problem}")
        return redirect("bulk:batch", fresh.batch_id)
    (shown,) = queries.shown(fresh.batch, [fresh], viewer)
    counts = queries.counts(fresh.batch)
    context = {
        **_head(fresh.batch, counts),
        "shown": shown,
        "show": RowState.WRONG,
        "swapped": True,
        "not_saved": problem,
    }
    return render(request, "bulk/_changed_row.html", context)


@require_POST
def accept_doubts(request: HttpRequest, pk: UUID) -> HttpResponse:
    """All doubtful rows at once; how many there were is on the button, and has to hold still."""
    viewer, found = load(request, Permission.AUTHORIZATION_CREATE, queries.batches, pk)
    seen = _count(request.POST.get("seen", ""))
    with_passes = "send_passes" in request.POST
    if not correcting.accept_doubts(found, by=viewer, seen=seen, with_passes=with_passes):
        messages.info(request, "The rows have changed meanwhile. Look at them again.")
    return redirect("bulk:batch", pk)


@require_POST
def order(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A new last day for an extension."""
    viewer, found = load(request, Permission.AUTHORIZATION_CREATE, queries.batches, pk)
    return _with_day(request, viewer, found) or redirect("bulk:batch", pk)


def _with_day(
    request: HttpRequest, viewer: Viewer, found: AuthorizationBatch
) -> HttpResponse | None:
    """Have an extension's rows checked with the day on the page; its page, where that is none."""
    if found.what != What.EXTEND:
        return None
    form = UntilForm(request.POST)
    if not form.is_valid():
        context = {**_page(request, viewer, found), "until": form, "form": form}
        return render(request, "bulk/batch.html", context, status=422)
    until = form.cleaned_data["until"].isoformat()
    correcting.set_order(found, {"until": until}, by=viewer)
    return None


@require_POST
def submit(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, found = load(request, Permission.AUTHORIZATION_READ_OWN, queries.batches, pk)
    require(request, actions.NEEDED[found.what])
    if found.created_by_id != viewer.user_id:
        messages.error(request, "Only who began it can submit it: it is done in their name.")
        return redirect("bulk:batch", pk)
    if request.POST.get("until", found.order.get("until")) != found.order.get("until"):
        if wrong := _with_day(request, viewer, found):
            return wrong
        messages.info(request, "The rows are checked with the new date: look at them, then submit.")
        return redirect("bulk:batch", pk)
    if found.what == What.CANCEL:
        form = ReasonForm(request.POST)
        if not form.is_valid():
            context = {**_page(request, viewer, found), "reason": form, "form": form}
            return render(request, "bulk/batch.html", context, status=422)
        correcting.set_order(found, {"reason": form.cleaned_data["reason"]}, by=viewer)
    if found.what == What.AUTHORIZE and _problems(found, terms.from_json(found.order)):
        return redirect("bulk:batch", pk)  # which says them
    if not actions.submit(found, by=viewer, with_passes="send_passes" in request.POST):
        messages.info(request, "It was submitted before, or no row is ready.")
    return redirect("bulk:batch", pk)


@require_POST
def passes(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send the passes of all that a list has authorized."""
    viewer, found = load(request, Permission.AUTHORIZATION_CREATE, queries.batches, pk)
    if actions.send_passes(found, by=viewer):
        messages.success(request, "The passes are on their way.")
    return redirect("bulk:batch", pk)


@require_POST
def go_on(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A new list of what this one left out."""
    viewer, found = load(request, Permission.AUTHORIZATION_CREATE, queries.batches, pk)
    require(request, actions.NEEDED[found.what])
    rest = actions.go_on(found, by=viewer) or found
    return redirect("bulk:batch", rest.pk)


@require_POST
def stop(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, found = load(request, Permission.AUTHORIZATION_CREATE, queries.batches, pk)
    if actions.stop(found, by=viewer):
        messages.success(request, "Stopped. What was done before stays done.")
    return redirect("bulk:batch", pk)


@require_GET
def progress(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The part of the page that moves. At the end the whole page is drawn anew."""
    _, found = load(request, Permission.AUTHORIZATION_READ_OWN, queries.batches, pk)
    context = {"batch": found, "counts": queries.counts(found)}
    response = render(request, "bulk/_progress.html", context)
    if found.state != BatchState.RUNNING:
        response["HX-Refresh"] = "true"
    return response
