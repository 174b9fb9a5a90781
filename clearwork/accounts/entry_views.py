"""Public pages: asking for access, and coming in by an invitation. A GET uses nothing up."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from django.contrib import messages as banners
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from clearwork.accounts import entry, requests
from clearwork.accounts.actions import accept
from clearwork.accounts.entry_forms import JoinForm, RequestForm
from clearwork.accounts.models import Invitation, User
from clearwork.accounts.rules import LastAdmin
from clearwork.database import scope
from clearwork.foundation.text import sentence


@require_http_methods(["GET", "HEAD", "POST"])
def request_access(request: HttpRequest) -> HttpResponse:
    form = RequestForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _ask(request, form)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "accounts/request.html", {"form": form}, status=status)


@require_safe
def request_received(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/request_received.html")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, pk: UUID, token: str) -> HttpResponse:
    invited = entry.open_invitation(pk, token)
    if invited is None:
        return _gone(request)
    known = entry.login_of(invited)
    if known and not entry.is_still_open(invited):
        return _gone(request)
    if request.user.is_authenticated and request.user != known:
        return render(request, "accounts/invitation_other.html", {"invitation": invited})
    if known is None:
        return _new_person(request, invited)
    if request.user.is_authenticated:
        return _known_person(request, invited, known)
    sign_in = f"{reverse('account_login')}?{urlencode({'next': request.path})}"
    context = {"invitation": invited, "sign_in": sign_in}
    return render(request, "accounts/invitation_sign_in.html", context)


def _ask(request: HttpRequest, form: RequestForm) -> HttpResponse:
    ip = get_adapter().get_client_ip(request)
    try:
        requests.ask(form.save(commit=False), ip=ip)
    except requests.TooManyRequests:
        status = HTTPStatus.TOO_MANY_REQUESTS
        return render(request, "accounts/request_too_many.html", status=status)
    return redirect("accounts:request_received")


def _new_person(request: HttpRequest, invited: Invitation) -> HttpResponse:
    contact = invited.contact
    initial = {"email": invited.email, "name": str(contact)}
    form = JoinForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        name, password = form.cleaned_data["name"], form.cleaned_data["password"]
        user = entry.join(invited, name=name, password=password)
        return _signed_in(request, user) if user else _gone(request)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    context = {"invitation": invited, "form": form}
    return render(request, "accounts/invitation.html", context, status=status)


def _signed_in(request: HttpRequest, user: User) -> HttpResponse:
    scope.become(scope.user(user.pk))  # a session is of no employer
    login = Login(user=user, email=user.email)
    response: HttpResponse = perform_password_login(request, {"email": user.email}, login)
    return response


def _known_person(request: HttpRequest, invited: Invitation, user: User) -> HttpResponse:
    if request.method != "POST":
        return render(request, "accounts/invitation_accept.html", {"invitation": invited})
    try:
        access = accept(invitation=invited, user=user)
    except LastAdmin as last:
        banners.error(request, str(last))
        return redirect("home")
    if access is None:
        return _gone(request)
    update_session_auth_hash(request, user)  # of all this person's sessions, this one goes on
    banners.success(request, sentence(f"You can now act for {invited.employer.legal_name}"))
    return redirect("home")


def _gone(request: HttpRequest) -> HttpResponse:
    """The one answer for links expired, used, revoked or never made."""
    scope.become(scope.ANONYMOUS)
    return render(request, "accounts/invitation_gone.html", status=HTTPStatus.GONE)
