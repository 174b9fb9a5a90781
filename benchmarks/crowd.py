"""Several workers that start at the same moment, as threads or as processes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier as ProcessBarrier

_READY_SECONDS = 60

type Barrier = threading.Barrier | ProcessBarrier


@dataclass(frozen=True)
class Span:
    """One worker's start and end, on the clock that all processes share, in seconds."""

    start: float
    end: float


type Work[T] = Callable[[T], AbstractContextManager[Callable[[], None]]]
"""Opened with one worker's part, it gets ready and gives the function that is timed."""

_barrier: Barrier


def threads[T](work: Work[T], parts: Sequence[T]) -> float:
    """Seconds from the first start to the last end of `work` on each part."""
    barrier = threading.Barrier(len(parts))
    with ThreadPoolExecutor(len(parts), initializer=_know, initargs=(barrier,)) as workers:
        return _elapsed(list(workers.map(_run, [work] * len(parts), parts)))


def processes[T](work: Work[T], parts: Sequence[T]) -> float:
    """The same in a process each; `work` is a function of a module, parts can be pickled."""
    context = get_context("spawn")
    barrier = context.Barrier(len(parts))
    with ProcessPoolExecutor(len(parts), context, _know, (barrier,)) as workers:
        return _elapsed(list(workers.map(_run, [work] * len(parts), parts)))


def _know(barrier: Barrier) -> None:
    global _barrier  # noqa: PLW0603 - a barrier reaches a process only as it starts
    _barrier = barrier


def _run[T](work: Work[T], part: T) -> Span:
    with work(part) as act:
        _barrier.wait(_READY_SECONDS)
        start = time.monotonic()
        act()
        return Span(start, time.monotonic())


def _elapsed(spans: Sequence[Span]) -> float:
    return max(span.end for span in spans) - min(span.start for span in spans)
