"""The role this process has at the database. A privileged one would see past the policies, or
could change what is only ever added to.
"""

from __future__ import annotations

import psycopg
from django.db import connection

from clearwork.database import scope

_CONNECT_SECONDS = 10


def refuse_privileged_role() -> None:
    """Stop the start (SystemExit) as a superuser, a BYPASSRLS role, an owner of tables, or one
    that may change the audit trail; and where no database is reached.
    """
    _reach()
    with scope.acting_as(scope.ANONYMOUS), connection.cursor() as cursor:
        cursor.execute(
            """SELECT rolname, rolsuper, rolbypassrls,
                      EXISTS (SELECT 1 FROM pg_class WHERE pg_has_role(relowner, 'USAGE')
                              AND relnamespace = 'public'::regnamespace),
                      EXISTS (SELECT 1 FROM pg_class WHERE relname LIKE 'audit_audit%'
                              AND relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
                              AND has_table_privilege(oid, 'UPDATE, DELETE'))
               FROM pg_roles WHERE rolname = current_user"""
        )
        name, superuser, bypasses, owns, rewrites = cursor.fetchone()
    reasons = {"is a superuser": superuser, "bypasses row-level security": bypasses}
    reasons["owns tables"] = owns
    if found := [reason for reason, holds in reasons.items() if holds]:
        raise SystemExit(
            f"DATABASE_URL: the role {name} {' and '.join(found)}. "
            "Fix: connect as clearwork_app; docs/operations.md says how to make it."
        )
    if rewrites:  # as after a restore on top of default privileges
        raise SystemExit(
            f"DATABASE_URL: the role {name} may change the audit trail. "
            "Fix: as clearwork_owner, REVOKE UPDATE, DELETE ON audit_auditevent, audit_auditseal, "
            f"accounts_secondfactorreset FROM {name};"
        )


def _reach() -> None:
    """One try past the pool, which would go on for ten seconds and not say why it gives up."""
    how = {"connect_timeout": _CONNECT_SECONDS, **connection.get_connection_params()}
    try:
        psycopg.connect(**how).close()
    except psycopg.OperationalError as error:
        why = " ".join(str(error).split()).rstrip(".?")
        raise SystemExit(
            f"DATABASE_URL: the database cannot be reached: {why}. "
            "Fix: start it (make demo starts the embedded one), or correct the address."
        ) from None
