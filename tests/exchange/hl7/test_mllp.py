"""Frames over real sockets on the loopback interface."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearwork.exchange.hl7.mllp import (
    FrameError,
    FrameTooLarge,
    FrameTruncated,
    frame,
    read_frame,
    send,
)

LIMIT = 200_000
BIG = bytes(range(32, 127)) * 750
type Outcome = bytes | FrameError | None


@contextlib.asynccontextmanager
async def listener(limit: int, outcomes: asyncio.Queue[Outcome]) -> AsyncIterator[int]:
    """Reads frames until the first error or the end, and tells each outcome."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        outcome: Outcome = b""
        try:
            while isinstance(outcome, bytes):
                try:
                    outcome = await read_frame(reader, limit)
                except FrameError as error:
                    outcome = error
                await outcomes.put(outcome)
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


type Talk = Callable[[asyncio.StreamWriter], Awaitable[None]]


async def _outcomes(talk: Talk, limit: int) -> list[Outcome]:
    told: asyncio.Queue[Outcome] = asyncio.Queue()
    seen: list[Outcome] = [b""]
    async with listener(limit, told) as port, asyncio.timeout(20):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        with contextlib.suppress(ConnectionError):
            await talk(writer)
            writer.write_eof()
        while isinstance(seen[-1], bytes):
            seen.append(await told.get())
        writer.transport.abort()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
    return seen[1:]


def outcomes(*pieces: bytes, limit: int = LIMIT, pause: float = 0.01) -> list[Outcome]:
    """What the listener makes of bytes that arrive in these pieces, then the end of the line."""

    async def talk(writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)

    return asyncio.run(_outcomes(talk, limit))


def kinds(found: list[Outcome]) -> list[object]:
    return [type(outcome) if isinstance(outcome, FrameError) else outcome for outcome in found]


def test_a_frame_arrives_as_its_message() -> None:
    assert outcomes(frame(b"MSH|1")) == [b"MSH|1", None]
    assert outcomes() == [None]


def test_a_frame_may_arrive_in_pieces_cut_anywhere() -> None:
    whole = frame(b"MSH|1\rPID")
    for cut in range(1, len(whole)):
        assert outcomes(whole[:cut], whole[cut:], pause=0.001) == [b"MSH|1\rPID", None]


def test_two_frames_in_one_packet_are_two_messages() -> None:
    assert outcomes(frame(b"one") + frame(BIG) + frame(b"three")) == [b"one", BIG, b"three", None]


def test_a_frame_longer_than_the_stream_s_own_limit_is_read_whole() -> None:
    assert outcomes(frame(BIG * 2)) == [BIG * 2, None]


def test_junk_before_a_frame_is_skipped_within_bounds() -> None:
    assert outcomes(b"\r\n\r\n" + frame(b"one") + b"\n" + frame(b"two") + b"\r\n") == [
        b"one",
        b"two",
        None,
    ]
    assert kinds(outcomes(b"x" * 2_000 + frame(b"one"))) == [FrameError]
    assert kinds(outcomes(b"x" * 500_000)) == [FrameError]
    assert kinds(outcomes(b"GET / HTTP/1.1\r\n\r\n")) == [FrameTruncated]


@pytest.mark.parametrize("tail", [b"", b"\x1c", b"\r"])
def test_a_frame_without_its_end_is_truncated(tail: bytes) -> None:
    assert kinds(outcomes(frame(b"one"), b"\x0bMSH|two" + tail)) == [b"one", FrameTruncated]


def test_a_frame_inside_another_is_never_merged_with_it() -> None:
    assert kinds(outcomes(b"\x0bMSH|one" + frame(b"MSH|two"))) == [FrameTruncated]


def test_the_limit_is_exact() -> None:
    assert outcomes(frame(b"x" * 100_000), limit=100_000) == [b"x" * 100_000, None]
    assert kinds(outcomes(frame(b"x" * 100_001), limit=100_000)) == [FrameTooLarge]
    assert kinds(outcomes(frame(b"x" * 6), limit=5)) == [FrameTooLarge]


