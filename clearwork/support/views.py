"""The support console. Each view acts as the operator once the person's right is checked."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from clearwork.access.decide import StaffMember
from clearwork.access.load import require_staff
from clearwork.access.permissions import Permission
from clearwork.accounts import requests
from clearwork.accounts.models import AccessRequest
from clearwork.accounts.rules import RequestState
from clearwork.employers import account_actions, rules
from clearwork.employers.models import ReleaseRequest
from clearwork.employers.rules import ReportType
from clearwork.support import queries
from clearwork.support.forms import ApproveForm, DeclineForm, ReleaseForm
from clearwork.support.methods import get_or_post
from clearwork.support.paging import page_of

_ALREADY = "Someone else has decided this in the meantime."
_LOST = (
    "The stored file is missing or damaged. Restore it from the backup, or decline, so that the "
    "company sends it again."
)
_TURNED_OFF = (
    "This company turned this person's access off, and its Admin Users alone turn it on again. "
    "Decline, and say whom to ask."
)


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The first section this person works in."""
    member = require_staff(request, Permission.RELEASE_DECIDE)
    sees_requests = member.may(Permission.REQUEST_DECIDE)
    return redirect("support:requests" if sees_requests else "support:releases")


@require_GET
def request_list(request: HttpRequest) -> HttpResponse:
    require_staff(request, Permission.REQUEST_DECIDE)
    state = request.GET.get("state", "")
    state = state if state in set(RequestState) else ""
    page = page_of(request, queries.access_requests(state))
    employers = queries.employers_asked_for(list(page))
    rows = [(asked, employers.get(asked.account_number)) for asked in page]
    context = {"page": page, "rows": rows, "states": RequestState.choices(), "state": state}
    return render(request, "support/requests.html", context)


@get_or_post
def request_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    member, asked = _asked(request, pk)
    typed = {"account_number": asked.account_number, "role": asked.role}
    form = ApproveForm(request.POST if request.method == "POST" else None, initial=typed)
    if form.is_valid() and _approved(request, member, asked, form):
        return redirect("support:requests")
    context = {"known": queries.known(asked), "repeated": queries.repeated(asked)}
    return _page(request, "support/request.html", form, asked=asked, **context)


@get_or_post
def request_decline(request: HttpRequest, pk: UUID) -> HttpResponse:
    member, asked = _asked(request, pk)
    form = DeclineForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            requests.decline(by=member.actor, request=asked, reason=form.cleaned_data["reason"])
            messages.success(request, f"Declined. {asked.email} is told by email.")
        except requests.AlreadyDecided:
            messages.error(request, _ALREADY)
        return redirect("support:requests")
    who = f"{asked.first_name} {asked.last_name} ({asked.email})"
    said = f"{who} gets no access, and your reason by email. They can ask again."
    back = reverse("support:request", args=[pk])
    return _page(request, "support/decline.html", form, what="request", said=said, back=back)


@require_GET
def release_list(request: HttpRequest) -> HttpResponse:
    require_staff(request, Permission.RELEASE_DECIDE)
    page = page_of(request, queries.releases())
    return render(request, "support/releases.html", {"page": page})


@get_or_post
def release_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    member, release = _release(request, pk)
    form = ReleaseForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        answer = {"approve": True, "expires": form.cleaned_data["expires"]}
        if (done := _decide(request, member, release, form, **answer)) is not None:
            return done
    return _page(request, "support/release.html", form, release=release)


@get_or_post
def release_decline(request: HttpRequest, pk: UUID) -> HttpResponse:
    member, release = _release(request, pk)
    form = DeclineForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        answer = {"approve": False, "reason": form.cleaned_data["reason"]}
        if (done := _decide(request, member, release, form, **answer)) is not None:
            return done
    who = f"{release.contact} of {release.employer.legal_name}"
    report = ReportType(release.report_type).label
    said = (
        f"{who} will not receive: {report}. The company's Admin Users see your reason, "
        "and can ask again."
    )
    back = reverse("support:release", args=[pk])
    return _page(request, "support/decline.html", form, what="release", said=said, back=back)


@require_GET
def release_document(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The signed request, as it was uploaded: to be kept, never shown inside a page."""
    member, release = _release(request, pk)
    try:
        pdf = account_actions.read_release_document(by=member.actor, request=release)
    except rules.DocumentLost:
        messages.error(request, _LOST)
        return redirect("support:release", pk)
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = 'attachment; filename="release-request.pdf"'
    response["Cache-Control"] = "no-store"
    return response


def _asked(request: HttpRequest, pk: UUID) -> tuple[StaffMember, AccessRequest]:
    member = require_staff(request, Permission.REQUEST_DECIDE)
    found = AccessRequest.objects.select_related("decided_by")
    return member, get_object_or_404(found, pk=pk)


def _release(request: HttpRequest, pk: UUID) -> tuple[StaffMember, ReleaseRequest]:
    member = require_staff(request, Permission.RELEASE_DECIDE)
    return member, get_object_or_404(queries.releases(), pk=pk)


def _approved(
    request: HttpRequest, member: StaffMember, asked: AccessRequest, form: ApproveForm
) -> bool:
    """Whether it is decided now, by whomever; else the form says why it cannot be."""
    employer, role = form.chosen()
    try:
        requests.approve(by=member.actor, request=asked, employer=employer, role=role)
        messages.success(request, f"An invitation is on its way to {asked.email}.")
    except requests.AlreadyDecided:
        messages.error(request, _ALREADY)
    except requests.AccessTurnedOff:
        form.add_error("account_number", _TURNED_OFF)
    return not form.errors


def _decide(
    request: HttpRequest,
    member: StaffMember,
    release: ReleaseRequest,
    form: forms.Form,
    **answer: Any,
) -> HttpResponse | None:
    """Support's answer to a documented request; None where the form has an error to show."""
    try:
        account_actions.decide_release(by=member.actor, request=release, **answer)
        messages.success(request, "Approved." if answer["approve"] else "Declined.")
    except rules.AlreadyDecided:
        messages.error(request, _ALREADY)
    except rules.BadDecision as bad:
        form.add_error(next(iter(form.fields)), str(bad))
        return None
    return redirect("support:releases")


def _page(request: HttpRequest, template: str, form: forms.Form, **context: Any) -> HttpResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, template, {**context, "form": form}, status=status)
