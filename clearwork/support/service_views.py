"""The catalogue of services, as support keeps it."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from clearwork.access.decide import StaffMember
from clearwork.access.load import require_staff
from clearwork.access.permissions import Permission
from clearwork.centers import queries, services
from clearwork.centers.models import Service
from clearwork.employers.rules import ChangedMeanwhile
from clearwork.support.methods import get_or_post
from clearwork.support.service_forms import ServiceForm


@require_GET
def service_list(request: HttpRequest) -> HttpResponse:
    require_staff(request, Permission.CATALOGUE_EDIT)
    retired = request.GET.get("show") == "retired"
    found = Service.objects.filter(is_active=not retired)
    context = {"shelves": queries.by_category(found), "retired": retired}
    return render(request, "support/services.html", context)


@get_or_post
def service_new(request: HttpRequest) -> HttpResponse:
    member = require_staff(request, Permission.CATALOGUE_EDIT)
    form = ServiceForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        added = services.add_service(form.facts(), form.offering(), by=member.actor)
        messages.success(request, f"{added.name} can be ordered from now on.")
        return redirect("support:services")
    return _page(request, form)


@get_or_post
def service(request: HttpRequest, pk: UUID) -> HttpResponse:
    member, saved = _load(request, pk)
    form = ServiceForm(request.POST if request.method == "POST" else None, saved=saved)
    if form.is_valid() and _changed(form, saved, member):
        messages.success(request, f"{form.cleaned_data['name']} is saved.")
        return redirect("support:services")
    return _page(request, form, saved)


@require_POST
def service_offer(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Retires it, or offers it again (`offered` is "1")."""
    member, saved = _load(request, pk)
    offered = request.POST.get("offered") == "1"
    if services.offer_service(saved, offered=offered, by=member.actor):
        said = "is on offer again" if offered else "is retired: nobody can order it any more"
        messages.success(request, f"{saved.name} {said}.")
    return redirect("support:service", pk)


def _load(request: HttpRequest, pk: UUID) -> tuple[StaffMember, Service]:
    member = require_staff(request, Permission.CATALOGUE_EDIT)
    return member, get_object_or_404(Service, pk=pk)


def _changed(form: ServiceForm, saved: Service, member: StaffMember) -> bool:
    shown, centers = form.cleaned_data["shown"], form.offering()
    try:
        services.change_service(saved, form.facts(), centers, shown=shown, by=member.actor)
    except ChangedMeanwhile:
        form.changed_meanwhile(services.shown_service(Service.objects.get(pk=saved.pk)))
    return not form.errors


def _page(request: HttpRequest, form: ServiceForm, saved: Service | None = None) -> HttpResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "support/service.html", {"form": form, "service": saved}, status=status)
