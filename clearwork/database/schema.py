"""Whether the database has the tables this version was written for."""

from __future__ import annotations

from pkgutil import iter_modules

from django.apps import apps
from django.db import connection

from clearwork.database import scope

type _Migration = tuple[str, str]  # its app's label, its own name


def refuse_older_database() -> None:
    """Stop the start (SystemExit) where a migration is missing: page after page would fail.

    One that is ahead is fine: while a network upgrades, the old version runs on a little.
    """
    if missing := sorted(_written() - _applied()):
        raise SystemExit(
            f"DATABASE_URL: the database is older than this version: {'.'.join(missing[0])} "
            f"is the first of {len(missing)} migrations to come. "
            "Fix: python manage.py migrate --database=owner; docs/operations.md says how."
        )


def _written() -> set[_Migration]:
    ours = [app for app in apps.get_app_configs() if app.name.startswith("clearwork.")]
    return {
        (app.label, module.name)
        for app in ours
        for module in iter_modules([f"{app.path}/migrations"])
    }


def _applied() -> set[_Migration]:
    with scope.acting_as(scope.ANONYMOUS), connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('public.django_migrations') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return set()
        cursor.execute("SELECT app, name FROM public.django_migrations")
        return set(cursor.fetchall())
