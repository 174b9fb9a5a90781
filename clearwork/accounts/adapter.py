"""How allauth behaves here, and what of sign-in is audited."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from clearwork.audit.actions import Action, Actor, record
from clearwork.database import scope


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody signs up by themselves; every sign-in, failure and sign-out is on record."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """No "you have signed in" banners: the page itself says so."""

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """The person, or None. An inactive one's right password answers like a wrong one."""
        user = super().authenticate(request, **credentials)
        if user is None or user.is_active:
            return user
        self.authentication_failed(request, **credentials)
        return None

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        super().authentication_failed(request, **credentials)
        record(Action.SIGN_IN_FAILED, by=Actor("anonymous"))

    def login(self, request: HttpRequest, user: Any) -> None:
        super().login(request, user)
        record(Action.SIGNED_IN, by=Actor("user", user.pk))

    def logout(self, request: HttpRequest) -> None:
        user = request.user
        super().logout(request)
        if user.is_authenticated:
            with scope.acting_as(scope.user(user.pk)):  # a session is of no employer
                record(Action.SIGNED_OUT, by=Actor("user", user.pk))
