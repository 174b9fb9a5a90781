"""One transaction a request, acting as whoever asks."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from clearwork.access.load import CHOSEN_EMPLOYER, staff_member, viewer_for
from clearwork.accounts.models import User
from clearwork.database import scope

Handler = Callable[[HttpRequest], HttpResponse]
_OPEN_PATHS = ("/sign-in/", "/sign-out/", "/healthz", "/static/")


class OneTransaction:
    """Open the transaction, run the view and render its page, commit.

    Anything that ends in a server error is rolled back whole.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with scope.acting_as(scope.ANONYMOUS):
            response = self.get_response(request)
            if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
                transaction.set_rollback(True)
        return response


class WhoIsAsking:
    """Set `request.viewer`. Pages other than the public ones need one."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.viewer = request.staff = None  # type: ignore[attr-defined]
        if isinstance(request.user, User) and request.user.staff:
            request.staff = staff_member(request.user)  # type: ignore[attr-defined]
        elif isinstance(request.user, User):
            chosen = request.session.get(CHOSEN_EMPLOYER, "")
            request.viewer = viewer_for(request.user, chosen)  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: object
    ) -> HttpResponse | None:
        if request.path.startswith(_OPEN_PATHS) or request.viewer:  # type: ignore[attr-defined]
            return None
        if request.user.is_authenticated:
            raise PermissionDenied
        return _to_sign_in(request)


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    sign_in = reverse("account_login")
    if request.headers.get("HX-Request"):  # a partial would show the sign-in page inside a page
        return HttpResponse(status=HTTPStatus.NO_CONTENT, headers={"HX-Redirect": sign_in})
    return redirect_to_login(request.get_full_path(), sign_in)
