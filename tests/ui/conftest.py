"""The look is tested alone: no database, plain static files."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import resolve
from pytest_django.fixtures import Settings

from clearwork.ui import drawn

Page = Callable[..., str]


@pytest.fixture(autouse=True)
def alone(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawn, "_kept", {})  # nothing drawn with these files stays
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
