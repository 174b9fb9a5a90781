from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clearwork.access.decide import Viewer
from clearwork.access.load import load, require
from clearwork.access.permissions import Permission
from clearwork.audit.actions import Action, record
from clearwork.authorizations import actions, queries
from clearwork.authorizations.forms import AuthorizationForm
from clearwork.authorizations.models import Authorization
from clearwork.authorizations.rules import (
    Kind,
    State,
    has_ended,
    may_cancel,
    stage,
)
from clearwork.database.paging import newest_page
from clearwork.documents.storage import read_document
from clearwork.foundation import clock
from clearwork.people import queries as people


@require_GET
def authorization_list(request: HttpRequest) -> HttpResponse:
    viewer = require(request, Permission.AUTHORIZATION_READ_OWN)
    typed = request.GET.get("q", "")[:200]
    state = request.GET.get("state", "")
    listed = queries.found_by(queries.newest_first(viewer), typed, state)
    page = newest_page(listed, "created_at", request.GET.get("after", ""))
    return render(
        request,
        "authorizations/list.html",
        {
            "page": page,
            "q": typed,
            "state": state,
            "states": State.choices(),
            "filtered": bool(typed or state),
        },
    )


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


@require_GET
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, authorization = load(request, Permission.AUTHORIZATION_READ_OWN, queries.in_full, pk)
    _audit(Action.AUTHORIZATION_VIEWED, viewer, authorization)
    context = _live_facts(viewer, authorization)
    return render(request, "authorizations/detail.html", context)


@require_GET
def live(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The part of the page that changes by itself. Not a view of its own in the audit trail:
    it repeats what the page just viewed shows."""
    viewer, authorization = load(request, Permission.AUTHORIZATION_READ_OWN, queries.in_full, pk)
    return render(request, "authorizations/_live.html", _live_facts(viewer, authorization))


@require_GET
def document(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, authorization = load(
        request, Permission.AUTHORIZATION_READ_OWN, queries.authorizations, pk
    )
    _audit(Action.AUTHORIZATION_DOWNLOADED, viewer, authorization)
    response = HttpResponse(read_document(authorization.document), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{authorization.number}.pdf"'
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def resend(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, authorization = load(
        request, Permission.AUTHORIZATION_RESEND, queries.authorizations, pk
    )
    if actions.resend(authorization, by=viewer):
        messages.success(request, f"{authorization.number} is being sent again.")
    return redirect("authorizations:detail", pk)


@require_http_methods(["GET", "POST"])
def cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, authorization = load(request, Permission.AUTHORIZATION_CANCEL, queries.in_full, pk)
    if request.method == "GET":
        return render(request, "authorizations/cancel.html", {"authorization": authorization})
    if actions.cancel(authorization, by=viewer):
        messages.success(request, f"{authorization.number} is cancelled.")
    else:
        messages.error(request, "It is too late to cancel: call the medical center.")
    return redirect("authorizations:detail", pk)


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


def _live_facts(viewer: Viewer, authorization: Authorization) -> dict[str, object]:
    state = State(authorization.state)
    return {
        "authorization": authorization,
        # How it got there is of no interest once it is over, nor can it be sent again.
        "delivery": None if has_ended(state) else queries.latest_delivery(authorization),
        "timeline": queries.timeline(authorization),
        "clock": _clock(authorization, state),
        "polls": not has_ended(state),
        "may_cancel": may_cancel(state) and viewer.may(Permission.AUTHORIZATION_CANCEL),
    }


def _clock(authorization: Authorization, state: State) -> dict[str, object] | None:
    """What ui/_stage_clock.html shows."""
    now = stage(
        state,
        authorization.state_since,
        kind=Kind(authorization.kind),
        center=authorization.center.name if authorization.center else "Centralized care",
        employee=str(authorization.employee),
    )
    if now is None:
        return None
    late = None if now.due is None else now.is_late(clock.now())
    return {
        "holder": now.holder,
        "doing": now.doing,
        "since": now.since,
        "target": now.target_in_words,
        "due": now.due,
        "over": late,
    }


def _audit(action: Action, viewer: Viewer, authorization: Authorization) -> None:
    record(action, by=viewer.actor, employer_id=viewer.employer_id, subject_id=authorization.pk)
