"""What keeps a form from being lost: its drafts, and whether it was sent."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from clearwork.access.load import require
from clearwork.access.permissions import Permission
from clearwork.authorizations import catalogue, drafts
from clearwork.authorizations.forms import AuthorizationForm

LARGEST = 20_000
"""Characters of a draft: the form's own fields hold fewer."""
_FIELDS = frozenset(AuthorizationForm.base_fields) - {"submission"}


@require_POST
def save(request: HttpRequest, submission: UUID) -> HttpResponse:
    """Keep what was typed so far. 204; 413 for more than the form can hold, 409 once sent."""
    viewer = require(request, Permission.AUTHORIZATION_CREATE)
    typed = {name: values for name, values in request.POST.lists() if name in _FIELDS}
    if sum(len(value) for values in typed.values() for value in values) > LARGEST:
        return HttpResponse(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    if catalogue.submitted(viewer, submission):
        return HttpResponse(status=HTTPStatus.CONFLICT)
    drafts.save_draft(_without_nul(typed), submission=submission, by=viewer)
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


@require_POST
def discard(request: HttpRequest, submission: UUID) -> HttpResponse:
    viewer = require(request, Permission.AUTHORIZATION_CREATE)
    drafts.discard_draft(submission=submission, by=viewer)
    return redirect("authorizations:new")


@never_cache
@require_GET
def submitted(request: HttpRequest, submission: UUID) -> JsonResponse:
    """`url` and `number` of what the form with this id made; both "" while it made nothing."""
    viewer = require(request, Permission.AUTHORIZATION_CREATE)
    made = catalogue.submitted(viewer, submission)
    if made is None:
        return JsonResponse({"url": "", "number": ""})
    url = reverse("authorizations:detail", args=[made.pk])
    return JsonResponse({"url": url, "number": made.number})


def _without_nul(typed: dict[str, list[str]]) -> dict[str, list[str]]:
    """PostgreSQL's JSON holds no NUL character; neither does any answer."""
    return {name: [one.replace("\0", "") for one in values] for name, values in typed.items()}
