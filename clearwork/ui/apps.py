"""The look of Clearwork: base pages, components, form fields, icons, static files."""

from __future__ import annotations

from django.apps import AppConfig


class UiConfig(AppConfig):
    """Comes before allauth in INSTALLED_APPS, so that our account pages win."""

    name = "clearwork.ui"
    label = "ui"
