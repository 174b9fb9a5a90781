"""What one may do with an authorization that is there."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from clearwork.access.load import load
from clearwork.access.permissions import Permission
from clearwork.authorizations import changes, deliveries, queries


@require_POST
def resend(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, authorization = load(
        request, Permission.AUTHORIZATION_RESEND, queries.authorizations, pk
    )
    if deliveries.resend(authorization, by=viewer):
        messages.success(request, f"{authorization.number} is being sent again.")
    return redirect("authorizations:detail", pk)


@require_http_methods(["GET", "POST"])
def cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, authorization = load(request, Permission.AUTHORIZATION_CANCEL, queries.in_full, pk)
    if request.method == "GET":
        return render(request, "authorizations/cancel.html", {"authorization": authorization})
    if problem := changes.cancel(authorization, by=viewer):
        messages.error(request, f"{authorization.number} was not cancelled. {problem}")
    else:
        messages.success(request, f"{authorization.number} is cancelled.")
    return redirect("authorizations:detail", pk)
