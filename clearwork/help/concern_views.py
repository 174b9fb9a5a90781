"""Reporting a privacy concern, signed in or not: the answers are the same."""

from __future__ import annotations

from http import HTTPStatus

from allauth.account.adapter import get_adapter
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from clearwork.access.decide import Viewer
from clearwork.accounts import limits
from clearwork.help.forms import ConcernForm, OwnConcernForm
from clearwork.privacy import actions
from clearwork.privacy.rules import Kind

A_DAY_FROM_ONE_PLACE = 20


@require_http_methods(["GET", "HEAD", "POST"])
def concern(request: HttpRequest) -> HttpResponse:
    viewer: Viewer | None = getattr(request, "viewer", None)
    data = request.POST if request.method == "POST" else None
    form = OwnConcernForm(data) if viewer else ConcernForm(data)
    if request.method == "POST" and form.is_valid():
        return _keep(request, viewer, form)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    context = {"form": form, "base": _base(viewer)}
    return render(request, "help/concern.html", context, status=status)


@require_safe
def received(request: HttpRequest) -> HttpResponse:
    base = _base(getattr(request, "viewer", None))
    return render(request, "help/concern_received.html", {"base": base})


def _keep(
    request: HttpRequest, viewer: Viewer | None, form: OwnConcernForm | ConcernForm
) -> HttpResponse:
    place = get_adapter().get_client_ip(request)
    if limits.count("privacy concern from", place) > A_DAY_FROM_ONE_PLACE:
        context = {"base": _base(viewer)}
        status = HTTPStatus.TOO_MANY_REQUESTS
        return render(request, "help/concern_too_many.html", context, status=status)
    if isinstance(form, ConcernForm):
        actions.report_concern(form.save(commit=False))
    elif viewer:
        own = {"employer_id": viewer.employer_id, "words": form.cleaned_data["words"]}
        actions.report_incident(Kind.CONCERN, by=viewer.actor, **own)
    return redirect("help:concern_received")


def _base(viewer: Viewer | None) -> str:
    return "ui/base.html" if viewer else "ui/base_public.html"
