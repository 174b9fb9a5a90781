"""An Admin User gives integrations tokens, takes them over and revokes them."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clearwork.access.load import load, require
from clearwork.access.permissions import Permission
from clearwork.api import actions, queries
from clearwork.api import guide as guides
from clearwork.api.forms import TokenForm
from clearwork.api.rules import MOST_TOKENS, in_order


@require_GET
def token_list(request: HttpRequest) -> HttpResponse:
    viewer = require(request, Permission.ACCESS_MANAGE)
    return render(request, "api/list.html", {"tokens": queries.listed(viewer)})


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The answer to the form is the one page that ever shows the token."""
    viewer = require(request, Permission.ACCESS_MANAGE)
    form = TokenForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and queries.in_force(viewer) >= MOST_TOKENS:
        form.add_error(None, f"There are {MOST_TOKENS} tokens in force: revoke one first.")
    if form.is_valid():
        data = form.cleaned_data
        token, text = actions.create_token(
            by=viewer, name=data["name"], scopes=form.scopes_chosen(), expires=data["expires"]
        )
        response = render(request, "api/made.html", {"token": token, "text": text})
        response["Cache-Control"] = "no-store"
        return response
    status = 422 if request.method == "POST" else 200
    return render(request, "api/new.html", {"form": form}, status=status)


@require_http_methods(["GET", "POST"])
def revoke(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, token = load(request, Permission.ACCESS_MANAGE, queries.tokens, pk)
    if request.method == "GET":
        context = {"token": token, "scopes": in_order(token.scopes)}
        return render(request, "api/revoke.html", context)
    actions.revoke_token(by=viewer, token=token)
    messages.success(request, f"{token} is revoked: its token opens nothing any more.")
    return redirect("integrations:list")


@require_POST
def adopt(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, token = load(request, Permission.ACCESS_MANAGE, queries.tokens, pk)
    actions.adopt_token(by=viewer, token=token)
    messages.success(request, f"You answer for {token} now.")
    return redirect("integrations:list")


@require_GET
def guide(request: HttpRequest) -> HttpResponse:
    """The API's schema as a page, for whoever connects a system."""
    require(request, Permission.ACCESS_MANAGE)
    return render(request, "api/guide.html", {"groups": guides.groups()})
