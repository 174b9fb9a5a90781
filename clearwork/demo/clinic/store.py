"""The clinic's own records, in one SQLite file: orders taken and messages still to send.

Writes share commits: all that wait while one commit reaches the disk go into the next, so
a burst of orders costs few fsyncs, and none is acknowledged before its own.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clearwork.demo.clinic.orders import Order
from clearwork.demo.clinic.wire import Refusal

SCHEMA = """
CREATE TABLE IF NOT EXISTS orders (
    number TEXT PRIMARY KEY,
    control_id TEXT NOT NULL UNIQUE,
    message BLOB NOT NULL,
    received REAL NOT NULL,
    stage TEXT NOT NULL CHECK (
        stage IN ('received', 'accepted', 'checked_in', 'completed', 'failed')
    ),
    due REAL
) STRICT;
CREATE INDEX IF NOT EXISTS orders_due ON orders (due) WHERE due IS NOT NULL;
-- Another control id for a number already taken: must stay empty.
CREATE TABLE IF NOT EXISTS duplicates (
    control_id TEXT PRIMARY KEY,
    number TEXT NOT NULL REFERENCES orders,
    received REAL NOT NULL
) STRICT;
-- What became of an order taken before: changed (XO) or cancelled (CA).
CREATE TABLE IF NOT EXISTS changes (
    control_id TEXT PRIMARY KEY,
    number TEXT NOT NULL REFERENCES orders,
    control TEXT NOT NULL CHECK (control IN ('XO', 'CA')),
    received REAL NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS changes_number ON changes (number);
CREATE TABLE IF NOT EXISTS outbox (
    id INTEGER PRIMARY KEY,
    number TEXT NOT NULL REFERENCES orders,
    lane INTEGER NOT NULL,
    control_id TEXT NOT NULL UNIQUE,
    body BLOB,
    state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'accepted', 'refused'))
) STRICT;
CREATE INDEX IF NOT EXISTS outbox_waiting ON outbox (lane, id) WHERE state = 'waiting';
"""


@dataclass(frozen=True)
class Outgoing:
    """A message to the portal, with the control id it keeps on every try."""

    control_id: str
    body: bytes


@dataclass(frozen=True)
class Progress:
    """An order's next stage, when the one after is due (None: never), and what to say of it."""

    number: str
    stage: str
    due: float | None
    messages: Sequence[Outgoing] = ()


@dataclass
class _Write:
    work: Callable[[sqlite3.Connection], Any]
    future: asyncio.Future[Any]


class Store:
    """Opens (and makes) `clinic.sqlite3` in a folder only its owner may read."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._writer = _connect(folder / "clinic.sqlite3")
        self._writer.executescript(SCHEMA)
        self._reader = _connect(folder / "clinic.sqlite3")
        # A thread of its own: commits must not queue behind the making of documents.
        self._committer = ThreadPoolExecutor(1, "commit")
        self._queue: list[_Write] = []
        self._flushing: asyncio.Task[None] | None = None

    def close(self) -> None:
        self._committer.shutdown()
        self._reader.close()
        self._writer.close()

    async def add(self, order: Order, block: bytes, received: float, due: float | None) -> bool:
        """Take an order; False where it was there already. On disk when this returns."""
        return await self._write(lambda db: _add(db, order, block, received, due))

    async def advance(self, steps: Iterable[Progress], lane_of: Callable[[str], int]) -> None:
        """Record stages and queue their messages, all in one transaction."""
        taken = list(steps)
        await self._write(lambda db: _advance(db, taken, lane_of))

    async def answered(self, outgoing: Outgoing, state: str) -> None:
        """Mark a message accepted (its body is let go) or refused (kept to be looked at)."""
        await self._write(
            lambda db: db.execute(
                "UPDATE outbox SET state = ?1, body = CASE ?1 WHEN 'refused' THEN body END "
                "WHERE control_id = ?2",
                (state, outgoing.control_id),
            )
        )

    def due(self, now: float, limit: int) -> list[tuple[str, str, bytes, float]]:
        """Orders whose next stage is due: number, stage, message, received."""
        return self._reader.execute(
            "SELECT number, stage, message, received FROM orders WHERE due <= ? "
            "ORDER BY due, rowid LIMIT ?",
            (now, limit),
        ).fetchall()

    def next_due(self) -> float | None:
        """When the next stage of any order is due."""
        found = self._reader.execute("SELECT min(due) FROM orders WHERE due IS NOT NULL").fetchone()
        return found[0] if found else None

    def head(self, lane: int) -> Outgoing | None:
        """The oldest message of a lane that still waits."""
        found = self._reader.execute(
            "SELECT control_id, body FROM outbox WHERE lane = ? AND state = 'waiting' "
            "ORDER BY id LIMIT 1",
            (lane,),
        ).fetchone()
        return Outgoing(*found) if found else None

    async def _write[T](self, work: Callable[[sqlite3.Connection], T]) -> T:
        write = _Write(work, asyncio.get_running_loop().create_future())
        self._queue.append(write)
        if self._flushing is None:
            self._flushing = asyncio.create_task(self._flush())
        result: T = await write.future
        return result

    async def _flush(self) -> None:
        while self._queue:
            batch, self._queue = self._queue, []
            works = [write.work for write in batch]
            loop = asyncio.get_running_loop()
            outcomes = await loop.run_in_executor(self._committer, _commit, self._writer, works)
            for write, outcome in zip(batch, outcomes, strict=True):
                _settle(write.future, outcome)
        self._flushing = None


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA foreign_keys = ON")
    return db


def _settle(future: asyncio.Future[Any], outcome: Any) -> None:
    if future.done():  # the one who asked has gone
        return
    if isinstance(outcome, Exception):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)


def _commit(db: sqlite3.Connection, works: list[Callable[[sqlite3.Connection], Any]]) -> list[Any]:
    """Each work's result or exception; where the commit itself fails, that for every one."""
    try:
        db.execute("BEGIN IMMEDIATE")
        outcomes = [_attempt(db, work) for work in works]
        db.execute("COMMIT")
        return outcomes
    except sqlite3.Error as error:
        if db.in_transaction:
            db.execute("ROLLBACK")
        return [error] * len(works)


