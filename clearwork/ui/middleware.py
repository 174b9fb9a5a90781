"""What holds of every answer that is drawn here; files under static/ are served before."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

Handler = Callable[[HttpRequest], HttpResponse]


class KeptNowhere:
    """No browser and no proxy keeps a page.

    Else the Back button shows it from memory to whoever comes next, after its reader signed out.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response
