"""Documented requests to receive more than the minimum necessary."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from clearwork.access.load import load, require
from clearwork.access.permissions import Permission
from clearwork.company import queries
from clearwork.company.forms import ReleaseForm
from clearwork.company.views.reports import type_or_404
from clearwork.database.paging import newest_page
from clearwork.employers import account_actions
from clearwork.employers.models import ReleaseRequest
from clearwork.employers.rules import (
    AlreadyAsked,
    DocumentLost,
    ReleaseClass,
    ReleaseStanding,
    ReportType,
)


@require_GET
def release_list(request: HttpRequest) -> HttpResponse:
    viewer = require(request, Permission.SUBSCRIPTION_READ)
    page = newest_page(queries.releases_of(viewer), "requested_at", request.GET.get("after", ""))
    listed = [(row, queries.standing_of(row), _label(row)) for row in page.rows]
    return render(request, "company/releases.html", {"page": page, "listed": listed})


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, pk: UUID, report_type: str) -> HttpResponse:
    viewer, contact = load(request, Permission.SUBSCRIPTION_EDIT, queries.contacts_of, pk)
    kind = type_or_404(report_type)
    if kind.release_class is not ReleaseClass.DOCUMENTED_REQUEST:
        raise Http404
    form = ReleaseForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    if form.is_valid():
        try:
            asked = account_actions.request_release(
                by=viewer.actor,
                contact=contact,
                report_type=kind,
                reason=form.cleaned_data["reason"],
                pdf=form.cleaned_data["document"],
            )
        except AlreadyAsked:
            form.add_error(None, "There is a request for this already, waiting or approved.")
        else:
            messages.success(request, "The request is sent. Support decides it.")
            return redirect("company:release", asked.pk)
    context = {"form": form, "contact": contact, "type": kind}
    return render(request, "company/release_new.html", context, status=422 if form.errors else 200)


@require_GET
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, found = load(request, Permission.SUBSCRIPTION_READ, queries.releases_of, pk)
    now = queries.standing_of(found)
    latest = queries.latest_release(viewer, found.contact, found.report_type)
    ended = now in (ReleaseStanding.EXPIRED, ReleaseStanding.DECLINED)
    context = {
        "release": found,
        "standing": now,
        "label": _label(found),
        "may_ask_again": ended and latest == found and found.contact.is_active,
        "is_in_force": now is ReleaseStanding.APPROVED,
    }
    return render(request, "company/release.html", context)


@require_GET
def document(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, found = load(request, Permission.SUBSCRIPTION_READ, queries.releases_of, pk)
    try:
        pdf = account_actions.read_release_document(by=viewer.actor, request=found)
    except DocumentLost:
        messages.error(request, "The stored file is missing or damaged. Tell customer support.")
        return redirect("company:release", pk)
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="request-{found.pk}.pdf"'
    response["Cache-Control"] = "no-store"
    return response


def _label(release: ReleaseRequest) -> str:
    return ReportType(release.report_type).label
