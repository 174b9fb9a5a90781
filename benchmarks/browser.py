"""Signed-in browsers that ask over one kept-alive connection each, one request at a time.

They cost little on purpose: requests are bytes made beforehand, answers are read, not parsed.
"""

from __future__ import annotations

import math
import re
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
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
_CHUNKED_END = b"\r\n0\r\n\r\n"


@dataclass(frozen=True)
class Visit:
    """What one browser asks, in turn; each answer must have this status."""

    port: int
    requests: list[bytes]
    status: int


@dataclass(frozen=True)
class Answered:
    """`rate` a second of all browsers together; one answer's median and 95th percentile, in s."""

    rate: float
    took: float
    p95: float


def ask(visits: list[Visit]) -> Answered:
    """Ask all at once, a connection each, from a process beside this one."""
    with ProcessPoolExecutor(1, get_context("spawn")) as beside:
        return beside.submit(_ask, visits).result()


def _ask(visits: list[Visit]) -> Answered:
    took: list[float] = []

    @contextmanager
    def visiting(visit: Visit) -> Iterator[Callable[[], None]]:
        with socket.create_connection(("127.0.0.1", visit.port), _TIMEOUT) as line:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            yield lambda: _converse(line, visit, took)

    seconds = crowd.threads(visiting, visits)
    rate = sum(len(visit.requests) for visit in visits) / seconds
    return Answered(rate, median(took), sorted(took)[math.ceil(len(took) * 0.95) - 1])


def _converse(line: socket.socket, visit: Visit, took: list[float]) -> None:
    wanted = f"HTTP/1.1 {visit.status} ".encode()
    for request in visit.requests:
        before = time.perf_counter()
        line.sendall(request)
        answer = _answer(line)
        took.append(time.perf_counter() - before)
        if not answer.startswith(wanted):
            raise RuntimeError(f"answered {answer[:200]!r}")


def _answer(line: socket.socket) -> bytes:
    answer = b""
    while not _is_whole(answer):
        piece = line.recv(65536)
        if not piece:
            raise ConnectionError("the server closed the line")
        answer += piece
    return answer


def _is_whole(answer: bytes) -> bool:
    head, end, body = answer.partition(b"\r\n\r\n")
    if not end:
        return False
    length = _LENGTH.search(head)
    return len(body) >= int(length[1]) if length else answer.endswith(_CHUNKED_END)
