"""Who is asking the database, for the length of one transaction.

Row-level security (see policies.py) reads `clearwork.scope`, set with
`set_config(..., is_local => true)`: it ends with the transaction, so a pooled
connection never carries one person's scope to the next. SQL without a scope is
refused here before it is sent, and by the policies themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.pq import PipelineStatus

_ATTRIBUTE = "clearwork_scope"
_SET = "SELECT set_config('clearwork.scope', %s, true)"
_MISSING = "SQL without a scope: wrap it in database.scope.acting_as()."
_TRANSACTION_CONTROL = (
    "SAVEPOINT",
    "RELEASE SAVEPOINT",
    "ROLLBACK TO SAVEPOINT",
    "SET CONSTRAINTS",  # Django checks deferred keys early in tests
)


class ScopeMissing(RuntimeError):
    """SQL was about to run without saying who is asking."""


@dataclass(frozen=True)
class Scope:
    """Whose rows a transaction may touch, e.g. `employer:0192…`."""

    text: str


ANONYMOUS = Scope("anonymous")
OPERATOR = Scope("operator")


def employer(employer_id: UUID) -> Scope:
    return Scope(f"employer:{employer_id}")


def center(center_id: UUID) -> Scope:
    return Scope(f"center:{center_id}")


def user(user_id: UUID) -> Scope:
    """A signed-in person before an employer is chosen: sees only their own portal access."""
    return Scope(f"user:{user_id}")


def invitation(invitation_id: UUID) -> Scope:
    """Someone who opened an invitation's link: sees that invitation, until its token is checked."""
    return Scope(f"invitation:{invitation_id}")


def opened_pass(pass_id: UUID) -> Scope:
    """Someone who opened a pass's link: sees that pass and the authorization it is for."""
    return Scope(f"pass:{pass_id}")


def token(token_id: UUID) -> Scope:
    """An integration that shows an API token: sees that token, until its secret is checked."""
    return Scope(f"token:{token_id}")


def current(using: str = DEFAULT_DB_ALIAS) -> Scope | None:
    scope: Scope | None = getattr(connections[using], _ATTRIBUTE, None)
    return scope


@contextmanager
def acting_as(scope: Scope, *, using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Run the block as `scope`, in one transaction (a savepoint inside an open one)."""
    before = current(using)
    try:
        with transaction.atomic(using=using):
            become(scope, using=using)
            yield
            if before is not None:
                become(before, using=using)
    finally:
        # A rolled-back savepoint takes the database's setting back by itself.
        setattr(connections[using], _ATTRIBUTE, before)


def become(scope: Scope, *, using: str = DEFAULT_DB_ALIAS) -> None:
    """Change who is asking for the rest of the open transaction."""
    connection = connections[using]
    if not connection.in_atomic_block:
        raise ScopeMissing("A scope lives in a transaction: open one with acting_as().")
    setattr(connection, _ATTRIBUTE, scope)
    connection.ensure_connection()
    with connection.wrap_database_errors:
        _set(connection.connection, scope)


def _set(raw: psycopg.Connection[Any], scope: Scope) -> None:
    """One round trip, shared with BEGIN; none of its own among statements sent together."""
    waits = raw.pgconn.pipeline_status == PipelineStatus.OFF
    with raw.pipeline() if waits else nullcontext():
        psycopg.Cursor(raw).execute(_SET, [scope.text], prepare=True)


def require_current() -> None:
    """Raise ScopeMissing unless someone is asking."""
    if current() is None:
        raise ScopeMissing(_MISSING)


def guard(connection: BaseDatabaseWrapper) -> None:
    """Refuse SQL without a scope on this connection."""
    if _refuse_without_scope not in connection.execute_wrappers:
        connection.execute_wrappers.append(_refuse_without_scope)


def _refuse_without_scope(
    execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    scoped = getattr(context["connection"], _ATTRIBUTE, None) is not None
    if not scoped and not str(sql).startswith(_TRANSACTION_CONTROL):
        raise ScopeMissing(_MISSING)
    return execute(sql, params, many, context)
