"""Sign people out who left, and everyone after a working day; ask for a second factor."""

from __future__ import annotations

import time
from collections.abc import Callable

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.crypto import salted_hmac

from clearwork.accounts.models import User
from clearwork.accounts.second_factor import has_second_factor, may_go_without
from clearwork.audit.actions import Action, Actor, record
from clearwork.database import scope

_SIGNED_IN_AT = "signed_in_at"
_LAST_SEEN = "last_seen"
# A page that refreshes itself is no sign that someone is there.
_UNATTENDED = "X-Unattended"
_SAVE_EVERY_SECONDS = 30
_WARN_SECONDS = 120
# What one needs to get a second factor, or to leave; and what anyone may read or report.
_WITHOUT_SECOND_FACTOR = (
    "/security/app/",
    "/security/codes/",
    "/security/confirm/",
    "/security/passkeys/",
    "/security/session/",
    "/sign-in/",
    "/sign-out/",
    "/healthz",
    "/help/",
    "/privacy/",
    "/pass/",
    "/visits/shared/",
    "/static/",
)
_ENROLMENT = "/security/"

Handler = Callable[[HttpRequest], HttpResponse]


class SessionLimits:
    """End a session after IDLE_SECONDS without a request, or ABSOLUTE_SECONDS in all."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = time.time()
            if seconds_left(request, now)[0] <= 0:
                _end(request)
            else:
                _note(request, now)
                request.session_facts = _facts(request, now)  # type: ignore[attr-defined]
        return self.get_response(request)


class SecondFactor:
    """Whoever has no second factor yet is nobody until they have: they only may get one."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if not isinstance(user, User) or may_go_without(user) or has_second_factor(user):
            return self.get_response(request)
        if request.path != _ENROLMENT and not request.path.startswith(_WITHOUT_SECOND_FACTOR):
            return redirect(_ENROLMENT)
        request.viewer = request.staff = None  # type: ignore[attr-defined]
        request.needs_second_factor = True  # type: ignore[attr-defined]
        scope.become(scope.user(user.pk))
        return self.get_response(request)


def seconds_left(request: HttpRequest, now: float) -> tuple[float, bool]:
    """Until the session ends if nothing is done, and whether doing something puts it off."""
    started = request.session.get(_SIGNED_IN_AT, now)
    seen = request.session.get(_LAST_SEEN, now)
    idle = settings.IDLE_SECONDS - (now - seen)
    absolute = settings.ABSOLUTE_SECONDS - (now - started)
    return min(idle, absolute), idle < absolute


def _facts(request: HttpRequest, now: float) -> dict[str, object]:
    """What idle.js needs. The person only as a keyed hash: it names what a tab keeps."""
    person = salted_hmac("clearwork.kept", str(request.user.pk), algorithm="sha256")
    left, _ = seconds_left(request, now)
    warn = min(_WARN_SECONDS, settings.IDLE_SECONDS // 2)
    return {"person": person.hexdigest()[:16], "left": int(left), "warn": warn}


def _end(request: HttpRequest) -> None:
    by = Actor("user", request.user.pk)
    logout(request)
    record(Action.SIGNED_OUT, by=by, why="session over")


def _note(request: HttpRequest, now: float) -> None:
    request.session.setdefault(_SIGNED_IN_AT, now)
    seen = request.session.setdefault(_LAST_SEEN, now)
    is_old = now - seen >= min(_SAVE_EVERY_SECONDS, settings.IDLE_SECONDS / 10)
    if is_old and _UNATTENDED not in request.headers:
        request.session[_LAST_SEEN] = now
        UserSession.objects.create_from_request(request)
