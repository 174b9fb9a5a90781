"""The results of one visit, for its page; and from a report to its visit."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from clearwork.access.load import load
from clearwork.access.permissions import Permission
from clearwork.foundation import clock
from clearwork.results import late, queries
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
    context = {
        "reports": found.order_by("posted_at", "id"),
        "missing": late.missing(visit, clock.now()),
        "center": visit.center,
    }
    return render(request, "results/_of_visit.html", context)


@require_GET
def of_report(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A link to the visit, for a report's page; empty where this viewer may not see the visit."""
    viewer, report = load(request, Permission.RESULT_READ, queries.reports, pk)
    visit = visits.of_report(
        viewer,
        authorization=report.authorization_id,
        employee=report.employee_id,
        center=report.center_id,
        day=report.visit_date,
    )
    return render(request, "results/_visit_link.html", {"visit": visit})
