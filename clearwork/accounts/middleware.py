"""Sign people out who left, and everyone after a working day."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

from clearwork.audit.actions import Action, Actor, record

_SIGNED_IN_AT = "signed_in_at"
_LAST_SEEN = "last_seen"
# A page that refreshes itself is no sign that someone is there.
_UNATTENDED = "X-Unattended"
_SAVE_EVERY_SECONDS = 30


class SessionLimits:
    """End a session after IDLE_SECONDS without a request, or ABSOLUTE_SECONDS in all."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            if _is_over(request, time.time()):
                _end(request)
            else:
                _note(request, time.time())
        return self.get_response(request)


def _is_over(request: HttpRequest, now: float) -> bool:
    started = request.session.get(_SIGNED_IN_AT, now)
    seen = request.session.get(_LAST_SEEN, now)
    return bool(now - started >= settings.ABSOLUTE_SECONDS or now - seen >= settings.IDLE_SECONDS)


def _end(request: HttpRequest) -> None:
    by = Actor("user", request.user.pk)
    logout(request)
    record(Action.SIGNED_OUT, by=by, why="session over")


def _note(request: HttpRequest, now: float) -> None:
    request.session.setdefault(_SIGNED_IN_AT, now)
    seen = request.session.setdefault(_LAST_SEEN, now)
    if _UNATTENDED not in request.headers and now - seen >= _SAVE_EVERY_SECONDS:
        request.session[_LAST_SEEN] = now
