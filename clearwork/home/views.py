from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from clearwork.access.load import require
from clearwork.access.permissions import Permission
from clearwork.home import queries


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    viewer = require(request, Permission.AUTHORIZATION_READ_OWN)
    context = {
        "overview": queries.overview(viewer),
        "may_read_results": viewer.may(Permission.RESULT_READ),
    }
    return render(request, "home/home.html", context)


@require_GET
def healthz(_request: HttpRequest) -> HttpResponse:
    """The web process answers and reaches the database (its transaction is open)."""
    return HttpResponse("ok", content_type="text/plain")
