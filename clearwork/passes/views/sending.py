"""The employer's side: who was sent an authorization, sending it, taking it back."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clearwork.access.decide import Viewer
from clearwork.access.load import load, require
from clearwork.access.permissions import Permission
from clearwork.authorizations.models import Authorization
from clearwork.database.paging import newest_page
from clearwork.passes import actions, queries
from clearwork.passes.forms import EmployeeForm, NamedForm, SendForm
from clearwork.passes.rules import LINKS_AN_HOUR, NothingToSend, TooManySends
from clearwork.people import actions as people

_TOO_MANY = (
    f"This address got {LINKS_AN_HOUR} messages within the hour. Wait a while, "
    "and ask them to look into their spam folder."
)
_ENDED = "This authorization has ended: extend it, or make a new one, before you send it."


@require_GET
def of_authorization(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The part of an authorization's page that says who was sent what, and opened it."""
    viewer, authorization = _load(request, pk)
    rows = queries.of_authorization(viewer, authorization)
    context = {
        "authorization": authorization,
        "rows": rows,
        "may_send": queries.may_send(authorization),
        "employee_has_one": queries.employee_has_one(rows),
        "polls": any(row.is_waiting for row in rows),
    }
    return render(request, "passes/_of_authorization.html", context)


@require_GET
def lost(request: HttpRequest) -> HttpResponse:
    """Links that did not arrive, of all authorizations that still wait for their employee."""
    viewer = require(request, Permission.AUTHORIZATION_READ_OWN)
    listed = queries.lost(viewer).select_related("of__authorization__employee", "of__made_by")
    page = newest_page(listed, "requested_at", request.GET.get("after", ""))
    return render(request, "passes/lost.html", {"page": page})


@require_http_methods(["GET", "POST"])
def send_employee(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, authorization = _load(request, pk)
    posted = request.POST if request.method == "POST" else None
    form = EmployeeForm(posted, viewer=viewer, employee=authorization.employee)
    if form.is_valid() and _sent(viewer, authorization, form):
        _keep_address(viewer, authorization, form)
        messages.success(request, f"The pass is on its way to {authorization.employee}.")
        return redirect("authorizations:detail", pk)
    return _form(request, "passes/send_employee.html", authorization, form)


@require_http_methods(["GET", "POST"])
def send_named(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, authorization = _load(request, pk)
    form = NamedForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and _sent(viewer, authorization, form):
        messages.success(request, f"A link is on its way to {form.cleaned_data['name']}.")
        return redirect("authorizations:detail", pk)
    return _form(request, "passes/send_named.html", authorization, form)


@require_POST
def resend(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, issued = load(request, Permission.AUTHORIZATION_READ_OWN, queries.passes, pk)
    try:
        actions.resend(by=viewer, issued=issued)
    except TooManySends:
        messages.error(request, _TOO_MANY)
    except NothingToSend:
        messages.error(request, _ENDED)
    else:
        messages.success(request, f"The link is on its way to {issued.address} again.")
    return redirect("authorizations:detail", issued.authorization_id)


@require_http_methods(["GET", "POST"])
def revoke(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, issued = load(request, Permission.AUTHORIZATION_READ_OWN, queries.passes, pk)
    if request.method == "GET":
        return render(request, "passes/revoke.html", {"issued": issued})
    if actions.revoke(by=viewer, issued=issued):
        messages.success(request, f"The link sent to {issued.address} no longer works.")
    return redirect("authorizations:detail", issued.authorization_id)


def _load(request: HttpRequest, pk: UUID) -> tuple[Viewer, Authorization]:
    return load(request, Permission.AUTHORIZATION_READ_OWN, queries.sendable, pk)


def _sent(viewer: Viewer, authorization: Authorization, form: SendForm) -> bool:
    """Whether it was queued; why not is said on the form."""
    try:
        actions.send(by=viewer, authorization=authorization, to=form.to())
    except TooManySends:
        form.add_error(None, _TOO_MANY)
    except NothingToSend:
        form.add_error(None, _ENDED)
    return not form.errors


def _keep_address(viewer: Viewer, authorization: Authorization, form: EmployeeForm) -> None:
    employee, kept = authorization.employee, form.to_keep()
    if kept:
        facts = {name: getattr(employee, name) for name in people.FACTS}
        people.change_employee(
            by=viewer, employee=employee, shown=people.seen(employee), **{**facts, **kept}
        )


def _form(
    request: HttpRequest, template: str, authorization: Authorization, form: SendForm
) -> HttpResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    context = {
        "authorization": authorization,
        "form": form,
        "may_send": queries.may_send(authorization),
        "ended": _ENDED,
    }
    return render(request, template, context, status=status)
