from __future__ import annotations

from django.apps import AppConfig


class BulkConfig(AppConfig):
    name = "clearwork.bulk"
