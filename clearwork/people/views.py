from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from clearwork.access.load import require
from clearwork.access.permissions import Permission
from clearwork.people import queries


@require_GET
def suggest(request: HttpRequest) -> HttpResponse:
    """People whose name starts as typed, as choices of the authorization form."""
    viewer = require(request, Permission.EMPLOYEE_READ)
    typed = request.GET.get("employee_search", "")[:200]
    found = queries.suggestions(viewer, typed)
    return render(request, "people/_suggestions.html", {"employees": found, "typed": typed})
