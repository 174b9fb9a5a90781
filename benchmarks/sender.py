"""A center's system that sends results over MLLP: one connection, one message at a time.

It costs little on purpose: messages are joined from parts made beforehand, by the kernel.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from statistics import median

from benchmarks import crowd

_TIMEOUT = 60


@dataclass(frozen=True)
class Post:
    """What one sender sends: (head, tail) of each message around the body all share."""

    port: int
    body: bytes
    ends: list[tuple[bytes, bytes]]


@dataclass(frozen=True)
class Sent:
    """`seconds` for all messages; the median of one message's way and back, in seconds."""

    seconds: float
    round_trip: float


def send(posts: list[Post]) -> Sent:
    """Send all posts at once, a connection each, from a process beside this one."""
    with ProcessPoolExecutor(1, get_context("spawn")) as beside:
        return beside.submit(_send, posts).result()


def _send(posts: list[Post]) -> Sent:
    trips: list[float] = []

    @contextmanager
    def sending(post: Post) -> Iterator[Callable[[], None]]:
        with socket.create_connection(("127.0.0.1", post.port), _TIMEOUT) as line:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            yield lambda: _converse(line, post, trips)

    return Sent(crowd.threads(sending, posts), median(trips))


def _converse(line: socket.socket, post: Post, trips: list[float]) -> None:
    for head, tail in post.ends:
        before = time.perf_counter()
        _send_all(line, [head, post.body, tail])
        answer = _answer(line)
        if b"\rMSA|AA|" not in answer:
            raise RuntimeError(f"not accepted: {answer!r}")
        trips.append(time.perf_counter() - before)


def _send_all(line: socket.socket, parts: list[bytes]) -> None:
    sent = line.sendmsg(parts)
    if sent < sum(map(len, parts)):
        line.sendall(b"".join(parts)[sent:])


def _answer(line: socket.socket) -> bytes:
    answer = b""
    while not answer.endswith(b"\x1c\r"):
        piece = line.recv(4096)
        if not piece:
            raise ConnectionError("the listener closed the line")
        answer += piece
    return answer
