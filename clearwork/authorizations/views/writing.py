"""Writing an authorization: the form, new or for an order that is there."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from clearwork.access.decide import Viewer
from clearwork.access.load import load, require
from clearwork.access.permissions import Permission
from clearwork.authorizations import (
    actions,
    catalogue,
    changes,
    dot,
    drafts,
    keeping,
    prefill,
    queries,
)
from clearwork.authorizations.forms import AuthorizationForm, ChangeForm
from clearwork.authorizations.models import Authorization
from clearwork.authorizations.numbers import until_free
from clearwork.authorizations.rules import Modality, State, why_not_change
from clearwork.centers import queries as centers
from clearwork.centers.choosing import Choosing, choosing
from clearwork.foundation.ids import read_uuid
from clearwork.people.models import Employee
from clearwork.people.rules import NumberTaken


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    viewer = require(request, Permission.AUTHORIZATION_CREATE)
    if request.method == "GET":
        sent = read_uuid(request.GET.get("sent"))
        if sent and (made := catalogue.submitted(viewer, sent)):
            return render(request, "authorizations/sent.html", {"authorization": made})
        form = AuthorizationForm(initial=_first_values(request, viewer), viewer=viewer)
        waiting = [] if "draft" in request.GET else list(drafts.drafts(viewer)[:3])
        return _page(request, viewer, form, drafts=waiting)
    form = AuthorizationForm(request.POST, viewer=viewer)
    made = _submitted(request, viewer, form)
    return redirect("authorizations:detail", made.pk) if made else _page(request, viewer, form)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The same form for an order its center has not accepted yet."""
    viewer, there = load(request, Permission.AUTHORIZATION_CREATE, queries.to_print, pk)
    if problem := why_not_change(State(there.state)):
        messages.error(request, f"{there.number} cannot be changed. {problem}")
        return redirect("authorizations:detail", pk)
    initial = prefill.of_order(there)
    if request.method == "GET":
        form = ChangeForm(initial=initial, viewer=viewer, authorization=there)
        return _page(request, viewer, form, authorization=there)
    form = ChangeForm(request.POST, initial=initial, viewer=viewer, authorization=there)
    if form.is_valid() and _changed(request, viewer, form):
        return redirect("authorizations:detail", pk)
    return _page(request, viewer, form, authorization=there)


def _first_values(request: HttpRequest, viewer: Viewer) -> dict[str, Any]:
    draft = prefill.row(drafts.drafts(viewer), request.GET.get("draft", ""))
    return prefill.of_draft(draft) if draft else prefill.initial(viewer, request.GET.dict())


def _page(
    request: HttpRequest, viewer: Viewer, form: AuthorizationForm, **more: Any
) -> HttpResponse:
    context = {
        "form": form,
        "choosing": _choosing(request, viewer, form),
        "packages": centers.packages(viewer),
        "reasons": dot.REASONS.items(),
        "keep_key": keeping.key_for(viewer.seen_by_id or viewer.user_id),
        **more,
    }
    return render(request, "authorizations/new.html", context, status=422 if form.errors else 200)


def _choosing(request: HttpRequest, viewer: Viewer, form: AuthorizationForm) -> Choosing:
    """Without JavaScript any center can be chosen: what does not fit is said on sending."""
    asked = request.POST if request.method == "POST" else request.GET
    return choosing(
        viewer,
        asked,
        chosen=read_uuid(form["center"].value()),
        telemedicine=form["modality"].value() == Modality.CENTER_TELEMEDICINE,
        worksite=read_uuid(form["worksite"].value()),
    )


def _submitted(
    request: HttpRequest, viewer: Viewer, form: AuthorizationForm
) -> Authorization | None:
    """The one authorization of this form, however often Submit is pressed; None on errors."""
    if form.is_valid() and (made := _authorized(viewer, form)):
        messages.success(request, f"Authorization {made.number} is on its way.")
        if form.cleaned_data["send_pass"] and not _is_reachable(made.employee):
            text = "has no email or mobile number on record: send the pass from this page."
            messages.warning(request, f"{made.employee} {text}")
        return made
    before = _already_submitted(viewer, form)
    if before:
        text = "was submitted from this form before, once. Anything changed since was not sent."
        messages.info(request, f"Authorization {before.number} {text}")
    return before


def _is_reachable(employee: Employee) -> bool:
    return bool(employee.email or employee.phone)


def _authorized(viewer: Viewer, form: AuthorizationForm) -> Authorization | None:
    """None where this form, or another with the same new employee, was faster."""
    try:
        return until_free(partial(_authorized_once, viewer, form))
    except (IntegrityError, NumberTaken):
        form.full_clean()  # finds what is taken by now
        if form.is_valid() and not _already_submitted(viewer, form):
            raise
        return None


def _authorized_once(viewer: Viewer, form: AuthorizationForm) -> Authorization:
    made = actions.authorize(form.order(), by=viewer)
    if form.cleaned_data["send_pass"]:
        actions.send_pass(made, by=viewer)
    return made


def _changed(request: HttpRequest, viewer: Viewer, form: ChangeForm) -> bool:
    """False with what others changed meanwhile told at the form: nothing typed is lost."""
    there, seen = form.authorization, form.cleaned_data["revision"]
    if problem := changes.change_order(there, form.order(), by=viewer, seen=seen):
        form.refuse(problem, now=queries.to_print(viewer).get(pk=there.pk))
        return False
    drafts.discard_draft(submission=form.cleaned_data["submission"], by=viewer)
    messages.success(request, f"{there.number} is changed.")
    return True


def _already_submitted(viewer: Viewer, form: AuthorizationForm) -> Authorization | None:
    """The authorization that this very form made before, when Submit was pressed twice."""
    submission = read_uuid(form["submission"].value())
    return catalogue.submitted(viewer, submission) if submission else None
