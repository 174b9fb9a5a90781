"""The company itself: its account information at a glance, and its own facts."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from clearwork.access.load import require
from clearwork.access.permissions import Permission
from clearwork.company import queries
from clearwork.company.forms import CompanyForm
from clearwork.employers import account_actions
from clearwork.employers import queries as employers
from clearwork.employers.account_actions import COMPANY_FIELDS, seen
from clearwork.employers.rules import ChangedMeanwhile, DecisionState
from clearwork.privacy.rules import State

_EXPIRING_DAYS = 30


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    viewer = require(request, Permission.COMPANY_READ)
    releases = queries.releases_of(viewer)
    context = {
        "employer": queries.own_employer(viewer),
        "worksites": employers.worksites(viewer.employer_id).count(),
        "contacts": queries.contacts_of(viewer).count(),
        "receiving": queries.number_receiving(viewer),
        "users": queries.users_by_role(viewer),
        "reported": queries.privacy_reports(viewer).filter(state=State.OPEN).count(),
        "waiting": releases.filter(state=DecisionState.WAITING).count(),
        "expiring": employers.releases_expiring(viewer.employer_id, _EXPIRING_DAYS).count(),
    }
    return render(request, "company/home.html", context)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest) -> HttpResponse:
    viewer = require(request, Permission.COMPANY_EDIT)
    employer = queries.own_employer(viewer)
    now = {name: getattr(employer, name) for name in COMPANY_FIELDS}
    shown = seen(employer, COMPANY_FIELDS)
    data = request.POST if request.method == "POST" else None
    form = CompanyForm(data, initial={**now, "shown": shown})
    if form.is_valid():
        try:
            account_actions.edit_company(
                by=viewer.actor,
                employer_id=viewer.employer_id,
                values=form.values(COMPANY_FIELDS),
                shown=form.cleaned_data["shown"],
            )
        except ChangedMeanwhile:
            form.changed_meanwhile(shown, form.differing(now))
        else:
            messages.success(request, "The company's information is saved.")
            return redirect("company:home")
    context = {"form": form, "employer": employer}
    return render(request, "company/edit.html", context, status=422 if form.errors else 200)
