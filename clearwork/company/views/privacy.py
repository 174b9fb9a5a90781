"""What the employer's people reported about privacy, and who holds it."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from clearwork.access.load import require
from clearwork.access.permissions import Permission
from clearwork.company import queries
from clearwork.database.paging import newest_page


@require_GET
def reported(request: HttpRequest) -> HttpResponse:
    viewer = require(request, Permission.AUDIT_READ)
    page = newest_page(queries.privacy_reports(viewer), "reported_at", request.GET.get("after", ""))
    names = queries.names_of(viewer, [row.reported_by_id for row in page.rows])
    rows = [(row, names.get(row.reported_by_id, _other(row.reported_by_id))) for row in page.rows]
    return render(request, "company/privacy.html", {"page": page, "rows": rows})


def _other(reporter: UUID | None) -> str:
    return "One of your systems" if reporter else "The medical center, by a correction"
