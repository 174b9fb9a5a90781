"""One transaction a request, acting as whoever asks."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from clearwork.access.decide import Viewer
from clearwork.access.load import (
    CHOSEN_EMPLOYER,
    PREVIEWED_ACCESS,
    preview_for,
    staff_member,
    viewer_for,
)
from clearwork.accounts.models import User
from clearwork.database import scope

Handler = Callable[[HttpRequest], HttpResponse]
_ENDS_PREVIEW = ("access:end_preview", "account_logout")
_OWN_PATHS = ("/security/",)  # whoever is signed in, whatever they act for
_OPEN_PATHS = (
    "/login/",
    "/sign-in/",
    "/sign-out/",
    "/access/request/",
    "/access/invitation/",
    "/healthz",
    "/help/",
    "/privacy/",
    "/pass/",
    "/visits/shared/",
    "/api/",  # asks for a token itself
    "/static/",
)


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
            request.viewer = _viewer(request, request.user)  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: object
    ) -> HttpResponse | None:
        if _is_preview(request):
            return _in_preview(request)
        if request.path.startswith(_OPEN_PATHS) or request.viewer:  # type: ignore[attr-defined]
            return None
        if request.user.is_authenticated and request.path.startswith(_OWN_PATHS):
            return None
        if request.staff:  # type: ignore[attr-defined]
            return _at_support(request)
        if request.user.is_authenticated:
            raise PermissionDenied
        return _to_sign_in(request)


def _at_support(request: HttpRequest) -> HttpResponse | None:
    """The network's own people have the support console, and act for no employer."""
    match = request.resolver_match
    if match and match.view_name == "home":
        return redirect("support:home")
    if match and match.namespace == "support":
        return None
    raise PermissionDenied


def _viewer(request: HttpRequest, user: User) -> Viewer | None:
    """The person, or in a preview whom they preview, as long as that may go on."""
    viewer = viewer_for(user, request.session.get(CHOSEN_EMPLOYER, ""))
    if viewer is None or PREVIEWED_ACCESS not in request.session:
        return viewer
    return preview_for(viewer, request.session[PREVIEWED_ACCESS]) or viewer


def _is_preview(request: HttpRequest) -> bool:
    return PREVIEWED_ACCESS in request.session


def _in_preview(request: HttpRequest) -> HttpResponse | None:
    """A preview changes nothing, whatever a view forgets; it can be left at any time."""
    name = request.resolver_match.view_name if request.resolver_match else ""
    if name in _ENDS_PREVIEW:
        return None
    viewer: Viewer | None = request.viewer  # type: ignore[attr-defined]
    if viewer is None or not viewer.seen_by:
        del request.session[PREVIEWED_ACCESS]
        messages.warning(request, "The preview has ended: that person's access has changed.")
        return _leave_for(request, redirect("home"))
    if request.method not in ("GET", "HEAD"):
        raise PermissionDenied("A preview changes nothing.")
    return None


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    sign_in = reverse("account_login")
    if request.headers.get("HX-Request"):  # later, to the whole page: not to this partial
        return _leave_for(request, redirect(sign_in))
    return redirect_to_login(request.get_full_path(), sign_in)


def _leave_for(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """A partial would show the other page inside this one: have htmx load it whole."""
    if not request.headers.get("HX-Request"):
        return answer
    return HttpResponse(
        status=HTTPStatus.NO_CONTENT, headers={"HX-Redirect": answer.headers["Location"]}
    )