def test_a_frame_of_200_mb_is_stopped_early_in_little_memory() -> None:
    sent = 0
    chunk = b"A" * 100_000

    async def flood(writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"\x0b")
        for _ in range(2_000):
            writer.write(chunk)
            await writer.drain()
            sent += len(chunk)

    tracemalloc.start()
    try:
        found = asyncio.run(_outcomes(flood, 1_000_000))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert kinds(found) == [FrameTooLarge]
    assert sent < 40_000_000
    assert peak < 5_000_000


def fed(data: bytes, limit: int) -> Outcome:
    async def read() -> Outcome:
        reader = asyncio.StreamReader(limit=16)
        reader.feed_data(data)
        reader.feed_eof()
        return await read_frame(reader, limit)

    return asyncio.run(read())


@given(st.binary(max_size=300).filter(lambda message: not set(message) & {0x0B, 0x1C}))
def test_any_message_is_the_same_after_its_frame(message: bytes) -> None:
    assert fed(frame(message), 300) == message


@given(st.binary(max_size=100))
def test_any_bytes_are_a_message_the_end_or_a_frame_error(data: bytes) -> None:
    with contextlib.suppress(FrameError):
        assert fed(data, 50) is None or b"\x0b" in data


def test_a_message_with_a_frame_s_marks_is_not_sent() -> None:
    for message in (b"a\x0bb", b"a\x1cb"):
        with pytest.raises(FrameError):
            frame(message)


def test_a_large_frame_takes_milliseconds() -> None:
    start = time.perf_counter()
    assert fed(frame(BIG), 100_000) == BIG
    small_reader = time.perf_counter() - start
    assert small_reader < 0.5


type Answer = Callable[[socket.socket], None]


@contextlib.contextmanager
def peer(answer: Answer) -> Iterator[int]:
    """A center's system for one connection, in a thread."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection, contextlib.suppress(OSError):
                answer(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        thread.join(timeout=10)
        assert not thread.is_alive()


def received(connection: socket.socket) -> bytes:
    data = b""
    while not data.endswith(b"\x1c\r"):
        data += connection.recv(65_536)
    return data


def test_send_returns_the_answer() -> None:
    got = []

    def answer(connection: socket.socket) -> None:
        got.append(received(connection))
        for byte in frame(b"MSA|AA|1"):
            connection.sendall(bytes([byte]))

    with peer(answer) as port:
        assert send("127.0.0.1", port, BIG, timeout=5) == b"MSA|AA|1"
    assert got == [frame(BIG)]


def test_send_reports_a_line_closed_without_an_answer() -> None:
    with peer(received) as port, pytest.raises(FrameTruncated):  # type: ignore[arg-type]
        send("127.0.0.1", port, b"MSH", timeout=5)


def test_send_gives_up_after_its_time_however_slowly_bytes_drip() -> None:
    def drip(connection: socket.socket) -> None:
        connection.sendall(b"\x0b")
        for _ in range(100):
            connection.sendall(b"x")
            time.sleep(0.05)

    start = time.perf_counter()
    with peer(drip) as port, pytest.raises(TimeoutError):
        send("127.0.0.1", port, b"MSH", timeout=0.3)
    assert time.perf_counter() - start < 2


def test_send_reports_a_closed_port_and_an_endless_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        closed = server.getsockname()[1]
    with pytest.raises(ConnectionError):
        send("127.0.0.1", closed, b"MSH", timeout=5)

    def endless(connection: socket.socket) -> None:
        connection.sendall(b"\x0b" + b"x" * 50_000_000)

    with peer(endless) as port, pytest.raises(FrameTooLarge):
        send("127.0.0.1", port, b"MSH", timeout=10)


@pytest.mark.parametrize(("host", "port"), [("a..b", 1), ("x" * 64, 1), ("127.0.0.1", 70_000)])
def test_send_reports_an_address_that_cannot_be(host: str, port: int) -> None:
    with pytest.raises(OSError, match=r"no such host|not known|resolution"):
        send(host, port, b"MSH", timeout=5)
