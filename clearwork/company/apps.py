from __future__ import annotations

from django.apps import AppConfig


class CompanyConfig(AppConfig):
    name = "clearwork.company"
