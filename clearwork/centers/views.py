"""Finding a center, packages of services, and what new authorizations begin with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clearwork.access.decide import Viewer
from clearwork.access.load import load, require
from clearwork.access.permissions import Permission
from clearwork.centers import actions, queries
from clearwork.centers.choosing import choosing, usual_instead
from clearwork.centers.forms import DefaultsForm, FindCenterForm, PackageForm
from clearwork.centers.models import MedicalCenter, ServicePackage
from clearwork.centers.rules import Modality
from clearwork.employers.rules import ChangedMeanwhile

LISTED = 50


@require_GET
def center_list(request: HttpRequest) -> HttpResponse:
    viewer = require(request, Permission.CENTER_READ)
    form = FindCenterForm(request.GET)
    found = queries.choices(viewer, form.wanted()) if form.is_valid() else []
    context = {
        "form": form,
        "choices": found[:LISTED],
        "more": len(found[LISTED:]),
        "filtered": any(request.GET.values()),
        "near": form.cleaned_data.get("zip"),
    }
    return render(request, "centers/list.html", context, status=422 if form.errors else 200)


@require_GET
def choose(request: HttpRequest) -> HttpResponse:
    """The centers to choose from on an authorization's form, as radio buttons.

    Reads `center-zip` and the other filters, the authorization's `services`, `modality` and
    `worksite`, and `center`, the id of the one chosen so far; `center-site` is the worksite
    that was chosen when these were drawn last.
    """
    viewer = require(request, Permission.CENTER_READ)
    asked = request.GET
    chosen, worksite, before = (
        next(_ids([asked.get(name, "")]), None) for name in ("center", "worksite", "center-site")
    )
    telemedicine = asked.get("modality") == Modality.CENTER_TELEMEDICINE
    usual = usual_instead(
        viewer, chosen, before=before, worksite=worksite, telemedicine=telemedicine
    )
    found = choosing(
        viewer,
        asked,
        chosen=usual or chosen,
        services=list(_ids(asked.getlist("services"))),
        telemedicine=telemedicine,
        worksite=worksite,
    )
    found = replace(found, is_usual=usual is not None)
    status = 422 if found.form.errors else 200
    return render(request, "centers/_choices.html", {"choosing": found}, status=status)


@require_GET
def center(request: HttpRequest, code: str) -> HttpResponse:
    """A closed center's page says so: authorizations made before still lead here."""
    viewer = require(request, Permission.CENTER_READ)
    found = _center(viewer, code)
    context = {"center": found, "shelves": queries.by_category(queries.offered_by(found))}
    return render(request, "centers/center.html", context)


@require_POST
def favourite(request: HttpRequest, code: str) -> HttpResponse:
    """Sets the viewer's star (`starred` is "1") or takes it away."""
    viewer = require(request, Permission.CENTER_READ)
    found = _center(viewer, code)
    actions.set_favourite(found, request.POST.get("starred") == "1", by=viewer)
    if not request.headers.get("HX-Request"):
        return redirect("centers:center", code)
    return render(request, "centers/_star.html", {"center": _center(viewer, code)})


def _center(viewer: Viewer, code: str) -> MedicalCenter:
    every = MedicalCenter.objects.all()
    return get_object_or_404(queries.with_favourites(viewer, every), code=code)


def _ids(values: Iterable[str]) -> Iterator[UUID]:
    """Those that are ids at all."""
    for value in values:
        with suppress(ValueError):
            yield UUID(value)


@require_GET
def package_list(request: HttpRequest) -> HttpResponse:
    viewer = require(request, Permission.PACKAGE_READ)
    context = {
        "packages": queries.packages(viewer),
        "may_edit": viewer.may(Permission.PACKAGE_EDIT),
    }
    return render(request, "centers/packages.html", context)


@require_http_methods(["GET", "POST"])
def package_new(request: HttpRequest) -> HttpResponse:
    viewer = require(request, Permission.PACKAGE_EDIT)
    return _package_form(request, viewer, None)


@require_http_methods(["GET", "POST"])
def package_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, saved = load(request, Permission.PACKAGE_EDIT, queries.packages, pk)
    return _package_form(request, viewer, saved)


def _package_form(
    request: HttpRequest, viewer: Viewer, saved: ServicePackage | None
) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    form = PackageForm(data, viewer=viewer, saved=saved)
    if form.is_valid() and _saved(form, viewer, saved):
        messages.success(request, f"{form.cleaned_data['name']} is saved.")
        return redirect("centers:packages")
    context = {"form": form, "package": saved}
    return render(request, "centers/package.html", context, status=422 if form.errors else 200)


def _saved(form: PackageForm, viewer: Viewer, saved: ServicePackage | None) -> bool:
    """Else the form says why not."""
    try:
        if saved is None:
            actions.add_package(form.package(), by=viewer)
        else:
            _edit(form, viewer, saved)
    except actions.PackageNameTaken:
        form.name_is_taken()
    return not form.errors


def _edit(form: PackageForm, viewer: Viewer, saved: ServicePackage) -> None:
    shown = form.cleaned_data["shown"]
    try:
        actions.edit_package(saved, form.package(), shown=shown, by=viewer)
    except ChangedMeanwhile:
        form.changed_meanwhile(actions.shown_package(saved))


@require_http_methods(["GET", "POST"])
def package_delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, saved = load(request, Permission.PACKAGE_EDIT, queries.packages, pk)
    if request.method == "POST":
        actions.delete_package(saved, by=viewer)
        messages.success(request, f"{saved} is deleted.")
        return redirect("centers:packages")
    return render(request, "centers/package_delete.html", {"package": saved})


@require_http_methods(["GET", "POST"])
def defaults(request: HttpRequest) -> HttpResponse:
    viewer = require(request, Permission.DEFAULTS_EDIT)
    form = DefaultsForm(request.POST if request.method == "POST" else None, viewer=viewer)
    if form.is_valid():
        try:
            actions.set_defaults(form.defaults(), shown=form.cleaned_data["shown"], by=viewer)
        except ChangedMeanwhile:
            form.changed_meanwhile(actions.shown_defaults(viewer))
        else:
            messages.success(request, "New authorizations begin with these.")
            return redirect("defaults:edit")
    status = 422 if form.errors else 200
    return render(request, "centers/defaults.html", {"form": form}, status=status)
