"""What a session knows of the time before it."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest

_LAST_HERE = "last_here"


def note_last_here(request: HttpRequest, last_login: datetime | None) -> None:
    if last_login is not None:
        request.session[_LAST_HERE] = last_login.isoformat()


def last_here(request: HttpRequest) -> datetime | None:
    """When this person signed in the time before; None where this is the first."""
    noted = request.session.get(_LAST_HERE)
    return datetime.fromisoformat(noted) if noted else None
