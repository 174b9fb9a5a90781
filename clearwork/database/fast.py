"""SQL of the hot paths: prepared once a connection, and sent without waiting for each answer.

Beside Django's cursors, which do neither. The same transaction, the same scope: what
runs here still needs one (see scope.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import date, time
from enum import Enum
from functools import cache
from json import JSONEncoder
from typing import Any, LiteralString
from uuid import UUID

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Field, Model
from django.db.models.base import ModelState
from psycopg import sql
from psycopg.pq import PipelineStatus
from psycopg.types.json import Jsonb

from clearwork.database import scope
from clearwork.foundation.ids import many_uuid7

type Cursor = psycopg.Cursor[tuple[Any, ...]]


@contextmanager
def together() -> Iterator[None]:
    """Statements of the block travel together; an answer is waited for where it is fetched.

    Each answer needs its own cursor, as execute() gives. Errors may surface at a later
    fetch, at the latest when the transaction or the outermost such block ends. Around a
    transaction its begin and its commit travel, too. Not for the ORM's writes: they count rows
    at once.
    """
    connection.ensure_connection()
    if connection.connection.closed:  # found out when it was last used
        connection.close()
        connection.ensure_connection()
    alone = connection.connection.pgconn.pipeline_status == PipelineStatus.OFF
    travelling = connection.connection.pipeline() if alone else nullcontext()
    with connection.wrap_database_errors, travelling:
        yield


def execute(query: LiteralString, params: Sequence[object]) -> Cursor:
    """Run one statement, its parameters marked `%s`, in the open scope; fetch from its cursor."""
    cursor = _cursor()
    cursor.execute(query, params, prepare=True)
    return cursor


def ask[M: Model](model: type[M], where: LiteralString, params: Sequence[object]) -> Iterator[M]:
    """find() among statements that travel together: sent at once, fetched when iterated.

    Iterated after the block, it needs no trip of its own.
    """
    cursor = _cursor()
    cursor.execute(_selection(model) + where.encode(), params, prepare=True)
    names = _names(model)
    return (made(model, names, row) for row in cursor)


def find[M: Model](model: type[M], where: LiteralString, params: Sequence[object]) -> list[M]:
    """Whole rows of one model by a condition of its columns, e.g. "id = ANY (%s)"."""
    return list(ask(model, where, params))


def find_with[M: Model](
    model: type[M], shown: tuple[str, ...], where: LiteralString, params: Sequence[object]
) -> list[M]:
    """Rows with those they point at, and of each only these fields: only(), prepared.

    `shown` names them as only() does, such as "title" and "employee__first_name"; the
    condition names columns with their table. Another field is fetched when it is read.
    """
    query, parts = _chosen(model, shown)
    cursor = _cursor()
    cursor.execute(query + where.encode(), params, prepare=True)
    return [_joined(parts, row) for row in cursor]


@dataclass(frozen=True)
class _Part:
    """One model's part of a joined row, its id first; `key` points at it, None for the first."""

    key: Any
    model: type[Model]
    names: tuple[str, ...]
    columns: tuple[sql.Composed, ...]


def _joined(parts: tuple[_Part, ...], row: tuple[Any, ...]) -> Any:
    whole, *others = parts
    related: dict[str, Model | None] = {}
    start = len(whole.names)
    for part in others:
        values = row[start : start + len(part.names)]
        related[part.key.name] = made(part.model, part.names, values) if values[0] else None
        start += len(values)
    return made(whole.model, whole.names, row[: len(whole.names)], **related)


def made[M: Model](
    model: type[M], names: Sequence[str], values: Sequence[object], **related: Model | None
) -> M:
    """A row of the database's: what was loaded of it, its id among that, and what it points at.

    As Model.from_db() makes it, in a third of the time; nobody listens to its signals.
    """
    row = model.__new__(model)
    row.__dict__ = dict(zip(names, values, strict=True))
    row._state = state = _Loaded()
    state.fields_cache = related
    return row


