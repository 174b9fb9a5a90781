"""Who receives which report: the matrix, one contact, one cell, many at once, the reverse."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from clearwork.access.decide import Viewer
from clearwork.access.load import load, require
from clearwork.access.permissions import Permission
from clearwork.company import history, queries, rules
from clearwork.company.forms import (
    CellForm,
    ChangeForm,
    CopyForm,
    MatrixForm,
    WhoForm,
)
from clearwork.employers import account_actions, plans
from clearwork.employers import queries as employers
from clearwork.employers.account_actions import Choice, shown_worksites, subscribed_worksites
from clearwork.employers.models import Contact
from clearwork.employers.plans import Plan
from clearwork.employers.rules import ChangedMeanwhile, ReportKind, ReportType, report_type
from clearwork.foundation.ids import read_uuids

# More check boxes than this are no longer a choice: one searches first.
_LISTED = 300
_MEANWHILE = "Someone changed this meanwhile. Look again at what will change, then save."


@require_GET
def matrix(request: HttpRequest) -> HttpResponse:
    viewer = require(request, Permission.SUBSCRIPTION_READ)
    form = MatrixForm({"kind": ReportKind.INJURY, **request.GET.dict()}, viewer=viewer)
    chosen = form.filters()
    contacts = employers.named(queries.contacts_of(viewer), chosen["q"])
    page = Paginator(contacts, queries.CONTACTS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "types": chosen["types"],
        "worksite": chosen["worksite"],
        "rows": queries.rows(viewer, list(page), chosen["types"], chosen["worksite"]),
        "searched": bool(chosen["q"]),
    }
    return render(request, "company/matrix.html", context)


@require_GET
def of_contact(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, contact = load(request, Permission.SUBSCRIPTION_READ, queries.contacts_of, pk)
    (row,) = queries.rows(viewer, [contact], list(ReportType))
    groups = [
        (kind.label, [cell for cell in row.cells if cell.report_type.kind == kind])
        for kind in ReportKind
    ]
    context = {
        "contact": contact,
        "groups": groups,
        "received": row.received,
        "history": history.of_contact(viewer, contact),
    }
    return render(request, "company/contact_reports.html", context)


@require_http_methods(["GET", "POST"])
def cell(request: HttpRequest, pk: UUID, report_type: str) -> HttpResponse:
    viewer, contact = load(request, Permission.SUBSCRIPTION_EDIT, queries.contacts_of, pk)
    kind = type_or_404(report_type)
    (row,) = queries.rows(viewer, [contact], [kind])
    if row.cells[0].look in ("locked", "waiting", "declined", "expired"):
        return _to_release(viewer, contact, kind)
    there = subscribed_worksites(contact, kind)
    data = request.POST if request.method == "POST" else None
    initial = {"worksites": there, "shown": shown_worksites(there)}
    choices = queries.worksites_to_choose(viewer, there)
    form = CellForm(data, choices=choices, initial=initial)
    if form.is_valid() and _saved_cell(viewer, contact, kind, form):
        messages.success(request, f"{contact}: {kind.label} is saved.")
        return redirect("company:reports_contact", contact.pk)
    context = {"form": form, "contact": contact, "type": kind}
    return render(request, "company/cell.html", context, status=422 if form.errors else 200)


def _to_release(viewer: Viewer, contact: Contact, kind: ReportType) -> HttpResponse:
    """More than the minimum necessary: first a request, or what became of it."""
    request = queries.latest_release(viewer, contact, kind)
    if request is None:
        return redirect("company:release_new", contact.pk, kind.value)
    return redirect("company:release", request.pk)


def _saved_cell(viewer: Viewer, contact: Contact, kind: ReportType, form: CellForm) -> bool:
    try:
        account_actions.set_worksites(
            by=viewer.actor,
            contact=contact,
            report_type=kind,
            worksites=[site.pk for site in form.cleaned_data["worksites"]],
            shown=form.cleaned_data["shown"],
        )
    except ChangedMeanwhile:
        now = subscribed_worksites(contact, kind)
        form.data = {"shown": shown_worksites(now), "worksites": [str(pk) for pk in now]}
        form.add_error(None, "Someone changed this meanwhile. The boxes show what is saved now.")
        return False
    return True


@require_http_methods(["GET", "POST"])
def change(request: HttpRequest) -> HttpResponse:
    """Choose, preview in words, save: what is saved is what was shown."""
    viewer = require(request, Permission.SUBSCRIPTION_EDIT)
    listed = _listed_contacts(request, viewer)
    data = request.POST if request.method == "POST" else None
    form = ChangeForm(data, viewer=viewer, listed=listed, initial=_preset(request))
    plan = None
    if form.is_valid():
        plan = _plan(viewer, form)
        if "save" in request.POST and _saved_change(request, viewer, form):
            return redirect("company:reports")
    context = {"form": form, "listed": len(listed), "limit": _LISTED, "q": _typed(request)}
    return _preview_or_form(request, viewer, "company/change.html", context, plan)


def _typed(request: HttpRequest) -> str:
    return request.GET.get("q", "")[:200]


def _listed_contacts(request: HttpRequest, viewer: Viewer) -> list[Contact]:
    """Those searched for, after those chosen already."""
    every = queries.contacts_of(viewer)
    chosen = read_uuids([*request.GET.getlist("contacts"), *request.POST.getlist("contacts")])
    first = list(every.filter(pk__in=chosen)) if chosen else []
    rest = employers.named(every, _typed(request)).exclude(pk__in=chosen)
    return [*first, *rest[:_LISTED]]


def _preset(request: HttpRequest) -> dict[str, Any]:
    return {
        "contacts": read_uuids(request.GET.getlist("contacts")),
        "types": request.GET.getlist("types"),
        "worksites": read_uuids(request.GET.getlist("worksites")),
        "what": "add",
    }


def _choice(form: ChangeForm) -> Choice:
    data = form.cleaned_data
    return Choice(
        [contact.pk for contact in data["contacts"]],
        data["types"],
        [worksite.pk for worksite in data["worksites"]],
    )


def _plan(viewer: Viewer, form: ChangeForm) -> Plan:
    make = plans.adding if form.cleaned_data["what"] == "add" else plans.removing
    choice = _choice(form)
    return make(viewer.employer_id, choice.contacts, choice.types, choice.worksites)


def _saved_change(request: HttpRequest, viewer: Viewer, form: ChangeForm) -> bool:
    adds = form.cleaned_data["what"] == "add"
    act = account_actions.subscribe if adds else account_actions.unsubscribe
    try:
        plan = act(
            by=viewer.actor,
            employer_id=viewer.employer_id,
            choice=_choice(form),
            shown=form.cleaned_data["shown"] or "not previewed",
        )
    except ChangedMeanwhile:
        messages.warning(request, _MEANWHILE)
        return False
    _say_saved(request, plan)
    return True


@require_http_methods(["GET", "POST"])
def copy(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A contact receives what a colleague does; with a preview, as for change."""
    viewer, contact = load(request, Permission.SUBSCRIPTION_EDIT, queries.contacts_of, pk)
    data = request.POST if request.method == "POST" else None
    form = CopyForm(data, choices=queries.contacts_of(viewer).exclude(pk=contact.pk))
    plan = None
    if form.is_valid():
        replace, source = form.cleaned_data["how"] == "replace", form.cleaned_data["source"]
        plan = plans.copying(viewer.employer_id, source.pk, contact.pk, replace=replace)
        if "save" in request.POST and _saved_copy(request, viewer, contact, form):
            return redirect("company:reports_contact", contact.pk)
    context = {"form": form, "contact": contact}
    return _preview_or_form(request, viewer, "company/copy.html", context, plan)


