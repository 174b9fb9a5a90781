"""SQL of the hot paths: prepared once a connection, and sent without waiting for each answer.

Beside Django's cursors, which do neither. The same transaction, the same scope: what
runs here still needs one (see scope.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, LiteralString

import psycopg
from django.db import connection
from django.db.models import Field, Model
from psycopg import sql

from clearwork.database import scope

type Cursor = psycopg.Cursor[tuple[Any, ...]]


@contextmanager
def together() -> Iterator[None]:
    """Statements of the block travel together; an answer is waited for where it is fetched.

    Each answer needs its own cursor, as execute() gives. Errors may surface at a later
    fetch, at the latest when the transaction or the block ends. Around a transaction its begin
    and its commit travel, too. Not for the ORM's writes: they count rows at once.
    """
    connection.ensure_connection()
    if connection.connection.closed:  # found out when it was last used
        connection.close()
        connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield


def execute(query: LiteralString, params: Sequence[object]) -> Cursor:
    """Run one statement, its parameters marked `%s`, in the open scope; fetch from its cursor."""
    cursor = _cursor()
    cursor.execute(query, params, prepare=True)
    return cursor


def insert(rows: Sequence[Model]) -> None:
    """Insert new rows of one model, whose defaults are all Python's."""
    if rows:
        query, fields = _insertion(type(rows[0]))
        _cursor().executemany(query, [_values(row, fields) for row in rows])


def _cursor() -> Cursor:
    scope.require_current()
    raw: psycopg.Connection[tuple[Any, ...]] = connection.connection
    return psycopg.Cursor(raw)


@cache
def _insertion(model: type[Model]) -> tuple[bytes, tuple[Field[Any, Any], ...]]:
    fields = tuple(model._meta.local_concrete_fields)
    query = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
        sql.Identifier(model._meta.db_table),
        sql.SQL(", ").join(sql.Identifier(str(field.column)) for field in fields),
        sql.SQL(", ").join([sql.Placeholder()] * len(fields)),
    )
    return query.as_bytes(), fields


def _values(row: Model, fields: Sequence[Field[Any, Any]]) -> list[Any]:
    return [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
