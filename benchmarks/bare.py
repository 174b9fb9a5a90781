"""Tables without indexes, keys and triggers while they are filled, and with all of them again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import LiteralString

import psycopg
from psycopg import sql

# Foreign keys of these tables and to them go first and come back last.
_KEYS = """
    SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
           format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname,
                  pg_get_constraintdef(oid))
    FROM pg_constraint
    WHERE contype IN ('f', 'p', 'u')
        AND (conrelid = ANY (%(tables)s::regclass[])
             OR contype = 'f' AND confrelid = ANY (%(tables)s::regclass[]))
    ORDER BY contype, conrelid, oid
"""
_INDEXES = """
    SELECT format('DROP INDEX %%s', indexrelid::regclass), pg_get_indexdef(indexrelid)
    FROM pg_index
    WHERE indrelid = ANY (%(tables)s::regclass[])
        AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)
    ORDER BY indrelid, indexrelid
"""


@contextmanager
def bare(owner: psycopg.Connection, tables: Sequence[str]) -> Iterator[None]:
    """The block fills the tables; afterwards their indexes are built and their keys checked.

    Where the block fails, nothing is put back.
    """
    facts = {"tables": list(tables)}
    keys = owner.execute(_KEYS, facts).fetchall()
    indexes = owner.execute(_INDEXES, facts).fetchall()
    for drop, _ in [*keys, *indexes]:
        owner.execute(drop)
    _triggers(owner, tables, "DISABLE")
    yield
    _triggers(owner, tables, "ENABLE")
    for _, create in [*indexes, *reversed(keys)]:
        owner.execute(create)


def _triggers(owner: psycopg.Connection, tables: Sequence[str], how: LiteralString) -> None:
    for table in tables:
        statement = sql.SQL("ALTER TABLE {} " + how + " TRIGGER USER")
        owner.execute(statement.format(sql.Identifier(table)))
