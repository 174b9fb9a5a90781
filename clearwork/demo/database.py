"""The demo's PostgreSQL: started, filled once, kept running, stopped whatever happens."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from clearwork.database.address import DATABASE
from clearwork.database.embedded import (
    EmbeddedFailure,
    Server,
    connect,
    create_roles_and_database,
)
from clearwork.demo.console import Console
from clearwork.demo.refusal import Refusal
from clearwork.demo.supervisor import STOP_SIGNALS, ending

_LOOK_SECONDS = 0.5
_SESSIONS_END_SECONDS = 2.0


@contextmanager
def running(data: Path) -> Iterator[Server]:
    """The embedded server, with roles and database made."""
    server = Server(data)
    try:
        _start(server, data)
        yield server
    finally:
        for number in STOP_SIGNALS:  # a second Ctrl-C must not leave it behind
            signal.signal(number, signal.SIG_IGN)
        server.stop()


async def kept(server: Server, console: Console) -> None:
    """Start it again whenever it has ended, as the supervisor does with all others."""
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        if (code := server.ended()) is not None:
            console.say(f"PostgreSQL {ending(code)}; starting it again.")
            await asyncio.sleep(_SESSIONS_END_SECONDS)  # they hold its memory a while longer
            # In this thread: it ends with the one that started it.
            _start(server, server.data)


def filled_with(data: Path) -> str:
    """What the database was last filled from: a digest kept as its comment, '' at first."""
    query = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"
    with connect(data) as connection:
        row = connection.execute(query, [DATABASE]).fetchone()
    return (row and row[0]) or ""


def mark_filled(data: Path, digest: str) -> None:
    statement = sql.SQL("COMMENT ON DATABASE {} IS {}")
    with connect(data) as connection:
        connection.execute(statement.format(sql.Identifier(DATABASE), sql.Literal(digest)))


def _start(server: Server, data: Path) -> None:
    try:
        server.start()
        create_roles_and_database(data)
    except (EmbeddedFailure, psycopg.Error) as error:
        raise Refusal(" ".join(str(error).split())) from error
