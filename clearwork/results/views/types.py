"""What each type of report is, who receives it and how long it is kept."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from clearwork.access.load import require
from clearwork.access.permissions import Permission
from clearwork.employers.report_types import FACTS
from clearwork.employers.rules import ReportKind, ReportType
from clearwork.results.retention import retention


@require_GET
def types(request: HttpRequest) -> HttpResponse:
    viewer = require(request, Permission.OWN_SETTINGS)
    shelves = [
        (kind.label, [_row(one) for one in ReportType if one.kind == kind]) for kind in ReportKind
    ]
    context = {"shelves": shelves, "may_read": viewer.may(Permission.RESULT_READ)}
    return render(request, "results/types.html", context)


def _row(kind: ReportType) -> dict[str, object]:
    return {"type": kind, "facts": FACTS[kind], "retention": retention(kind)}
