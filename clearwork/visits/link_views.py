"""Giving a supervisor a link to one person's card; and the pages behind that link.

Behind the link there is no session and no CSRF token, as with a pass: see
passes.views.public. A GET sends no code, so what fetches links in mails does no harm.
"""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.signing import BadSignature, TimestampSigner
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from clearwork.access.decide import EVERYTHING, Viewer
from clearwork.access.load import load
from clearwork.access.permissions import Permission
from clearwork.accounts.models import Role
from clearwork.foundation import clock
from clearwork.passes.forms import CodeForm
from clearwork.passes.opening import Outcome
from clearwork.passes.rules import DEVICE_LASTS, code_is_fresh
from clearwork.passes.views.public import private
from clearwork.passes.words import tries, words
from clearwork.people import queries as people
from clearwork.people.models import Employee
from clearwork.visits import links, queries
from clearwork.visits.link_models import SupervisorLink

_DEVICE = "clearwork_card"
_signer = TimestampSigner(salt="clearwork.card.device")
_WORDS = {
    **words("en"),
    "code_title": "Open the work status card",
    "code_why": "The card is for the person it was sent to. A code to that address makes sure that"
    " it is you.",
    "gone_why": "It may have been taken back, used up by wrong codes, or be too old.",
    "gone_do": "Ask whoever sent it to you for a new one.",
}


class LinkForm(forms.Form):
    name = forms.CharField(max_length=120, label="Supervisor's full name")
    email = forms.EmailField(max_length=254, label="Work email")
    confirmed = forms.BooleanField(
        label="They plan this person's work and need to know what the person may do"
    )


@require_http_methods(["GET", "POST"])
def give(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, employee = load(request, Permission.ACCESS_MANAGE, _employed, pk)
    form = LinkForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        data = form.cleaned_data
        links.give(by=viewer, employee=employee, name=data["name"], address=data["email"])
        messages.success(request, f"The link is on its way to {data['email']}.")
        return redirect("visits:card", pk)
    context = {"form": form, "employee": employee, "days": links.LASTS.days}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(request, "visits/give_link.html", context, status=status)


def _employed(viewer: Viewer) -> QuerySet[Employee]:
    return people.employees(viewer).filter(is_active=True)


@require_POST
def revoke(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, link = load(request, Permission.ACCESS_MANAGE, links.links, pk)
    if links.revoke(by=viewer, link=link):
        messages.success(request, f"The link of {link.name} works no more.")
    return redirect("visits:card", link.employee_id)


@csrf_exempt
@private
@require_http_methods(["GET", "HEAD", "POST"])
def shared_card(request: HttpRequest, token: str) -> HttpResponse:
    link = links.find(token)
    if link is None:
        return _gone(request)
    if request.method == "POST":
        return _try_code(request, link, token)
    return _show(request, link) if _is_known(request, link) else _ask(request, link, token)


@csrf_exempt
@private
@require_POST
def shared_code(request: HttpRequest, token: str) -> HttpResponse:
    link = links.find(token)
    if link is None:
        return _gone(request)
    if not links.ask_code(link):
        return _ask(request, link, token, _WORDS["too_many_codes"], HTTPStatus.TOO_MANY_REQUESTS)
    return redirect("visits:shared_card", token)


def _try_code(request: HttpRequest, link: SupervisorLink, token: str) -> HttpResponse:
    typed = CodeForm(request.POST).typed()
    if typed is None:  # costs no try
        return _ask(request, link, token, _WORDS["no_code"])
    outcome = links.try_code(link, typed)
    if outcome is Outcome.OVER:
        return _gone(request)
    if outcome is Outcome.WRONG:
        left = tries(link.tries_left, "en")
        return _ask(request, link, token, _WORDS["wrong_code"].format(left=left))
    response = redirect("visits:shared_card", token)
    response.set_cookie(
        _DEVICE,
        _signer.sign(str(link.pk)),
        max_age=int(DEVICE_LASTS.total_seconds()),
        path=reverse("visits:shared_card", kwargs={"token": token}),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def _is_known(request: HttpRequest, link: SupervisorLink) -> bool:
    """Whether this browser opened this very link within the last half hour."""
    try:
        kept = _signer.unsign(request.COOKIES.get(_DEVICE, ""), max_age=DEVICE_LASTS)
    except BadSignature:
        return False
    return kept == str(link.pk)


def _ask(
    request: HttpRequest,
    link: SupervisorLink,
    token: str,
    problem: str = "",
    status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY,
) -> HttpResponse:
    """It names the employer, and nobody else."""
    context = {
        "lead": f"{link.employer.legal_name} sent you a work status card.",
        "problem": problem,
        "code_is_on_its_way": code_is_fresh(link.code_asked_at, clock.now()),
        "code_path": reverse("visits:shared_code", kwargs={"token": token}),
        "open_path": reverse("visits:shared_card", kwargs={"token": token}),
    }
    return _page(request, "passes/code.html", context, status if problem else HTTPStatus.OK)


def _show(request: HttpRequest, link: SupervisorLink) -> HttpResponse:
    employer = link.employer
    admins = Viewer(
        user_id=link.made_by_id,
        name="",
        employer_id=employer.pk,
        employer_name=employer.legal_name,
        account_number=employer.account_number,
        role=Role.VIEW_ONLY,
        granted=EVERYTHING,
    )
    employee = people.employees(admins).select_related("worksite").get(pk=link.employee_id)
    in_force = queries.of_employee(admins, employee)
    links.note_opened(link)
    context = {
        "employee": employee,
        "employer": employer.legal_name,
        "statuses": in_force,
        "today": clock.today(),
    }
    return _page(request, "visits/shared_card.html", context)


def _gone(request: HttpRequest) -> HttpResponse:
    return _page(request, "passes/gone.html", {}, HTTPStatus.GONE)


def _page(
    request: HttpRequest, name: str, context: dict[str, object], status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    context = {**context, "words": _WORDS, "language": "en", "languages": ()}
    return render(request, name, context, status=status)
