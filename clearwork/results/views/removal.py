"""Reporting that a report was received in error: gone at once, for everyone at the employer."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from clearwork.access.load import load
from clearwork.access.permissions import Permission
from clearwork.results import queries, removal
from clearwork.results.forms.removal import ReceivedInErrorForm

_REMOVED = (
    "It is removed from your company's view. Support and the privacy officer are told; "
    "your Admin Users hear by email how it ended. If you printed or saved a copy, destroy it."
)


@require_http_methods(["GET", "HEAD", "POST"])
def received_in_error(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, found = load(request, Permission.RESULT_READ, queries.in_full, pk)
    form = ReceivedInErrorForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        removal.remove(found, words=form.cleaned_data["words"], by=viewer)
        messages.success(request, _REMOVED)
        return redirect("results:list")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    context = {"report": found, "form": form}
    return render(request, "results/received_in_error.html", context, status=status)
