"""The results of one visit, for its page."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from clearwork.access.load import load
from clearwork.access.permissions import Permission
from clearwork.results import queries
from clearwork.visits import queries as visits


@require_GET
def of_visit(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, visit = load(request, Permission.RESULT_READ, visits.visits, pk)
    key: dict[str, Any] = {"authorization_id": visit.authorization_id}
    found = queries.reports(viewer).filter(
        employee_id=visit.employee_id,
        center_id=visit.center_id,
        visit_date=visit.visited_on,
        superseded_by=None,
        **key,
    )
    context = {"reports": found.order_by("posted_at", "id")}
    return render(request, "results/_of_visit.html", context)
