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
from clearwork.authorizations.forms.life import CancelForm, ExtendForm
from clearwork.authorizations.models import Authorization
from clearwork.authorizations.rules import State, in_words, why_not_cancel


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
    if problem := why_not_cancel(State(authorization.state)):
        return _refuse(request, authorization, "cancelled", problem)
    form = CancelForm(request.POST or None)
    if request.method == "GET" or not form.is_valid():
        return _page(request, "cancel", authorization, form)
    if problem := changes.cancel(authorization, by=viewer, reason=form.in_words()):
        return _refuse(request, authorization, "cancelled", problem)
    messages.success(request, f"{authorization.number} is cancelled.")
    return redirect("authorizations:detail", pk)


@require_http_methods(["GET", "POST"])
def extend(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, authorization = load(request, Permission.AUTHORIZATION_EXTEND, queries.in_full, pk)
    if problem := changes.why_not_extend_now(authorization):
        return _refuse(request, authorization, "extended", problem)
    form = ExtendForm(request.POST or None, expires=authorization.expires)
    if request.method == "GET" or not form.is_valid():
        return _page(request, "extend", authorization, form)
    until = form.cleaned_data["until"]
    if problem := changes.extend(authorization, until=until, by=viewer):
        return _refuse(request, authorization, "extended", problem)
    messages.success(request, f"{authorization.number} is valid until {in_words(until)}.")
    return redirect("authorizations:detail", pk)


def _page(
    request: HttpRequest, name: str, authorization: Authorization, form: CancelForm | ExtendForm
) -> HttpResponse:
    context = {"authorization": authorization, "form": form}
    status = 422 if form.errors else 200
    return render(request, f"authorizations/{name}.html", context, status=status)


def _refuse(
    request: HttpRequest, authorization: Authorization, done: str, problem: str
) -> HttpResponse:
    messages.error(request, f"{authorization.number} cannot be {done}. {problem}")
    return redirect("authorizations:detail", authorization.pk)
