"""Two records of one person: an Admin User makes them one, or parts them again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from clearwork.access.decide import Viewer
from clearwork.access.load import load
from clearwork.access.permissions import Permission
from clearwork.foundation.ids import read_uuid
from clearwork.people import merging
from clearwork.people import queries as people
from clearwork.people.models import Employee
from clearwork.people.rules import NumberTaken, SameRecord
from clearwork.roster import queries

_GONE = "One of the two records is gone already. Nothing was changed."


@require_http_methods(["GET", "POST"])
def merge(request: HttpRequest, pk: UUID) -> HttpResponse:
    """`other` is the record to be removed: first chosen, then confirmed by POST."""
    viewer, kept = load(request, Permission.EMPLOYEE_EDIT, people.employees, pk)
    if request.method == "POST":
        return _merged(request, viewer, kept, _other(viewer, kept, request.POST))
    context: dict[str, Any] = {"employee": kept}
    if request.GET.get("other"):
        other = _other(viewer, kept, request.GET)
        return render(request, "roster/merge.html", {**context, "other": other})
    typed = request.GET.get("q", "")[:200]
    found = queries.candidates(viewer, kept, typed)
    return render(request, "roster/merge_choose.html", {**context, "found": found, "q": typed})


def _other(viewer: Viewer, kept: Employee, sent: Any) -> Employee:
    found = people.employees(viewer).exclude(pk=kept.pk).select_related("worksite")
    return get_object_or_404(found, pk=read_uuid(sent.get("other")))


def _merged(request: HttpRequest, viewer: Viewer, kept: Employee, other: Employee) -> HttpResponse:
    try:
        merging.merge_employees(by=viewer, keep=kept, other=other)
        messages.success(request, "The two records are one now.")
    except SameRecord:
        messages.error(request, _GONE)
    return redirect("roster:employee", kept.pk)


@require_POST
def part(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, found = load(request, Permission.EMPLOYEE_EDIT, people.merges, pk)
    try:
        back = merging.part_employees(by=viewer, merge=found)
    except SameRecord:
        messages.error(request, "These records are already separate.")
    except NumberTaken:
        messages.error(
            request,
            f"Employee number {found.gone['employee_number']} belongs to someone else by now."
            " Change that first; nothing was changed.",
        )
    else:
        messages.success(request, f"Separated: {back} has a record of their own again.")
        return redirect("roster:employee", back.pk)
    return redirect("roster:employee", found.kept_id)
