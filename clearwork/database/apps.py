from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from clearwork.database import scope


def _guard(connection: BaseDatabaseWrapper, **_: Any) -> None:
    if connection.alias == DEFAULT_DB_ALIAS:
        scope.guard(connection)


class DatabaseConfig(AppConfig):
    name = "clearwork.database"

    def ready(self) -> None:
        connection_created.connect(_guard, dispatch_uid="clearwork.database.guard")
