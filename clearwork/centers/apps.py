from __future__ import annotations

from django.apps import AppConfig


class CentersConfig(AppConfig):
    name = "clearwork.centers"
