"""Contacts: the list, one contact's page, and changing what is written down of them."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clearwork.access import actions, history, queries
from clearwork.access.decide import Viewer
from clearwork.access.forms import ContactForm, FilterForm
from clearwork.access.load import load, require
from clearwork.access.permissions import Permission
from clearwork.access.words import LAST_ADMIN
from clearwork.accounts.actions import is_open
from clearwork.accounts.models import PortalAccess
from clearwork.accounts.rules import LastAdmin
from clearwork.audit.export import to_csv
from clearwork.employers import actions as employers
from clearwork.employers.account_actions import seen
from clearwork.employers.actions import CONTACT_FIELDS
from clearwork.employers.models import Contact
from clearwork.employers.rules import ChangedMeanwhile
from clearwork.foundation import clock

_UNPROCESSABLE = 422


@require_GET
def contact_list(request: HttpRequest) -> HttpResponse:
    viewer = require(request, Permission.CONTACT_READ_ALL)
    form = FilterForm(request.GET)
    found = queries.listed(viewer, **form.criteria())
    page = queries.page(viewer, found, request.GET.get("after", ""))
    context = {
        "form": form,
        "page": page,
        "searched": form.query(),
        "reviews_due": queries.reviews_due(viewer),
    }
    return render(request, "access/list.html", context)


@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    viewer = require(request, Permission.CONTACT_READ_OWN)
    return redirect("access:contact", viewer.contact_id)


@require_GET
def contact(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, found = load(request, Permission.CONTACT_READ_OWN, queries.contacts, pk)
    return render(request, "access/contact.html", _facts(viewer, found))


@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    viewer = require(request, Permission.CONTACT_EDIT)
    form = ContactForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        made = employers.add_contact(
            by=viewer.actor, employer_id=viewer.employer_id, facts=form.facts()
        )
        messages.success(request, f"{made} is now a contact.")
        return redirect("access:contact", made.pk)
    return _form(request, "access/edit.html", {"form": form})


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, found = load(request, Permission.CONTACT_EDIT, queries.contacts, pk)
    data = request.POST if request.method == "POST" else None
    form = ContactForm(data, initial={**_written(found), "shown": seen(found, CONTACT_FIELDS)})
    if form.is_valid() and _edited(viewer, found, form):
        messages.success(request, "Saved.")
        return redirect("access:contact", pk)
    return _form(request, "access/edit.html", {"form": form, "contact": found})


def _edited(viewer: Viewer, found: Contact, form: ContactForm) -> bool:
    """Else the form says what someone else saved."""
    shown = form.cleaned_data["shown"]
    try:
        employers.edit_contact(by=viewer.actor, contact=found, facts=form.facts(), shown=shown)
    except ChangedMeanwhile:
        found.refresh_from_db()
        now = _written(found)
        form.changed_meanwhile(seen(found, CONTACT_FIELDS), form.differing(now))
    return not form.errors


def _written(contact: Contact) -> dict[str, str]:
    return {name: getattr(contact, name) for name in CONTACT_FIELDS}


@require_http_methods(["GET", "POST"])
def remove(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, found = load(request, Permission.CONTACT_EDIT, queries.contacts, pk)
    context: dict[str, object] = {"contact": found, "access": _active_access(found)}
    if request.method == "GET":
        return render(request, "access/remove.html", context)
    try:
        actions.remove(by=viewer, contact=found)
    except LastAdmin:
        context["refused"] = LAST_ADMIN
        return render(request, "access/remove.html", context, status=_UNPROCESSABLE)
    messages.success(request, f"{found} is removed from your contacts.")
    return redirect("access:list")


@require_POST
def restore(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Access stays off until someone turns it on."""
    viewer, found = load(request, Permission.CONTACT_EDIT, queries.contacts, pk)
    employers.restore_contact(by=viewer.actor, contact=found)
    messages.success(request, f"{found} is a contact again, without portal access.")
    return redirect("access:contact", pk)


@require_GET
def history_csv(request: HttpRequest) -> HttpResponse:
    viewer = require(request, Permission.AUDIT_READ)
    name = f"access-history-{viewer.account_number}-{clock.today():%Y-%m-%d}.csv"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    return HttpResponse(
        to_csv(*history.table(viewer)), content_type="text/csv; charset=utf-8", headers=headers
    )


def _facts(viewer: Viewer, found: Contact) -> dict[str, object]:
    access, invitation = queries.access_of(found), queries.invitation_of(found)
    manages = viewer.may(Permission.ACCESS_MANAGE) and not viewer.seen_by
    return {
        "contact": found,
        "access": access,
        "words": queries.words_of(access) if access and access.is_active else None,
        "invitation": invitation,
        "invitation_is_open": invitation is not None and is_open(invitation),
        "manages": manages and found.is_active,
        "may_restore": manages and not found.is_active,
        "is_self": found.pk == viewer.contact_id,
        "history": history.of_contact(viewer, found) if viewer.may(Permission.AUDIT_READ) else None,
    }


def _active_access(found: Contact) -> PortalAccess | None:
    access = queries.access_of(found)
    return access if access and access.is_active else None


def _form(request: HttpRequest, template: str, context: dict[str, object]) -> HttpResponse:
    status = _UNPROCESSABLE if request.method == "POST" else 200
    return render(request, template, context, status=status)
