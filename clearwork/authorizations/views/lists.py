"""The list of authorizations."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from clearwork.access.load import require
from clearwork.access.permissions import Permission
from clearwork.authorizations import queries
from clearwork.authorizations.rules import State
from clearwork.database.paging import newest_page


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
