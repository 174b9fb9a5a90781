"""How allauth behaves here, and what of sign-in is audited."""

from __future__ import annotations

import time
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from clearwork.accounts import limits
from clearwork.accounts.addresses import normal_email
from clearwork.accounts.last_here import note_last_here
from clearwork.accounts.origin import client_address
from clearwork.accounts.own_record import record_of
from clearwork.accounts.rules import normal_password
from clearwork.audit.actions import Action, Actor, record
from clearwork.database import scope

_WRONG = "That email and password do not match."
_WHAT_HELPS = "Reset your password with “Forgot password?”, or call support."


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody signs up by themselves; every sign-in, failure and sign-out is on record."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _WRONG,
        "too_many_login_attempts": (
            f"{_WRONG} There were too many tries today, so none is looked at any more. "
            f"{_WHAT_HELPS}"
        ),
        "too_many_codes": (
            "There were too many tries today, so no code is looked at any more. Call support."
        ),
        "incorrect_password": "That is not your password.",
        "enter_current_password": "That is not your current password.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """No "you have signed in" banners: the page itself says so."""

    def clean_password(self, password: str, user: Any = None) -> str:
        return str(super().clean_password(normal_password(password), user))

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        account = _address(credentials)
        of_account = limits.may_try(limits.PASSWORD, account)
        if not limits.may_try_from(client_address(request), account) or not of_account:
            self.authentication_failed(request, **credentials)
            raise self.validation_error("too_many_login_attempts")

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """The person, or None. An inactive one's right password answers like a wrong one.

        So does an address that allauth folds into theirs and we do not: tries with it are
        counted as another's.
        """
        user = super().authenticate(request, **credentials)
        if user is None:
            return None
        account = _address(credentials)
        if not user.is_active or normal_email(user.email) != account:
            self.authentication_failed(request, **credentials)
            return None
        limits.succeeded(limits.PASSWORD, account)
        limits.succeeded_from(client_address(request), account)
        return user

    def reauthenticate(self, user: Any, password: str) -> bool:
        """Whether it is this person's password; counted like any other try."""
        found = self.authenticate(self.request, email=user.email, password=password)
        return found is not None and found.pk == user.pk

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Whoever signed in within the last minutes need not do it twice."""
        request = self.request
        records = get_authentication_records(request, request.user)
        latest = max((one["at"] for one in records), default=0.0)
        return bool(time.time() - latest >= app_settings.REAUTHENTICATION_TIMEOUT)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        super().authentication_failed(request, **credentials)
        with scope.acting_as(scope.ANONYMOUS):
            record(Action.SIGN_IN_FAILED, by=Actor("anonymous"))

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        return redirect("account_login")

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request) or str(super().get_client_ip(request))

    def login(self, request: HttpRequest, user: Any) -> None:
        before = user.last_login
        super().login(request, user)
        note_last_here(request, before)
        record(Action.SIGNED_IN, by=Actor("user", user.pk))

    def logout(self, request: HttpRequest) -> None:
        user = request.user
        super().logout(request)
        if user.is_authenticated:
            record_of(user, Action.SIGNED_OUT)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("mfa_index")


class UserSessionsAdapter(DefaultUserSessionsAdapter):  # type: ignore[misc]
    """Ending a session on another device is on record."""

    def end_sessions(self, sessions: Any) -> None:
        ended = list(sessions)
        super().end_sessions(ended)
        if ended:
            record_of(ended[0].user, Action.SESSIONS_ENDED, count=len(ended))


def _address(credentials: dict[str, Any]) -> str:
    return normal_email(str(credentials.get("email", "")))
