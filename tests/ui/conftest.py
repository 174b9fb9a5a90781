"""The look is tested alone: no database, its own few routes, plain static files."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import include, path, resolve
from pytest_django.fixtures import Settings

Page = Callable[..., str]


def _page(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def _routes() -> ModuleType:
    routes = ModuleType("ui_test_routes")
    section = [path("", _page, name="list"), path("one/", _page, name="detail")]
    vars(routes)["urlpatterns"] = [
        path("", _page, name="home"),
        path("accounts/login/", _page, name="account_login"),
        path("accounts/logout/", _page, name="account_logout"),
        path("security/", _page, name="mfa_index"),
        path("passkey/", _page, name="mfa_login_webauthn"),
        path("access/", include(([path("", _page, name="request_access")], "accounts"))),
        path("authorizations/", include((section, "authorizations"))),
    ]
    return routes


@pytest.fixture(autouse=True)
def alone(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ui_test_routes", _routes())
    settings.ROOT_URLCONF = "ui_test_routes"
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture
def alice() -> SimpleNamespace:
    return SimpleNamespace(
        name="Alice Ferreira", employer_name="Lone Star Freight", may=lambda permission: True
    )


@pytest.fixture
def ask(alice: SimpleNamespace) -> Callable[..., HttpRequest]:
    """Make a request for a path, as Alice or (viewer=None) signed out."""

    def make(where: str = "/", viewer: Any = alice) -> HttpRequest:
        request = RequestFactory().get(where)
        request.resolver_match = resolve(request.path_info)
        request.viewer = viewer  # type: ignore[attr-defined]
        return request

    return make


@pytest.fixture
def show(ask: Callable[..., HttpRequest]) -> Page:
    """Render a template with keyword context, as a page of `where`."""

    def render(template: str, where: str = "/", **context: Any) -> str:
        return render_to_string(template, context, request=ask(where))

    return render
