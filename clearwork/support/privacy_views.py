"""The support console's privacy incidents and concerns."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from clearwork.access.decide import StaffMember
from clearwork.access.load import require_staff
from clearwork.access.permissions import Permission
from clearwork.privacy import actions as privacy
from clearwork.privacy import queries as reported
from clearwork.privacy.models import PrivacyIncident
from clearwork.privacy.rules import AlreadyDecided, Decision, Kind
from clearwork.results import removal, versions
from clearwork.support import incidents
from clearwork.support.incident_forms import DecideForm, ReasonForm
from clearwork.support.methods import get_or_post
from clearwork.support.paging import page_of

CONCERNS_SHOWN = 50
_ALREADY = "Someone else has decided this in the meantime."
_ON_HOLD = "It is on legal hold: release it, or put it back and have the hold ended first."
_SAME = "It was filed with this very employee: put it back instead."


@require_GET
def incident_list(request: HttpRequest) -> HttpResponse:
    require_staff(request, Permission.INCIDENT_DECIDE)
    page = page_of(request, reported.incidents())
    names = incidents.names(list(page))
    concerns = list(reported.concerns()[: CONCERNS_SHOWN + 1])
    context = {
        "page": page,
        "rows": [(each, names.get(each.reported_by_id or each.pk, "")) for each in page],
        "concerns": concerns[:CONCERNS_SHOWN],
        "more_concerns": len(concerns) > CONCERNS_SHOWN,
    }
    return render(request, "support/incidents.html", context)


@get_or_post
def incident(request: HttpRequest, pk: UUID) -> HttpResponse:
    member = require_staff(request, Permission.INCIDENT_DECIDE)
    found = get_object_or_404(reported.incidents(), pk=pk)
    decides = found.kind == Kind.RECEIVED_IN_ERROR
    data = request.POST if request.method == "POST" else None
    form = DecideForm(data) if decides else ReasonForm(data)
    if form.is_valid() and _decided(request, member, found, form):
        return redirect("support:incidents")
    if request.method != "POST":
        privacy.note_view(found, by=member.actor)
    names, facts = incidents.names([found]), incidents.facts(found)
    context = {
        "incident": found,
        "form": form,
        "decides": decides,
        "facts": facts,
        "is_whole": incidents.is_whole(facts) if found.kind == Kind.UNREADABLE else None,
        "reporter": names.get(found.reported_by_id) if found.reported_by_id else "",
        "decider": names.get(found.decided_by_id) if found.decided_by_id else "",
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "support/incident.html", context, status=status)


@get_or_post
def concern(request: HttpRequest, pk: UUID) -> HttpResponse:
    member = require_staff(request, Permission.INCIDENT_DECIDE)
    found = get_object_or_404(reported.concerns(), pk=pk)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            privacy.answer_concern(found, reason=form.cleaned_data["reason"], by=member.actor)
            messages.success(request, "Marked as answered.")
        except AlreadyDecided:
            messages.error(request, _ALREADY)
        return redirect("support:incidents")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    context = {"concern": found, "form": form}
    return render(request, "support/concern.html", context, status=status)


def _decided(
    request: HttpRequest, member: StaffMember, found: PrivacyIncident, form: ReasonForm
) -> bool:
    """Whether it is decided now, by whomever; else the form says what is wrong."""
    try:
        _decide(member, found, form)
        messages.success(request, "Decided.")
    except AlreadyDecided:
        messages.error(request, _ALREADY)
    except removal.OnLegalHold:
        form.add_error("decision", _ON_HOLD)
        return False
    except removal.SamePerson:
        form.add_error("last_name", _SAME)
        return False
    return True


def _decide(member: StaffMember, found: PrivacyIncident, form: ReasonForm) -> None:
    reason, by = form.cleaned_data["reason"], member.actor
    if not isinstance(form, DecideForm):
        how = Decision.SETTLED if found.kind == Kind.UNREADABLE else Decision.ANSWERED
        privacy.decide(found, how, reason=reason, by=by)
    elif form.employee is not None:
        versions.release(found, employee=form.employee, reason=reason, by=by)
    elif form.cleaned_data["decision"] == Decision.RESTORED:
        removal.put_back(found, reason=reason, by=by)
    else:
        removal.destroy(found, reason=reason, by=by)
