"""Sends the outbox to the portal over a few connections.

An order's messages all go by one lane, one at a time, so they arrive in order; a message
keeps its control id however often it is sent.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import zlib
from dataclasses import dataclass, field
from typing import Any

import hl7.mllp  # type: ignore[import-untyped]

from clearwork.demo.clinic import wire
from clearwork.demo.clinic.store import Outgoing, Store

log = logging.getLogger(__name__)
LANES = 4
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 5.0
PATIENCE = 30.0  # seconds to wait for an acknowledgment
LARGEST_ACK = 1024 * 1024


def lane_of(number: str) -> int:
    return zlib.crc32(number.encode()) % LANES


class Unanswered(Exception):
    """The portal gave no acknowledgment of this message: it must be sent again."""


@dataclass
class Lane:
    """One connection to the portal and the messages that go by it."""

    index: int
    store: Store
    port: int
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    _stream: tuple[Any, Any] | None = None

    async def run(self) -> None:
        try:
            while True:
                self.woken.clear()
                await self._round()
        finally:
            self._hang_up()

    async def _round(self) -> None:
        try:
            if outgoing := self.store.head(self.index):
                await self._deliver(outgoing)
            else:
                await self.woken.wait()
        except sqlite3.Error:  # the message goes again, under the same control id
            log.exception("outbox not read or written")
            await asyncio.sleep(FIRST_PAUSE)

    async def _deliver(self, outgoing: Outgoing) -> None:
        """Send until acknowledged; a refusal is final and the next message has its turn."""
        pause = FIRST_PAUSE
        while (answer := await self._try(outgoing)) is None:
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        if answer != "AA":
            log.error("message %s: refused with %s", outgoing.control_id, answer)
        await self.store.answered(outgoing, "accepted" if answer == "AA" else "refused")

    async def _try(self, outgoing: Outgoing) -> str | None:
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._exchange(outgoing)
        except (OSError, EOFError, ValueError, Unanswered, hl7.mllp.InvalidBlockError) as error:
            log.warning("message %s: not sent: %s", outgoing.control_id, type(error).__name__)
        except wire.Refusal:
            log.warning("message %s: answered with no HL7 message", outgoing.control_id)
        self._hang_up()
        return None

    async def _exchange(self, outgoing: Outgoing) -> str:
        reader, writer = self._stream or await self._connect()
        writer.writeblock(outgoing.body)
        await writer.drain()
        msa = wire.parse(await reader.readblock()).first("MSA")
        if msa.value(2) != outgoing.control_id or msa.value(1) not in {"AA", "AE", "AR"}:
            raise Unanswered
        return msa.value(1)

    async def _connect(self) -> tuple[Any, Any]:
        stream = await hl7.mllp.open_hl7_connection("127.0.0.1", self.port, limit=LARGEST_ACK)
        self._stream = stream
        return self._stream

    def _hang_up(self) -> None:
        if self._stream:
            self._stream[1].close()
            self._stream = None
