"""The employer's own locations."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clearwork.access.load import load, require
from clearwork.access.permissions import Permission
from clearwork.company import queries
from clearwork.company.forms import NewWorksiteForm, WorksiteForm
from clearwork.employers import account_actions
from clearwork.employers import queries as employers
from clearwork.employers.account_actions import WORKSITE_FIELDS, seen
from clearwork.employers.models import Worksite
from clearwork.employers.rules import ChangedMeanwhile, NameTaken

_TAKEN = "Another worksite has this name. Choose one that tells them apart."


@require_GET
def worksite_list(request: HttpRequest) -> HttpResponse:
    viewer = require(request, Permission.COMPANY_READ)
    found = queries.worksites_of(viewer).order_by("-is_active", "name", "id")
    return render(request, "company/worksites.html", {"worksites": found})


@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    viewer = require(request, Permission.COMPANY_EDIT)
    data = request.POST if request.method == "POST" else None
    form = NewWorksiteForm(data, viewer=viewer)
    if form.is_valid():
        try:
            worksite = account_actions.add_worksite(
                by=viewer.actor,
                employer_id=viewer.employer_id,
                values=form.values(WORKSITE_FIELDS),
                like=form.cleaned_data["like"],
            )
        except NameTaken:
            form.add_error("name", _TAKEN)
        else:
            messages.success(request, f"{worksite} is added.")
            return redirect("company:worksites")
    status = 422 if form.errors else 200
    return render(request, "company/worksite.html", {"form": form}, status=status)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, worksite = load(request, Permission.COMPANY_EDIT, queries.worksites_of, pk)
    now = {name: getattr(worksite, name) for name in WORKSITE_FIELDS}
    shown = seen(worksite, WORKSITE_FIELDS)
    data = request.POST if request.method == "POST" else None
    form = WorksiteForm(data, initial={**now, "shown": shown})
    if form.is_valid():
        try:
            account_actions.edit_worksite(
                by=viewer.actor,
                worksite=worksite,
                values=form.values(WORKSITE_FIELDS),
                shown=form.cleaned_data["shown"],
            )
        except NameTaken:
            form.add_error("name", _TAKEN)
        except ChangedMeanwhile:
            form.changed_meanwhile(shown, form.differing(now))
        else:
            messages.success(request, f"{form.cleaned_data['name']} is saved.")
            return redirect("company:worksites")
    context = {"form": form, "worksite": worksite}
    return render(request, "company/worksite.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def close(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, worksite = load(request, Permission.COMPANY_EDIT, queries.worksites_of, pk)
    if request.method == "POST":
        account_actions.close_worksite(by=viewer.actor, worksite=worksite)
        messages.success(request, f"{worksite} is closed.")
        return redirect("company:worksites")
    context = {
        "worksite": worksite,
        "receiving": queries.number_receiving(viewer, worksite),
        "is_last": _is_last_open(worksite),
    }
    return render(request, "company/worksite_close.html", context)


@require_POST
def reopen(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, worksite = load(request, Permission.COMPANY_EDIT, queries.worksites_of, pk)
    account_actions.reopen_worksite(by=viewer.actor, worksite=worksite)
    messages.success(request, f"{worksite} is open again.")
    return redirect("company:worksites")


def _is_last_open(worksite: Worksite) -> bool:
    others = employers.worksites(worksite.employer_id).exclude(pk=worksite.pk)
    return worksite.is_active and not others.exists()
