"""Results that no one could file: support looks at them and decides. None is lost."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from clearwork.access.decide import StaffMember
from clearwork.access.load import require_staff
from clearwork.access.permissions import Permission
from clearwork.documents.crypto import SealBroken
from clearwork.documents.inspect import NotAPdf
from clearwork.documents.preview import render_page
from clearwork.documents.storage import read_document
from clearwork.employers.rules import ReportType, report_type
from clearwork.exchange import settling
from clearwork.exchange.models import HeldResult, Outcome
from clearwork.support.held_forms import SettleForm
from clearwork.support.methods import get_or_post
from clearwork.support.paging import page_of

_ALREADY = "Someone else has settled this in the meantime."


@require_GET
def held_list(request: HttpRequest) -> HttpResponse:
    """Those that wait, the oldest first."""
    require_staff(request, Permission.HELD_RESULT_SETTLE)
    waiting = HeldResult.objects.filter(filed_at=None).select_related("center")
    listed = waiting.order_by("received_at", "id")
    page = page_of(request, listed)
    return render(request, "support/held_results.html", {"page": page})


@get_or_post
def held(request: HttpRequest, pk: UUID) -> HttpResponse:
    member, found = _held(request, pk)
    data = request.POST if request.method == "POST" else None
    form = SettleForm(data, initial=_as_sent(found))
    if form.is_valid():
        _settle(request, member, found, form)
        return redirect("support:held_results")
    if request.method != "POST":
        settling.note_view(found, by=member.actor)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    context = {"held": found, "form": form, "pages": range(1, found.pages + 1)}
    return render(request, "support/held_result.html", context, status=status)


@require_GET
def held_page(request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
    """One page as a picture: nothing a document contains can run."""
    _, found = _held(request, pk)
    try:
        image = render_page(read_document(found.document), number - 1)
    except (IndexError, NotAPdf, OSError, SealBroken) as error:
        raise Http404 from error
    return HttpResponse(image, content_type="image/png", headers={"Cache-Control": "no-store"})


def _held(request: HttpRequest, pk: UUID) -> tuple[StaffMember, HeldResult]:
    member = require_staff(request, Permission.HELD_RESULT_SETTLE)
    waiting = HeldResult.objects.filter(filed_at=None).select_related("center")
    return member, get_object_or_404(waiting, pk=pk)


def _as_sent(found: HeldResult) -> dict[str, object]:
    """What the center said of whose it is: to be corrected, not typed anew."""
    known = report_type(found.report_type)
    return {
        "report_type": known.value if known else "",
        "account_number": found.account_number,
        "first_name": found.given,
        "last_name": found.family,
        "date_of_birth": found.date_of_birth,
    }


def _settle(request: HttpRequest, member: StaffMember, found: HeldResult, form: SettleForm) -> None:
    reason, by = form.cleaned_data["reason"], member.actor
    try:
        if form.employee is not None:
            settling.file(
                found,
                employee=form.employee,
                authorization=form.authorization,
                kind=ReportType(form.cleaned_data["report_type"]),
                reason=reason,
                by=by,
            )
        else:
            outcome = Outcome(form.cleaned_data["outcome"])
            settling.put_aside(found, outcome=outcome, reason=reason, by=by)
        messages.success(request, "Settled.")
    except settling.AlreadySettled:
        messages.error(request, _ALREADY)
