"""Takes orders over MLLP: stored first, acknowledged after."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import hl7.mllp  # type: ignore[import-untyped]

from clearwork.demo.clinic import orders, wire
from clearwork.demo.clinic.store import Store

log = logging.getLogger(__name__)
LARGEST_ORDER = 1024 * 1024
BUSY = wire.Refusal("AR", "207^Application internal error^HL70357", "Not stored: try again later")


@dataclass
class Listener:
    """Serves any number of connections; `schedule` says when an order's first stage is due."""

    store: Store
    schedule: Callable[[float], float | None]
    announce: Callable[[], None]
    _conversations: set[asyncio.Task[Any]] = field(default_factory=set)

    async def start(self, port: int) -> asyncio.Server:
        server: asyncio.Server = await hl7.mllp.start_hl7_server(
            self._converse, "127.0.0.1", port, limit=LARGEST_ORDER
        )
        return server

    async def _converse(self, reader: Any, writer: Any) -> None:
        # python-hl7 keeps no reference to this task, so it is kept here.
        task = asyncio.current_task()
        self._conversations.update({task} if task else ())
        try:
            while True:
                writer.writeblock(await self._answer(await reader.readblock()))
                await writer.drain()
        except (EOFError, OSError, ValueError, hl7.mllp.InvalidBlockError) as error:
            if not isinstance(error, EOFError):  # EOF is how a sender hangs up
                log.warning("connection closed: %s", type(error).__name__)
        finally:
            writer.close()
            self._conversations.discard(task) if task else None

    async def _answer(self, block: bytes) -> bytes:
        now = datetime.now(UTC).astimezone()
        try:
            await self._take(block)
        except wire.Refusal as refusal:
            log.warning("message refused: %s %s", refusal.error, refusal.location)
            return wire.acknowledge(block, now, refusal)
        except sqlite3.Error:
            log.exception("message not stored")
            return wire.acknowledge(block, now, BUSY)
        return wire.acknowledge(block, now)

    async def _take(self, block: bytes) -> None:
        order = orders.read(block)
        received = time.time()
        added = await self.store.add(order, block, received, self.schedule(received))
        log.info(
            "order %s: %s as %s", order.number, "stored" if added else "known", order.control_id
        )
        self.announce()