def _saved_copy(request: HttpRequest, viewer: Viewer, contact: Contact, form: CopyForm) -> bool:
    try:
        plan = account_actions.copy_subscriptions(
            by=viewer.actor,
            source=form.cleaned_data["source"],
            target=contact,
            replace=form.cleaned_data["how"] == "replace",
            shown=form.cleaned_data["shown"] or "not previewed",
        )
    except ChangedMeanwhile:
        messages.warning(request, _MEANWHILE)
        return False
    _say_saved(request, plan)
    return True


def _say_saved(request: HttpRequest, plan: Plan) -> None:
    adds, removes = len(plan.adds), len(plan.removes)
    messages.success(request, f"Saved: {adds:,} added, {removes:,} removed.")


def _preview_or_form(
    request: HttpRequest, viewer: Viewer, template: str, context: dict[str, Any], plan: Plan | None
) -> HttpResponse:
    form = context["form"]
    if plan is not None:
        context |= {
            "plan": plan,
            "words": rules.in_words(len(plan.adds), len(plan.removes), len(plan.contacts)),
            "lines": queries.lines(viewer, plan),
        }
    return render(request, template, context, status=422 if form.errors else 200)


@require_GET
def who(request: HttpRequest) -> HttpResponse:
    """The reverse question: who gets audiograms at Plant 4?"""
    viewer = require(request, Permission.SUBSCRIPTION_READ)
    asked = "type" in request.GET or "worksite" in request.GET
    form = WhoForm(request.GET if asked else None, viewer=viewer)
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        kind, worksite = ReportType(form.cleaned_data["type"]), form.cleaned_data["worksite"]
        context |= {
            "type": kind,
            "worksite": worksite,
            "worksite_id": str(worksite.pk),
            "receiving": queries.who_receives(viewer, kind, worksite),
            "lapsed": queries.who_would_receive(viewer, kind, worksite),
        }
    return render(request, "company/who.html", context, status=422 if form.errors else 200)


def type_or_404(code: str) -> ReportType:
    found = report_type(code)
    if found is None:
        raise Http404
    return found