def _attempt(db: sqlite3.Connection, work: Callable[[sqlite3.Connection], Any]) -> Any:
    db.execute("SAVEPOINT attempt")
    try:
        outcome = work(db)
    except (sqlite3.IntegrityError, Refusal) as error:
        db.execute("ROLLBACK TO attempt")
        outcome = error
    db.execute("RELEASE attempt")
    return outcome


def _add(
    db: sqlite3.Connection, order: Order, block: bytes, received: float, due: float | None
) -> bool:
    known = db.execute(
        "SELECT number FROM orders WHERE control_id = ?1 "
        "UNION ALL SELECT number FROM duplicates WHERE control_id = ?1 "
        "UNION ALL SELECT number FROM changes WHERE control_id = ?1",
        (order.control_id,),
    ).fetchone()
    if known:
        _check_same(order, known[0])
        return False
    if order.control != "NW":
        _change(db, order, block, received, due)
        return True
    if db.execute("SELECT 1 FROM orders WHERE number = ?", (order.number,)).fetchone():
        again = (order.control_id, order.number, received)
        db.execute("INSERT INTO duplicates VALUES (?, ?, ?)", again)
        return False
    row = (order.number, order.control_id, block, received, due)
    db.execute("INSERT INTO orders VALUES (?, ?, ?, ?, 'received', ?)", row)
    return True


def _change(
    db: sqlite3.Connection, order: Order, block: bytes, received: float, due: float | None
) -> None:
    """Take a change (the order begins anew, to be accepted again) or a cancellation."""
    _check_can_change(db, order.number)
    made = (order.control_id, order.number, order.control, received)
    db.execute("INSERT INTO changes VALUES (?, ?, ?, ?)", made)
    if order.control == "CA":
        db.execute("UPDATE orders SET due = NULL WHERE number = ?", (order.number,))
    else:
        db.execute(
            "UPDATE orders SET message = ?, received = ?, stage = 'received', due = ? "
            "WHERE number = ?",
            (block, received, due, order.number),
        )


def _check_can_change(db: sqlite3.Connection, number: str) -> None:
    found = db.execute("SELECT stage FROM orders WHERE number = ?", (number,)).fetchone()
    if found is None or _is_cancelled(db, number):
        unknown = "204^Unknown key identifier^HL70357"
        raise Refusal("AE", unknown, "There is no such order here", "ORC^1^2")
    if found[0] in ("checked_in", "completed"):
        locked = "206^Application record locked^HL70357"
        raise Refusal("AE", locked, "The employee has been here already", "ORC^1^1")


def _is_cancelled(db: sqlite3.Connection, number: str) -> bool:
    found = db.execute("SELECT 1 FROM changes WHERE number = ? AND control = 'CA'", (number,))
    return found.fetchone() is not None


def _check_same(order: Order, known: str) -> None:
    if order.number != known:
        raise Refusal(
            "AE",
            "205^Duplicate key identifier^HL70357",
            "This control ID was used for another order",
            "MSH^1^10",
        )


def _advance(db: sqlite3.Connection, steps: list[Progress], lane_of: Callable[[str], int]) -> None:
    for step in steps:
        if _is_cancelled(db, step.number):  # while its documents were made
            continue
        db.execute(
            "UPDATE orders SET stage = ?, due = ? WHERE number = ?",
            (step.stage, step.due, step.number),
        )
        db.executemany(
            "INSERT INTO outbox (number, lane, control_id, body) VALUES (?, ?, ?, ?)",
            [(step.number, lane_of(step.number), m.control_id, m.body) for m in step.messages],
        )
