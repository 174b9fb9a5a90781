"""The role this process has at the database. A privileged one would see past the policies."""

from __future__ import annotations

from django.db import connection

from clearwork.database import scope


def refuse_privileged_role() -> None:
    """Stop the start (SystemExit) as a superuser, a BYPASSRLS role or an owner of tables."""
    with scope.acting_as(scope.ANONYMOUS), connection.cursor() as cursor:
        cursor.execute(
            """SELECT rolname, rolsuper, rolbypassrls,
                      EXISTS (SELECT 1 FROM pg_class WHERE pg_has_role(relowner, 'USAGE')
                              AND relnamespace = 'public'::regnamespace)
               FROM pg_roles WHERE rolname = current_user"""
        )
        name, superuser, bypasses, owns = cursor.fetchone()
    reasons = {"is a superuser": superuser, "bypasses row-level security": bypasses}
    reasons["owns tables"] = owns
    if found := [reason for reason, holds in reasons.items() if holds]:
        raise SystemExit(
            f"DATABASE_URL: the role {name} {' and '.join(found)}. "
            "Fix: connect as clearwork_app; docs/operations.md says how to make it."
        )
