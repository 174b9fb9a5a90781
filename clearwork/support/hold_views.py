"""The privacy officer's legal holds, and what retention would destroy next."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from clearwork.access.load import require_staff
from clearwork.access.permissions import Permission
from clearwork.employers import rules
from clearwork.foundation import clock
from clearwork.privacy import actions
from clearwork.privacy import queries as privacy
from clearwork.privacy.rules import AlreadyDecided
from clearwork.results import retention_plan
from clearwork.results.retention import A_RUN, retention
from clearwork.support import holds
from clearwork.support.hold_forms import DayForm, HoldForm
from clearwork.support.incident_forms import ReasonForm
from clearwork.support.methods import get_or_post
from clearwork.support.paging import page_of


@require_GET
def hold_list(request: HttpRequest) -> HttpResponse:
    require_staff(request, Permission.HOLD_MANAGE)
    page = page_of(request, privacy.holds())
    context = {"page": page, "rows": holds.shown(list(page))}
    return render(request, "support/holds.html", context)


@get_or_post
def hold_new(request: HttpRequest) -> HttpResponse:
    member = require_staff(request, Permission.HOLD_MANAGE)
    form = HoldForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and form.employer:
        actions.place_hold(
            form.chosen,
            by=member.actor,
            employer_id=form.employer.pk,
            subject_id=form.subject_id,
            reason=form.cleaned_data["reason"],
        )
        messages.success(request, "It is kept from now on, whatever its retention says.")
        return redirect("support:holds")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "support/hold_new.html", {"form": form}, status=status)


@get_or_post
def hold_lift(request: HttpRequest, pk: UUID) -> HttpResponse:
    member = require_staff(request, Permission.HOLD_MANAGE)
    found = get_object_or_404(privacy.holds().filter(lifted_at=None), pk=pk)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            actions.lift_hold(found, reason=form.cleaned_data["reason"], by=member.actor)
            messages.success(request, "The hold is lifted: retention counts again.")
        except AlreadyDecided:
            messages.error(request, "Someone else has lifted this hold in the meantime.")
        return redirect("support:holds")
    (shown,) = holds.shown([found])
    context = {"shown": shown, "form": form, "count": holds.reports_of(found).count()}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "support/hold_lift.html", context, status=status)


@require_GET
def retention_list(request: HttpRequest) -> HttpResponse:
    """What the job would destroy by a day, by type. Nothing is destroyed by looking."""
    require_staff(request, Permission.RETENTION_READ)
    form, day = _day(request)
    rows = retention_plan.by_type(day)
    context = {
        "form": form,
        "day": day,
        "is_today": day == clock.today(),
        "rows": rows,
        "total": sum(row.count for row in rows),
        "a_run": A_RUN,
    }
    return render(request, "support/retention.html", context)


@require_GET
def retention_of(request: HttpRequest, report_type: str) -> HttpResponse:
    """Whose reports of one type would go."""
    require_staff(request, Permission.RETENTION_READ)
    kind = rules.report_type(report_type)
    if kind is None:
        raise Http404
    form, day = _day(request)
    listed = retention_plan.by_employer(kind, day)
    page = page_of(request, listed)
    context = {"form": form, "day": day, "kind": kind, "rule": retention(kind), "page": page}
    return render(request, "support/retention_of.html", context)


def _day(request: HttpRequest) -> tuple[DayForm, date]:
    """The day asked for; today where it is none."""
    today = clock.today()
    form = DayForm(request.GET if "day" in request.GET else None, initial={"day": today})
    return form, form.cleaned_data["day"] if form.is_valid() else today
