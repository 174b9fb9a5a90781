"""Employees: the list, one employee's page, and changing what is written down of them."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clearwork.access.decide import Viewer
from clearwork.access.load import load, require
from clearwork.access.permissions import Permission
from clearwork.employers.rules import ChangedMeanwhile
from clearwork.people import actions
from clearwork.people import queries as people
from clearwork.people.forms import EmployeeForm
from clearwork.people.models import Employee
from clearwork.people.rules import NumberTaken
from clearwork.roster import queries, timeline
from clearwork.roster.forms import FilterForm

_UNPROCESSABLE = 422


@require_GET
def employee_list(request: HttpRequest) -> HttpResponse:
    viewer = require(request, Permission.EMPLOYEE_READ)
    form = FilterForm(request.GET, viewer=viewer)
    criteria = form.criteria()
    found = queries.listed(viewer, criteria)
    page = queries.page(viewer, found, request.GET.get("after", ""))
    context = {
        "form": form,
        "page": page,
        "count": queries.count(found),
        "counted": queries.COUNTED,
        "searched": criteria.any,
        "may_edit": viewer.may(Permission.EMPLOYEE_EDIT),
    }
    return render(request, "roster/list.html", context)


@require_GET
def employee(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, found = load(request, Permission.EMPLOYEE_READ, people.employees, pk)
    actions.note_view(by=viewer, employee=found)
    show, after = request.GET.get("show", ""), request.GET.get("after", "")
    context = {
        "employee": found,
        "page": timeline.page(viewer, found, show, after),
        "choices": timeline.choices(viewer),
        "show": show,
        "may_edit": viewer.may(Permission.EMPLOYEE_EDIT),
        "merges": people.merges(viewer).filter(kept=found),
        "may_authorize": viewer.may(Permission.AUTHORIZATION_CREATE),
        "sees_all": viewer.may(Permission.AUTHORIZATION_READ_ALL),
    }
    return render(request, "roster/employee.html", context)


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    viewer = require(request, Permission.EMPLOYEE_ADD)
    form = EmployeeForm(request.POST if request.method == "POST" else None, viewer=viewer)
    namesakes = form.namesakes() if form.is_valid() else []
    if form.is_valid() and not namesakes and (added := _added(viewer, form)):
        messages.success(request, f"{added} is on your employee list.")
        return redirect("roster:employee", added.pk)
    return _form(request, {"form": form, "namesakes": namesakes})


def _added(viewer: Viewer, form: EmployeeForm) -> Employee | None:
    try:
        return actions.add_employee(by=viewer, **form.facts())
    except NumberTaken:
        _number_is_taken(form)
        return None


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, found = load(request, Permission.EMPLOYEE_EDIT, people.employees, pk)
    data = request.POST if request.method == "POST" else None
    form = EmployeeForm(data, viewer=viewer, employee=found)
    namesakes = form.namesakes() if form.is_valid() else []
    if form.is_valid() and not namesakes and _changed(viewer, found, form):
        messages.success(request, "Saved.")
        return redirect("roster:employee", pk)
    return _form(request, {"form": form, "namesakes": namesakes, "employee": found})


def _changed(viewer: Viewer, found: Employee, form: EmployeeForm) -> bool:
    shown = form.cleaned_data["shown"]
    try:
        actions.change_employee(by=viewer, employee=found, shown=shown, **form.facts())
    except NumberTaken:
        _number_is_taken(form)
    except ChangedMeanwhile:
        form.changed_meanwhile(actions.seen(found), form.theirs(found))
    return not form.errors


@require_http_methods(["GET", "POST"])
def leave(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, found = load(request, Permission.EMPLOYEE_EDIT, people.employees, pk)
    if request.method == "POST":
        actions.leave_employee(by=viewer, employee=found)
        messages.success(request, f"{found} is marked as having left.")
        return redirect("roster:employee", pk)
    return render(request, "roster/leave.html", {"employee": found})


@require_POST
def come_back(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, found = load(request, Permission.EMPLOYEE_EDIT, people.employees, pk)
    actions.return_employee(by=viewer, employee=found)
    messages.success(request, f"{found} is back on your employee list.")
    return redirect("roster:employee", pk)


def _number_is_taken(form: EmployeeForm) -> None:
    form.add_error("employee_number", "Another employee has this number. Check who it belongs to.")


def _form(request: HttpRequest, context: dict[str, object]) -> HttpResponse:
    form = context["form"]
    wrong = isinstance(form, EmployeeForm) and (form.errors or context["namesakes"])
    return render(request, "roster/edit.html", context, status=_UNPROCESSABLE if wrong else 200)
