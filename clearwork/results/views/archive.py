"""Restoring an archived report, and holding one whatever its retention says."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from clearwork.access.decide import Viewer
from clearwork.access.load import load
from clearwork.access.permissions import Permission
from clearwork.results import actions, queries
from clearwork.results.forms.keeping import ReasonForm
from clearwork.results.models import Report


class _Change(Protocol):
    def __call__(self, report: Report, *, why: str, by: Viewer) -> bool | None: ...


@require_http_methods(["GET", "POST"])
def restore(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, found = load(request, Permission.RESULT_RESTORE, queries.in_full, pk)
    said = "It is in the current list again, for 90 days."
    return _with_reason(request, viewer, found, "results/restore.html", actions.restore, said)


@require_http_methods(["GET", "POST"])
def hold(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, found = load(request, Permission.RESULT_HOLD, queries.in_full, pk)
    change: _Change
    if found.held_at:
        change, said = actions.end_hold, "The legal hold has ended."
    else:
        change, said = actions.hold, "It is on legal hold now."
    return _with_reason(request, viewer, found, "results/hold.html", change, said)


def _with_reason(
    request: HttpRequest, viewer: Viewer, found: Report, page: str, change: _Change, said: str
) -> HttpResponse:
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if change(found, why=form.cleaned_data["why"], by=viewer) is False:
            raise Http404  # destroyed, or removed, since it was loaded
        messages.success(request, said)
        return redirect("results:report", pk=found.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, page, {"report": found, "form": form}, status=status)
