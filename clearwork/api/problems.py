"""What goes wrong, as application/problem+json (RFC 9457)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse

CONTENT_TYPE = "application/problem+json"
_IN_BODY = "body"


@dataclass
class Problem(Exception):
    """An answer that ends the request. `errors` are about fields of it: see at() and beside()."""

    status: int
    detail: str
    errors: Sequence[Mapping[str, str]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def answer(self) -> HttpResponse:
        status = HTTPStatus(self.status)
        said: dict[str, Any] = {"type": "about:blank", "title": status.phrase}
        said |= {"status": int(status), "detail": self.detail}
        if self.errors:
            said["errors"] = list(self.errors)
        response = HttpResponse(
            json.dumps(said), content_type=CONTENT_TYPE, status=status, headers=dict(self.headers)
        )
        response["Cache-Control"] = "no-store"
        return response


def at(path: Sequence[str | int], detail: str) -> dict[str, str]:
    """An error of a field of the body, by its JSON pointer (RFC 6901), e.g. #/orders/3/center."""
    steps = (str(step).replace("~", "~0").replace("/", "~1") for step in path)
    return {"pointer": "#" + "".join(f"/{step}" for step in steps), "detail": detail}


def beside(place: str, name: str, detail: str) -> dict[str, str]:
    """An error of a `query`, `path` or `header` parameter."""
    return {place: name, "detail": detail}


def invalid(errors: Sequence[Mapping[str, str]]) -> Problem:
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "Nothing was done: see the errors.", errors)


def of_pydantic(errors: Sequence[Mapping[str, Any]]) -> Problem:
    """django-ninja's validation errors: `loc` is the source, the parameter's name and the rest.

    What was sent is not repeated: it may be about someone's health.
    """
    return invalid([_of_one(error["loc"], error["msg"]) for error in errors])


def _of_one(loc: Sequence[str | int], text: str) -> Mapping[str, str]:
    source, *path = loc
    if source == _IN_BODY:
        return at(path[1:], text)  # the first is the view's own word for the whole body
    return beside(str(source), str(path[-1] if path else ""), text)
