"""One authorization: its page, its live part, its PDF."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from clearwork.access.decide import Viewer
from clearwork.access.load import load
from clearwork.access.permissions import Permission
from clearwork.audit.actions import Action, record
from clearwork.authorizations import changes, instructions, ordering, queries
from clearwork.authorizations import document as pdf
from clearwork.authorizations.models import Authorization, Delivery
from clearwork.authorizations.rules import (
    Control,
    DeliveryState,
    Modality,
    State,
    has_ended,
    why_not_cancel,
    why_not_change,
)
from clearwork.foundation import clock


@require_GET
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, authorization = load(request, Permission.AUTHORIZATION_READ_OWN, queries.in_full, pk)
    _audit(Action.AUTHORIZATION_VIEWED, viewer, authorization)
    context = _live_facts(viewer, authorization) | _order_facts(authorization)
    return render(request, "authorizations/detail.html", context)


@require_GET
def live(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The part of the page that changes by itself. Not a view of its own in the audit trail:
    it repeats what the page just viewed shows."""
    viewer, authorization = load(request, Permission.AUTHORIZATION_READ_OWN, queries.in_full, pk)
    return render(request, "authorizations/_live.html", _live_facts(viewer, authorization))


@require_GET
def document(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, authorization = load(request, Permission.AUTHORIZATION_READ_OWN, queries.to_print, pk)
    _audit(Action.AUTHORIZATION_DOWNLOADED, viewer, authorization)
    response = HttpResponse(pdf.render([authorization]), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{authorization.number}.pdf"'
    response["Cache-Control"] = "no-store"
    return response


def _live_facts(viewer: Viewer, authorization: Authorization) -> dict[str, object]:
    state = State(authorization.state)
    delivery = _delivery(authorization, state)
    is_sending = delivery is not None and delivery.state == DeliveryState.QUEUED
    return {
        "authorization": authorization,
        "delivery": delivery,
        "timeline": queries.timeline(authorization),
        "clock": _clock(authorization, delivery),
        "polls": is_sending or not has_ended(state),
        "may": _may(viewer, authorization),
    }


def _order_facts(authorization: Authorization) -> dict[str, object]:
    """How care at a distance is reached, and what the collector of a DOT test is told."""
    is_far = authorization.modality != Modality.IN_CENTER
    is_dot = ordering.is_dot(list(authorization.services.all()))
    tests = authorization.dot_tests.all() if is_dot else ()
    return {
        "steps": instructions.steps(authorization.modality) if is_far else [],
        "dot_tests": [pdf.dot_facts(test) for test in tests],
    }


def _may(viewer: Viewer, authorization: Authorization) -> dict[str, bool]:
    """What this viewer may do with it now. Copying it is always possible."""
    state, may = State(authorization.state), viewer.may
    extends = not changes.why_not_extend_now(authorization)
    return {
        "edit": not why_not_change(state) and may(Permission.AUTHORIZATION_CREATE),
        "extend": extends and may(Permission.AUTHORIZATION_EXTEND),
        "cancel": not why_not_cancel(state) and may(Permission.AUTHORIZATION_CANCEL),
        "copy": may(Permission.AUTHORIZATION_CREATE),
    }


def _delivery(authorization: Authorization, state: State) -> Delivery | None:
    """Once it is over, only a cancellation's way to the center is of interest."""
    delivery = queries.open_delivery(authorization)
    if has_ended(state) and delivery and delivery.control != Control.CANCEL:
        return None
    return delivery


def _clock(authorization: Authorization, delivery: Delivery | None) -> dict[str, object] | None:
    """What ui/_stage_clock.html shows."""
    has_results = queries.has_results(authorization)
    now = queries.stage_of(authorization, delivery, has_results=has_results)
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
