"""What holds of all requests under /api/v1/, before and after their endpoint."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

from clearwork.api.problems import CONTENT_TYPE, Problem

_ROOT = "/api/v1/"
_KEPT_HEADERS = ("Allow", "Retry-After")

Handler = Callable[[HttpRequest], HttpResponse]


class TokensAlone:
    """Cookies mean nothing here, so there is no session and nothing a foreign page could use.

    Errors of Django's own, such as an unknown address, become problem+json too.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(_ROOT):
            return self.get_response(request)
        request.COOKIES = {}
        response = self.get_response(request)
        if response.status_code < HTTPStatus.BAD_REQUEST:
            return response
        is_problem = response.headers.get("Content-Type") == CONTENT_TYPE
        return response if is_problem else _problem(response)


def _problem(response: HttpResponse) -> HttpResponse:
    status = HTTPStatus(response.status_code)
    kept = {name: response[name] for name in _KEPT_HEADERS if name in response}
    return Problem(status, f"{status.description or status.phrase}.", headers=kept).answer()
