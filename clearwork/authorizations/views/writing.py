"""Writing an authorization: the form."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from clearwork.access.decide import Viewer
from clearwork.access.load import require
from clearwork.access.permissions import Permission
from clearwork.authorizations import actions, queries
from clearwork.authorizations.forms import AuthorizationForm
from clearwork.authorizations.models import Authorization
from clearwork.people import queries as people


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    viewer = require(request, Permission.AUTHORIZATION_CREATE)
    posted = request.POST if request.method == "POST" else None
    form = AuthorizationForm(posted, viewer=viewer)
    if request.method == "POST" and (made := _submitted(request, viewer, form)):
        return redirect("authorizations:detail", made.pk)
    status = 422 if form.errors else 200
    chosen = _chosen_employee(viewer, form)
    context = {"form": form, "employees": chosen}
    return render(request, "authorizations/new.html", context, status=status)


def _submitted(
    request: HttpRequest, viewer: Viewer, form: AuthorizationForm
) -> Authorization | None:
    """The one authorization of this form, however often Submit is pressed; None on errors."""
    made = _already_submitted(viewer, form)
    if made is None and form.is_valid():
        made = _authorized(viewer, form)
        if made is not None:
            messages.success(request, f"Authorization {made.number} is on its way.")
    return made


def _authorized(viewer: Viewer, form: AuthorizationForm) -> Authorization | None:
    """None where another window was faster with the same new employee."""
    try:
        with transaction.atomic():
            return actions.authorize(form.order(), by=viewer)
    except IntegrityError:
        made = _already_submitted(viewer, form)
        form.full_clean()  # finds what is taken by now
        if made is None and form.is_valid():
            raise
        return made


def _already_submitted(viewer: Viewer, form: AuthorizationForm) -> Authorization | None:
    """The authorization that this very form made before, when Submit was pressed twice."""
    try:
        submission = UUID(str(form["submission"].value()))
    except ValueError:
        return None
    return queries.authorizations(viewer).filter(submission=submission).first()


def _chosen_employee(viewer: Viewer, form: AuthorizationForm) -> list[object]:
    try:
        chosen = UUID(str(form["employee"].value()))
    except ValueError:
        return []
    return list(people.employees(viewer).filter(pk=chosen).select_related("worksite"))
