"""Beginning a batch: an order and people, a roster, or what was selected in the list."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clearwork.access.decide import Viewer
from clearwork.access.load import require
from clearwork.access.permissions import Permission
from clearwork.authorizations import dot, prefill
from clearwork.authorizations.rules import Kind, Modality
from clearwork.bulk import actions, example
from clearwork.bulk.forms import OrderForm, RosterForm, TablePart, selected
from clearwork.bulk.rules import What, fields_of
from clearwork.bulk.terms import to_json
from clearwork.centers import queries as centers
from clearwork.centers.choosing import choosing
from clearwork.foundation.ids import read_uuid
from clearwork.people.queries import worksites
from clearwork.sheets import writing
from clearwork.sheets.headers import match

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    viewer = require(request, Permission.AUTHORIZATION_CREATE)
    if request.method == "GET":
        initial = prefill.initial(viewer, request.GET.dict())
        return _order_page(request, viewer, OrderForm(initial=initial, viewer=viewer))
    form = OrderForm(request.POST, request.FILES, viewer=viewer)
    if not form.is_valid():
        return _order_page(request, viewer, form)
    return _begin(viewer, What.AUTHORIZE, form, to_json(form.terms()))


@require_http_methods(["GET", "POST"])
def roster_import(request: HttpRequest) -> HttpResponse:
    viewer = require(request, Permission.EMPLOYEE_EDIT)
    posted = (request.POST, request.FILES) if request.method == "POST" else ()
    form = RosterForm(*posted, viewer=viewer)
    if request.method == "POST" and form.is_valid():
        return _begin(viewer, What.ROSTER, form, form.order())
    context = {"form": form, "fields": fields_of(What.ROSTER)}
    return render(request, "bulk/roster.html", context, status=422 if form.errors else 200)


def _begin(viewer: Viewer, what: What, form: TablePart, order: dict[str, Any]) -> HttpResponse:
    table = form.table
    assert table  # noqa: S101 - there is one in a valid form
    columns = [key or "" for key in match(table.headers, fields_of(what)).keys]
    batch = actions.begin(
        by=viewer,
        what=what,
        title=form.title,
        order=order,
        table=table,
        columns=columns,
        submission=form.cleaned_data["submission"],
    )
    return redirect("bulk:batch", batch.pk)


def _order_page(request: HttpRequest, viewer: Viewer, form: OrderForm) -> HttpResponse:
    asked = request.POST if request.method == "POST" else request.GET
    chosen = choosing(
        viewer,
        asked,
        chosen=read_uuid(form["center"].value()),
        telemedicine=form["modality"].value() == Modality.CENTER_TELEMEDICINE,
        worksite=read_uuid(form["worksite"].value()),
    )
    context = {
        "form": form,
        "choosing": chosen,
        "packages": centers.packages(viewer).exclude(kind=Kind.INJURY),
        "reasons": dot.REASONS.items(),
        "fields": fields_of(What.AUTHORIZE),
    }
    return render(request, "bulk/new.html", context, status=422 if form.errors else 200)


@require_GET
def example_file(request: HttpRequest, what: str, kind: str) -> HttpResponse:
    """A file that could be sent back filled in."""
    viewer = require(request, Permission.AUTHORIZATION_CREATE)
    if what not in (What.AUTHORIZE, What.ROSTER) or kind not in ("csv", "xlsx"):
        raise Http404
    site = worksites(viewer).first()
    rows = example.rows(what, site.name if site else "")
    if kind == "csv":
        response = HttpResponse(writing.as_csv(rows), content_type="text/csv")
    else:
        response = HttpResponse(writing.as_xlsx(rows, "People"), content_type=_XLSX)
    response["Content-Disposition"] = f'attachment; filename="example.{kind}"'
    return response


@require_POST
def extend(request: HttpRequest) -> HttpResponse:
    viewer = require(request, Permission.AUTHORIZATION_CREATE)
    return _select(request, viewer, What.EXTEND, {})


@require_POST
def cancel(request: HttpRequest) -> HttpResponse:
    viewer = require(request, Permission.AUTHORIZATION_CANCEL)
    return _select(request, viewer, What.CANCEL, {"reason": ""})


def _select(
    request: HttpRequest, viewer: Viewer, what: What, order: dict[str, str]
) -> HttpResponse:
    batch = actions.select(by=viewer, what=what, ids=selected(request.POST), order=order)
    return redirect("bulk:batch", batch.pk) if batch else _nothing(request)


def _nothing(request: HttpRequest) -> HttpResponse:
    messages.info(request, "Select at least one authorization first.")
    return redirect("authorizations:list")
