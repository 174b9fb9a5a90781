"""Two who do something at the same moment, over connections of their own."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager

from django.db import connection

_PATIENCE_SECONDS = 10


def in_flight_together[T](lock: AbstractContextManager[object], *acts: Callable[[], T]) -> list[T]:
    """What each act gives; all begun, in this order, while `lock` holds up every one of them.

    The next begins when all before it wait: for the lock, or for one before.
    """
    with ThreadPoolExecutor(len(acts)) as threads:
        with lock:
            given = []
            for number, act in enumerate(acts, start=1):
                given.append(threads.submit(_closing, act))
                until_waiting(number)
        return [each.result(timeout=30) for each in given]


def _closing[T](act: Callable[[], T]) -> T:
    try:
        return act()
    finally:
        connection.close()


def until_waiting(count: int) -> None:
    """Return when so many connections wait for a lock; in the open scope."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(waiting)
            if cursor.fetchone()[0] >= count:
                return
        time.sleep(0.01)
    raise AssertionError(f"{count} never came to a lock")
