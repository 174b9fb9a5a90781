"""SQL of the hot paths: prepared once a connection, and sent without waiting for each answer.

Beside Django's cursors, which do neither. The same transaction, the same scope: what
runs here still needs one (see scope.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import Enum
from functools import cache
from typing import Any, LiteralString

import psycopg
from django.db import connection
from django.db.models import Field, Model
from psycopg import sql
from psycopg.types.json import Jsonb

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


def insert_many(rows: Sequence[Model]) -> None:
    """Insert new rows of one model in one statement, a column an array.

    COPY is not to be had under row-level security. For hundreds of rows: less than half the
    cost of insert().
    """
    if rows:
        query, fields = _mass_insertion(type(rows[0]))
        columns = [[_plain(getattr(row, f.attname)) for row in rows] for f in fields]
        _cursor().execute(query, columns, prepare=True)


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    return Jsonb(value) if isinstance(value, dict | list) else value


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


@cache
def _mass_insertion(model: type[Model]) -> tuple[bytes, tuple[Field[Any, Any], ...]]:
    fields = tuple(model._meta.local_concrete_fields)
    arrays = [
        sql.SQL("%s::{}[]").format(sql.SQL(_array_type(field)))  # type: ignore[arg-type]
        for field in fields
    ]
    query = sql.SQL("INSERT INTO {} ({}) SELECT * FROM unnest({})").format(
        sql.Identifier(model._meta.db_table),
        sql.SQL(", ").join(sql.Identifier(str(field.column)) for field in fields),
        sql.SQL(", ").join(arrays),
    )
    return query.as_bytes(), fields


def _array_type(field: Field[Any, Any]) -> str:
    return (field.db_type(connection) or "text").split("(")[0]


def _values(row: Model, fields: Sequence[Field[Any, Any]]) -> list[Any]:
    return [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
