"""The MLLP listener: connections on one side, one thread that stores on the other.

The thread takes all messages that wait, at most one of each connection, and
hands them to inbound.receive as one batch; each sender gets its answer after
the commit.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from concurrent.futures import ThreadPoolExecutor

from django.db import connections

from clearwork.exchange.hl7.ack import build_ack
from clearwork.exchange.hl7.message import MalformedMessage
from clearwork.exchange.hl7.mllp import FrameError, FrameTooLarge, frame, read_frame
from clearwork.exchange.inbound import receive
from clearwork.foundation import clock
from clearwork.foundation.ids import new_control_id

log = logging.getLogger(__name__)
MOST_TOGETHER = 64
_IDLE_SECONDS = 600
_READ_AHEAD = 256 * 1024
_REFUSAL_SECONDS = 10

type _Waiting = tuple[bytes, asyncio.Future[bytes | None]]


class Listener:
    """Serves until cancelled."""

    def __init__(self, host: str, port: int, *, max_bytes: int) -> None:
        self.host = host
        self.port = port
        self.max_bytes = max_bytes
        self._waiting: asyncio.Queue[_Waiting] = asyncio.Queue()

    async def serve(self) -> None:
        server = await asyncio.start_server(
            self._converse, self.host, self.port, limit=_READ_AHEAD, reuse_port=True
        )
        log.info("listening for HL7 on %s:%s", self.host, self.port)
        try:
            await self._store_what_waits()
        finally:
            server.close()  # and not wait_closed(): a center may stay connected for hours

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (message := await self._next(reader)) is not None:
                answer = await self._stored(message)
                if answer is None:
                    break
                writer.write(frame(answer))
                await writer.drain()
        except FrameTooLarge as error:
            await _refuse(reader, writer, error)
        except (FrameError, OSError, TimeoutError) as error:
            log.info("a connection ended: %s", error)
        finally:
            writer.close()

    async def _next(self, reader: asyncio.StreamReader) -> bytes | None:
        async with asyncio.timeout(_IDLE_SECONDS):
            return await read_frame(reader, self.max_bytes)

    async def _stored(self, message: bytes) -> bytes | None:
        answer: asyncio.Future[bytes | None] = asyncio.get_running_loop().create_future()
        self._waiting.put_nowait((message, answer))
        return await answer

    async def _store_what_waits(self) -> None:
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(1, "intake") as intake:
            try:
                while True:
                    batch = await self._batch()
                    raws = [raw for raw, _ in batch]
                    answers = await loop.run_in_executor(intake, _receive, raws)
                    for (_, future), answer in zip(batch, answers, strict=True):
                        if not future.done():
                            future.set_result(answer)
            finally:
                intake.submit(connections.close_all)

    async def _batch(self) -> list[_Waiting]:
        batch = [await self._waiting.get()]
        while len(batch) < MOST_TOGETHER and not self._waiting.empty():
            batch.append(self._waiting.get_nowait())
        return batch


def _receive(raws: list[bytes]) -> list[bytes | None]:
    try:
        return receive(raws)
    except Exception:  # the listener outlives whatever goes wrong; the senders send again
        log.exception("a batch could not be taken in")
        connections.close_all()
        return [None] * len(raws)


async def _refuse(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, error: FrameTooLarge
) -> None:
    """Say so, and read on for a while: closing on unread bytes would reset the line,
    and the answer with it."""
    told = MalformedMessage(104, "MSH^1", str(error))
    answer = build_ack(
        None,
        "AR",
        control_id=new_control_id(),
        sent_at=clock.now(),
        errors=[told],
        text=told.text,
    )
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(_REFUSAL_SECONDS):
            writer.write(frame(answer))
            writer.write_eof()
            while await reader.read(_READ_AHEAD):
                pass
