"""As whom one looks: another employer, another person's preview; and leaving."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from clearwork.access import actions, queries
from clearwork.access.decide import Viewer
from clearwork.access.load import (
    CHOSEN_EMPLOYER,
    PREVIEWED_ACCESS,
    load,
    preview_for,
    require,
)
from clearwork.access.permissions import Permission
from clearwork.accounts.rules import LastAdmin
from clearwork.foundation.text import sentence

_UNPROCESSABLE = 422


@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Act for another of one's own employers; one has no other, and there is no such page.

    Forms of the first that are open in other tabs are refused: they would be sent for this one.
    """
    viewer = require(request, Permission.OWN_SETTINGS)
    wanted = request.POST.get("employer", "")
    if wanted not in {str(employer.id) for employer in viewer.elsewhere}:
        raise Http404
    request.session[CHOSEN_EMPLOYER] = wanted
    rotate_token(request)
    return redirect("home")


@require_POST
def preview(request: HttpRequest, pk: UUID) -> HttpResponse:
    """See what this person sees, until "End preview"."""
    viewer, contact = load(request, Permission.ACCESS_MANAGE, queries.contacts, pk)
    access = queries.access_of(contact)
    if access is None or preview_for(viewer, str(access.pk)) is None:
        raise Http404
    actions.note_preview(by=viewer, contact=contact)
    request.session[PREVIEWED_ACCESS] = str(access.pk)
    return redirect("home")


@require_POST
def end_preview(request: HttpRequest) -> HttpResponse:
    """Back to oneself, on the page of the one previewed."""
    viewer: Viewer | None = getattr(request, "viewer", None)
    if request.session.pop(PREVIEWED_ACCESS, None) and viewer and viewer.seen_by:
        return redirect("access:contact", viewer.contact_id)
    return redirect("home")


@require_http_methods(["GET", "POST"])
def leave(request: HttpRequest) -> HttpResponse:
    """Give up one's own access."""
    viewer = require(request, Permission.OWN_SETTINGS)
    if request.method == "GET":
        return render(request, "access/leave.html")
    try:
        actions.leave(by=viewer)
    except LastAdmin:
        return render(request, "access/leave.html", {"refused": True}, status=_UNPROCESSABLE)
    logout(request)
    messages.success(request, sentence(f"You no longer have access to {viewer.employer_name}"))
    return redirect("account_login")