class _Loaded(ModelState):
    """Of a row the database has: the same for each of them, so it stands here once."""

    adding, db = False, DEFAULT_DB_ALIAS


def prefer_indexes() -> None:
    """For the rest of the transaction, before it writes to or looks into tables that grow.

    A plan made while a table was small reads all of it, and is kept until the table is next
    analyzed: each of ten thousand rows would then cost more than the one before.
    """
    execute("SET LOCAL enable_seqscan = off", [])


def insert_all(rows: Sequence[Model]) -> None:
    """Insert new rows of several models in one statement, whose defaults are all Python's.

    They travel as one JSON document: half the work of a statement each. Keys between them
    are checked at commit; no row sees another.
    """
    by_model: dict[type[Model], list[Model]] = {}
    for row in rows:
        by_model.setdefault(type(row), []).append(row)
    if by_model:
        given = {
            m._meta.db_table: [_by_column(row) for row in rows] for m, rows in by_model.items()
        }
        _cursor().execute(_document_insertion(tuple(by_model)), [_json(given)], prepare=True)
    _mark_saved(rows)


def _mark_saved(rows: Sequence[Model]) -> None:
    """As Model.save() leaves them."""
    for row in rows:
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


def _by_column(row: Model) -> dict[str, object]:
    return {str(field.column): getattr(row, field.attname) for field in _fields(type(row))}


def _as_text(value: object) -> str:
    """What JSON has no word for, as PostgreSQL reads it."""
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    return value.isoformat() if isinstance(value, date | time) else str(value)


_json = JSONEncoder(default=_as_text, ensure_ascii=False, separators=(",", ":")).encode


def insert_many(rows: Sequence[Model]) -> None:
    """Insert new rows of one model in one statement; see insert_columns."""
    if rows:
        names = [field.attname for field in _fields(type(rows[0]))]
        columns = {name: [getattr(row, name) for row in rows] for name in names}
        insert_columns(type(rows[0]), len(rows), columns)


def insert_columns(model: type[Model], count: int, columns: Mapping[str, Sequence[Any]]) -> None:
    """Insert `count` new rows in one statement; `columns` by attribute name, defaults else.

    COPY is not to be had under row-level security. For hundreds of rows this costs less than
    insert_all(): a column travels as one array, or as one value where all its rows agree.
    """
    if not count:
        return
    arrays: list[str] = []
    values: list[str] = []
    params: list[tuple[bool, object]] = []
    for field in _fields(model):
        column = columns.get(field.attname) or _default(field, count)
        varies = column[0] != column[-1] or column.count(column[0]) != count
        (arrays if varies else values).append(str(field.column))
        params.append((varies, _array(column) if varies else _plain(column[0])))
    ordered = [p for varies, p in params if not varies] + [p for varies, p in params if varies]
    _cursor().execute(_mass_insertion(model, tuple(values), tuple(arrays)), ordered, prepare=True)


def array_of(ids: Iterable[UUID]) -> str:
    """As PostgreSQL reads an array, for a condition such as "id = ANY (%s)"; see execute()."""
    return "{" + ",".join(map(str, ids)) + "}"


def _default(field: Field[Any, Any], count: int) -> Sequence[Any]:
    return many_uuid7(count) if field.primary_key else [field.get_default()] * count


def _array(column: Sequence[Any]) -> object:
    if isinstance(column[0], UUID) and None not in column:
        return array_of(column)
    return [_plain(value) for value in column]


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    return Jsonb(value) if isinstance(value, dict | list) else value


def _cursor() -> Cursor:
    scope.require_current()
    raw: psycopg.Connection[tuple[Any, ...]] = connection.connection
    return psycopg.Cursor(raw)


@cache
def _selection(model: type[Model]) -> bytes:
    query = sql.SQL("SELECT {} FROM {} WHERE ")
    return query.format(_columns(model), sql.Identifier(model._meta.db_table)).as_bytes()


