"""An endpoint's first line: which integration asks, how often it has, and may it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest
from ninja.security import HttpBearer

from clearwork.access.decide import Viewer
from clearwork.api import limits, queries
from clearwork.api.models import ApiToken
from clearwork.api.problems import Problem
from clearwork.api.rules import Scope, Standing

_WHY = {
    Standing.EXPIRED: "This token has expired. An Admin User can make a new one.",
    Standing.REVOKED: "This token was revoked.",
    Standing.STOPPED: "The Admin User who answered for this token is none any more. Another one"
    " can take it over, under Account Information.",
}
_NEEDED = "Send a token that is in force: Authorization: Bearer cw_…"


class Token(HttpBearer):
    """Lets in who shows a token that works and holds this scope; gives the Viewer of it.

    RFC 6750: 401 without such a token, 403 where it does not hold the scope.
    """

    def __init__(self, scope: Scope) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> Viewer:
        found = queries.find(token)
        if found is None:
            raise unknown()
        shown, standing = found
        if standing != Standing.WORKS:
            raise unknown(_WHY[standing])
        _count(shown)
        viewer = queries.viewer_of(shown, self.scope)
        if not viewer.limited_to:
            raise Problem(HTTPStatus.FORBIDDEN, f"This token lacks the scope {self.scope}.")
        return viewer


def unknown(why: str = _NEEDED) -> Problem:
    return Problem(
        HTTPStatus.UNAUTHORIZED, why, headers={"WWW-Authenticate": 'Bearer realm="Clearwork"'}
    )


def asks(scope: Scope, **more: Any) -> dict[str, Any]:
    """An operation's options: the one scope it asks for, in code and in the schema."""
    return {"auth": Token(scope), "openapi_extra": {"x-scope": scope.value}, **more}


def viewer_of(request: HttpRequest) -> Viewer:
    """Whom Token let in."""
    viewer: Viewer = request.auth  # type: ignore[attr-defined]
    return viewer


def _count(token: ApiToken) -> None:
    if seconds := limits.seconds_to_wait(token):
        raise Problem(
            HTTPStatus.TOO_MANY_REQUESTS,
            f"This token asks too often. Try again in {seconds} seconds.",
            headers={"Retry-After": str(seconds)},
        )
