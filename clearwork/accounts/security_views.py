"""One's own sign-in: second factors, password, email, sessions. allauth's views, audited.

Every page here is about the person signed in alone: no employer, no role matters.
"""

from __future__ import annotations

import time
from http import HTTPStatus
from typing import Any
from uuid import UUID

from allauth.account import views as account
from allauth.account.decorators import reauthentication_required
from allauth.mfa.base import views as mfa
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.usersessions import views as sessions
from allauth.usersessions.internal.flows.sessions import end_sessions
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from clearwork.accounts import devices, middleware, security_actions
from clearwork.accounts.forms import NewEmailForm
from clearwork.accounts.own_record import record_of
from clearwork.accounts.second_factor import MFAAdapter
from clearwork.accounts.security_messages import Notice, send_email_change, send_notice
from clearwork.audit.actions import Action


class _FactorChange:
    """A change of second factors: on record in its own transaction, and told by mail."""

    request: HttpRequest
    factor = ""
    notice = Notice.FACTOR_ADDED

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)  # type: ignore[misc]
        user: Any = self.request.user
        change = self.notice.name.lower()
        record_of(user, Action.SECOND_FACTOR_CHANGED, factor=self.factor, change=change)
        send_notice(user, self.notice)
        return response


class ActivateTOTP(_FactorChange, totp.ActivateTOTPView):  # type: ignore[misc]
    factor = "totp"


class DeactivateTOTP(_FactorChange, totp.DeactivateTOTPView):  # type: ignore[misc]
    factor, notice = "totp", Notice.FACTOR_REMOVED


class AddPasskey(_FactorChange, webauthn.AddWebAuthnView):  # type: ignore[misc]
    factor = "passkey"


class GenerateCodes(_FactorChange, codes.GenerateRecoveryCodesView):  # type: ignore[misc]
    factor, notice = "recovery_codes", Notice.CODES


class RemovePasskey(_FactorChange, webauthn.RemoveWebAuthnView):  # type: ignore[misc]
    factor, notice = "passkey", Notice.FACTOR_REMOVED
    pk_url_kwarg = "number"
    success_url = reverse_lazy("mfa_index")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        is_needed = not MFAAdapter().can_delete_authenticator(self.object)
        return {**super().get_context_data(**kwargs), "is_needed": is_needed}

    def form_valid(self, form: Any) -> HttpResponse:
        if not MFAAdapter().can_delete_authenticator(self.object):
            page = self.get_context_data(form=form)
            refused: HttpResponse = self.render_to_response(page, status=422)
            return refused
        return super().form_valid(form)


class Index(mfa.IndexView):  # type: ignore[misc]
    """Sign-in and security: what one signs in with, at a glance."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = super().get_context_data(**kwargs)
        kept = found["authenticators"]
        recovery = kept.get(Authenticator.Type.RECOVERY_CODES)
        return {
            **found,
            "app": kept.get(Authenticator.Type.TOTP),
            "passkeys": kept.get(Authenticator.Type.WEBAUTHN, []),
            "codes_left": len(recovery.get_unused_codes()) if recovery else 0,
        }


class Sessions(sessions.ListUserSessionsView):  # type: ignore[misc]
    """Where one is signed in; POST signs out everywhere else."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = super().get_context_data(**kwargs)
        rows = [(one, devices.in_words(one.user_agent)) for one in reversed(found["sessions"])]
        return {**found, "rows": sorted(rows, key=lambda row: not row[0].is_current())}

    def form_valid(self, form: Any) -> HttpResponse:
        messages.success(self.request, "You are signed out everywhere else.")
        return super().form_valid(form)  # type: ignore[no-any-return]


@require_POST
@login_required
def end_session(request: HttpRequest, number: int) -> HttpResponse:
    """Sign out on one device. Somebody else's session answers like a missing one."""
    found = get_object_or_404(UserSession, pk=number, user=request.user)
    end_sessions(request, [found])
    if not request.user.is_authenticated:
        return redirect("account_login")
    messages.success(request, f"{devices.in_words(found.user_agent)}: signed out.")
    return redirect("usersessions_list")


class PasswordChange(account.PasswordChangeView):  # type: ignore[misc]
    def form_valid(self, form: Any) -> HttpResponse:
        messages.success(
            self.request, "Your password is changed. You are signed out everywhere else."
        )
        return super().form_valid(form)  # type: ignore[no-any-return]


@never_cache
@login_required
@reauthentication_required(app="allauth.mfa")  # type: ignore[untyped-decorator]
def change_email(request: HttpRequest) -> HttpResponse:
    """Ask to sign in with another address. One answer, whether or not it is taken."""
    user: Any = request.user
    form = NewEmailForm(request.POST or None, user=user)
    if not form.is_valid():
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
        return render(request, "accounts/change_email.html", {"form": form}, status=status)
    email = form.cleaned_data["email"]
    send_email_change(security_actions.ask_for_new_email(by=user, new_email=email))
    return render(request, "accounts/change_email_sent.html", {"new_email": email})


@never_cache
def confirm_new_email(request: HttpRequest, pk: UUID, token: str) -> HttpResponse:
    """The link each of the two addresses was sent. A POST confirms: programs that scan
    mails open links, and must not confirm by it."""
    change = security_actions.open_change(pk, token)
    if change is None:
        return render(request, "accounts/email_link_over.html", status=HTTPStatus.GONE)
    if request.method != "POST":
        return render(request, "accounts/confirm_new_email.html", {"change": change})
    in_force = security_actions.confirm_new_email(change, token)
    waits = bool(change.old_confirmed_at) != bool(change.new_confirmed_at)
    return render(
        request, "accounts/new_email_confirmed.html", {"in_force": in_force, "waits": waits}
    )


@never_cache
@require_GET
@login_required
def session_left(request: HttpRequest) -> JsonResponse:
    """Seconds until this session ends if nothing is done, and by which limit."""
    left, is_idle = middleware.seconds_left(request, time.time())
    return JsonResponse({"left": max(0, int(left)), "extends": is_idle})


activate_totp = ActivateTOTP.as_view()
deactivate_totp = DeactivateTOTP.as_view()
add_passkey = AddPasskey.as_view()
remove_passkey = RemovePasskey.as_view()
generate_codes = GenerateCodes.as_view()
index = Index.as_view()
list_sessions = Sessions.as_view()
change_password = PasswordChange.as_view()
edit_passkey = webauthn.EditWebAuthnView.as_view(
    pk_url_kwarg="number", success_url=reverse_lazy("mfa_index")
)