@cache
def _chosen(model: type[Model], shown: tuple[str, ...]) -> tuple[bytes, tuple[_Part, ...]]:
    """The query of these fields, and whose each column of its rows is."""
    names: dict[str, list[str]] = {"": ["pk"]}
    for name in shown:
        relation, _, own = name.rpartition("__")
        if relation and relation not in names:
            names[""].append(relation)
            names[relation] = ["pk"]
        names[relation].append(own)
    parts = tuple(_part(model, relation, own) for relation, own in names.items())
    table = sql.Identifier(model._meta.db_table)
    query = sql.SQL("SELECT {} FROM {}{} WHERE ").format(
        sql.SQL(", ").join(column for part in parts for column in part.columns),
        table,
        sql.SQL("").join(_join(table, part) for part in parts[1:]),
    )
    return query.as_bytes(), parts


def _part(model: type[Model], relation: str, names: Sequence[str]) -> _Part:
    key: Any = model._meta.get_field(relation) if relation else None
    whose = key.related_model if key else model
    fields: list[Any] = [
        whose._meta.pk if name == "pk" else whose._meta.get_field(name) for name in names
    ]
    table = sql.Identifier(whose._meta.db_table)
    return _Part(
        key,
        whose,
        tuple(field.attname for field in fields),
        tuple(sql.SQL("{}.{}").format(table, sql.Identifier(field.column)) for field in fields),
    )


def _join(table: sql.Identifier, part: _Part) -> sql.Composed:
    """What must be there is joined so that PostgreSQL may begin with it."""
    return sql.SQL(" {kind} {other} ON {other}.id = {table}.{column}").format(
        kind=sql.SQL("LEFT JOIN" if part.key.null else "JOIN"),
        other=sql.Identifier(part.model._meta.db_table),
        table=table,
        column=sql.Identifier(part.key.column),
    )


@cache
def _names(model: type[Model]) -> tuple[str, ...]:
    return tuple(field.attname for field in _fields(model))


@cache
def _fields(model: type[Model]) -> tuple[Field[Any, Any], ...]:
    return tuple(model._meta.local_concrete_fields)


def _columns(model: type[Model]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(str(field.column)) for field in _fields(model))


@cache
def _mass_insertion(model: type[Model], values: tuple[str, ...], arrays: tuple[str, ...]) -> bytes:
    """Columns with one value for all rows, then those with one for each."""
    types = {str(field.column): _array_type(field) for field in _fields(model)}
    chosen = [sql.SQL(f"%s::{types[name]}") for name in values]
    given = [sql.SQL(f"%s::{types[name]}[]") for name in arrays]
    names = [sql.Identifier(name) for name in arrays]
    rows = sql.SQL(" FROM unnest({}) AS row ({})").format(
        sql.SQL(", ").join(given), sql.SQL(", ").join(names)
    )
    query = sql.SQL("INSERT INTO {} ({}) SELECT {}{}").format(
        sql.Identifier(model._meta.db_table),
        sql.SQL(", ").join([*map(sql.Identifier, values), *names]),
        sql.SQL(", ").join([*chosen, *names]),
        rows if arrays else sql.SQL(""),  # one row alone varies in nothing
    )
    return query.as_bytes()


@cache
def _document_insertion(models: tuple[type[Model], ...]) -> bytes:
    *others, last = [_insertion_from_document(model) for model in models]
    others = [sql.SQL("i{} AS ({})").format(sql.SQL(str(n)), q) for n, q in enumerate(others)]
    given = sql.SQL("given AS MATERIALIZED (SELECT %s::json AS rows)")
    return (sql.SQL("WITH ") + sql.SQL(", ").join([given, *others]) + last).as_bytes()


def _insertion_from_document(model: type[Model]) -> sql.Composed:
    query = """
        INSERT INTO {table} ({columns})
        SELECT {columns} FROM given, json_populate_recordset(NULL::{table}, rows -> {name})
    """
    return sql.SQL(query).format(
        table=sql.Identifier(model._meta.db_table),
        name=sql.Literal(model._meta.db_table),
        columns=_columns(model),
    )


def _array_type(field: Field[Any, Any]) -> str:
    return (field.db_type(connection) or "text").split("(")[0]
