"""MLLP, the frame around an HL7 v2 message on TCP: <VT> message <FS><CR>.

Source: HL7 Transport Specification: MLLP, Release 1.
"""

from __future__ import annotations

import asyncio
import contextlib

_START = b"\x0b"
_END = b"\x1c\r"
_MOST_JUNK = 1_024
_MOST_ACK = 1_048_576


class FrameError(Exception):
    """The bytes on the line are no MLLP frame."""


class FrameTooLarge(FrameError):
    """The frame is longer than the reader takes; the rest of it is still on the line."""


class FrameTruncated(FrameError):
    """The line ended, or another frame began, before this one's end."""


def frame(message: bytes) -> bytes:
    """The message in its frame; FrameError when it holds a frame's own marks."""
    if _START in message or _END[:1] in message:
        raise FrameError("a message must not contain VT or FS")
    return _START + message + _END


async def read_frame(reader: asyncio.StreamReader, limit: int) -> bytes | None:
    """The next message without its frame, or None at the end of the line.

    Takes at most `limit` bytes of message, whatever the reader's own limit. Some bytes of
    junk before the frame are skipped. After a FrameError the line is to be closed. It has
    no timeout of its own: wrap it in `asyncio.timeout`.
    """
    if not await _skip_to_start(reader):
        return None
    message = await _read_to_end(reader, limit)
    if _START in message:
        raise FrameTruncated("a frame began inside another")
    return message


def send(host: str, port: int, message: bytes, *, timeout: float) -> bytes:
    """Connect, send one message and return the one that answers it.

    `timeout` is in seconds for all of it. Raises TimeoutError, OSError or FrameError.
    Blocks: call it where no event loop runs.
    """
    try:
        return asyncio.run(_exchange(host, port, frame(message), timeout))
    except (UnicodeError, OverflowError) as error:  # from the resolver: no name, no port
        raise OSError("no such host or port") from error


async def _exchange(host: str, port: int, framed: bytes, timeout: float) -> bytes:
    async with asyncio.timeout(timeout):
        reader, writer = await asyncio.open_connection(host, port)
        try:
            writer.write(framed)
            await writer.drain()
            answer = await read_frame(reader, _MOST_ACK)
        finally:
            writer.transport.abort()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
    if answer is None:
        raise FrameTruncated("the line was closed without an answer")
    return answer


async def _skip_to_start(reader: asyncio.StreamReader) -> bool:
    try:
        junk = await reader.readuntil(_START)
    except asyncio.IncompleteReadError as end:
        if end.partial.strip():
            raise FrameTruncated("the line ended without a frame") from None
        return False
    except asyncio.LimitOverrunError:
        raise FrameError("no frame begins here") from None
    if len(junk) > _MOST_JUNK:
        raise FrameError("no frame begins here")
    return True


async def _read_to_end(reader: asyncio.StreamReader, limit: int) -> bytes:
    """Reads on in pieces as long as the reader's own limit, so that it never holds more."""
    pieces: list[bytes] = []
    size = 0
    while True:
        piece, ended = await _read_piece(reader)
        size += len(piece)
        if size > limit:
            raise FrameTooLarge(f"a message may have at most {limit} bytes")
        pieces.append(piece)
        if ended:
            return b"".join(pieces)


async def _read_piece(reader: asyncio.StreamReader) -> tuple[bytes, bool]:
    try:
        return (await reader.readuntil(_END)).removesuffix(_END), True
    except asyncio.LimitOverrunError as overrun:
        return await reader.readexactly(overrun.consumed), False
    except asyncio.IncompleteReadError:
        raise FrameTruncated("the line ended inside a frame") from None
