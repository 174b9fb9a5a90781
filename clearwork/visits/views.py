"""Visits, who may work today, and one person's card for their supervisor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import slugify
from django.views.decorators.http import require_GET

from clearwork.access.load import load, require
from clearwork.access.permissions import Permission
from clearwork.audit.actions import Action
from clearwork.authorizations import queries as authorizations
from clearwork.database.paging import newest_page
from clearwork.foundation import clock
from clearwork.people import queries as people
from clearwork.ui.filters import as_id
from clearwork.visits import document, links, queries, viewing
from clearwork.visits.forms import BoardFilters, VisitFilters
from clearwork.visits.models import WorkStatus
from clearwork.visits.queries import Show

_ON_A_PAGE = 50
_LINKS = 20


@require_GET
def visit_list(request: HttpRequest) -> HttpResponse:
    viewer = require(request, Permission.RESULT_READ)
    form = VisitFilters(request.GET, viewer=viewer)
    found = queries.found(viewer, form.criteria())
    page = newest_page(found, "arrived_at", request.GET.get("after", ""))
    viewing.note(Action.VISITS_LISTED, by=viewer)
    return render(request, "visits/list.html", {"form": form, "page": page, "query": form.query()})


@require_GET
def visit(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, found = load(request, Permission.RESULT_READ, queries.in_full, pk)
    viewing.note(Action.VISIT_VIEWED, by=viewer, subject_id=found.pk)
    given: list[WorkStatus] = found.given  # type: ignore[attr-defined] # queries.in_full
    context = {
        "visit": found,
        "may_open_order": authorizations.may_open(viewer, found.authorization),
        "said_before": [each for each in given[1:] if each.fingerprint != given[0].fingerprint],
    }
    return render(request, "visits/visit.html", context)


@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """Who may work today, and with which restrictions."""
    viewer = require(request, Permission.RESULT_READ)
    form = BoardFilters(request.GET, viewer=viewer)
    data = form.cleaned_data
    found = queries.board(
        viewer,
        clock.today(),
        name=data.get("name", ""),
        worksite=as_id(data.get("worksite")),
    )
    show = data.get("show", "")
    counted = found.counts()
    pages = Paginator(found.rows(show), _ON_A_PAGE)
    pages.count = counted[Show(show)]  # counted already
    page = pages.get_page(request.GET.get("page"))
    page.object_list = queries.with_until_then(viewer, page.object_list)
    viewing.note(Action.WORK_STATUS_LISTED, by=viewer)
    context = {
        "form": form,
        "page": page,
        "shown": list(_choices(counted, show)),
        "searched": bool(form.query()),
        "today": clock.today(),
    }
    return render(request, "visits/board.html", context)


@require_GET
def card(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One person's restrictions and dates, without a reason: to print for a supervisor."""
    viewer, employee = load(request, Permission.RESULT_READ, people.employees, pk)
    viewing.note(Action.WORK_STATUS_VIEWED, by=viewer, subject_id=employee.pk)
    in_force = queries.of_employee(viewer, employee)
    may_give = viewer.may(Permission.ACCESS_MANAGE)
    given = links.links(viewer).filter(employee=employee).order_by("-made_at", "-id")
    context = {
        "employee": employee,
        "statuses": in_force,
        "today": clock.today(),
        "may_give": may_give,
        "links": list(given[:_LINKS]) if may_give else [],
    }
    return render(request, "visits/card.html", context)


@require_GET
def card_pdf(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, employee = load(request, Permission.RESULT_READ, people.employees, pk)
    viewing.note(Action.WORK_STATUS_DOWNLOADED, by=viewer, subject_id=employee.pk)
    pdf = document.render(
        employee,
        queries.of_employee(viewer, employee),
        employer=viewer.employer_name,
        partial=viewer.grants.is_partial,
    )
    response = HttpResponse(pdf, content_type="application/pdf")
    name = slugify(f"work status {employee}")[:100] or "work-status"
    response["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    response["Cache-Control"] = "no-store"
    return response


def _choices(counted: Mapping[Show, int], chosen: str) -> Iterator[Mapping[str, object]]:
    """What to look at, with how many there are."""
    for show, count in counted.items():
        yield {"value": show.value, "label": show.label, "count": count, "is": show == chosen}
