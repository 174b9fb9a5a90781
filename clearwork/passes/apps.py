from __future__ import annotations

from django.apps import AppConfig


class PassesConfig(AppConfig):
    name = "clearwork.passes"
