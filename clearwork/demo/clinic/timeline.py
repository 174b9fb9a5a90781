"""What happens to an order at the clinic, and when."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime

from clearwork.demo.clinic import orders, results
from clearwork.demo.clinic.orders import Order
from clearwork.demo.clinic.store import Outgoing, Progress, Store

log = logging.getLogger(__name__)
# Seconds from the order's receipt to each stage, at pace 1.
SCHEDULE = {"accepted": 2.0, "checked_in": 5.0, "completed": 9.0}
_NEXT = {"received": "accepted", "accepted": "checked_in", "checked_in": "completed"}
_BATCH = 16
MAKERS = 2  # threads that make documents
RETRY = 1.0  # seconds to wait for records that could not be written


@dataclass
class Timeline:
    """Carries orders from stage to stage; `announce` is told when messages were queued."""

    store: Store
    pace: float
    lane_of: Callable[[str], int]
    announce: Callable[[], None]
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    _makers: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(MAKERS, "make"))

    def first_due(self, received: float) -> float:
        """When an order received then is accepted, in seconds of the epoch."""
        return received + SCHEDULE["accepted"] * self.pace

    async def run(self) -> None:
        while True:
            self.woken.clear()
            try:
                await self._round()
            except sqlite3.Error:  # a full disk may have room again
                log.exception("orders not advanced")
                await asyncio.sleep(RETRY)

    async def _round(self) -> None:
        if due := self.store.due(time.time(), _BATCH):
            await self._advance(due)
        else:
            await self._sleep()

    async def _sleep(self) -> None:
        following = self.store.next_due()
        pause = None if following is None else max(following - time.time(), 0.0)
        try:
            await asyncio.wait_for(self.woken.wait(), pause)
        except TimeoutError:
            return

    async def _advance(self, due: list[tuple[str, str, bytes, float]]) -> None:
        # Documents are made in threads, before the transaction that records them.
        loop = asyncio.get_running_loop()
        made = (loop.run_in_executor(self._makers, self._step, *row) for row in due)
        steps = await asyncio.gather(*made)
        await self.store.advance(steps, self.lane_of)
        for step in steps:
            log.info("order %s: %s", step.number, step.stage)
        self.announce()

    def _step(self, number: str, stage: str, message: bytes, received: float) -> Progress:
        reached = _NEXT[stage]
        following = _NEXT.get(reached)
        due = received + SCHEDULE[following] * self.pace if following else None
        try:
            said = self._messages(orders.read(message), reached, received)
        except Exception as error:  # noqa: BLE001 - one order must not hold up the others
            # Without a traceback: the error's text may quote the document.
            log.error("order %s: failed at %s: %s", number, reached, type(error).__name__)  # noqa: TRY400
            return Progress(number, "failed", None)
        return Progress(number, reached, due, said)

    def _messages(self, order: Order, stage: str, received: float) -> list[Outgoing]:
        now = datetime.now(UTC).astimezone()
        if stage == "accepted":
            return [results.status(order, "OK", now)]
        if stage == "checked_in":
            return [results.status(order, "SC", now, "IP")]
        arrival = received + SCHEDULE["checked_in"] * self.pace
        visited = datetime.fromtimestamp(arrival, UTC).astimezone()
        made = results.make_documents(order, visited)
        done = results.status(order, "SC", now, "CM")
        return [results.result(order, made, visited, now), done]
