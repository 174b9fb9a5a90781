"""Centers whose system keeps us waiting hold some of the worker's hands, and never all.

The worker has a few hands for all its work. A system that takes ten seconds for an answer, or
takes the line and says nothing, would hold each of them, once for every order on its way there:
a bulk of 400 and all other centers, mails and results wait for hours. So one center has only so
many hands at a time, a slow one fewer, and one that was waited for in vain none for a while:
then one at a time goes to see whether it answers again. What finds no hand is put off, which is
no try of its own. Known to this process alone: each finds out for itself.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

HANDS = 4
"""Of worker.CONCURRENCY: for one center at most, and for all slow ones together."""
SLOW_HANDS = 2
SLOW_SECONDS = 1.0
REST_SECONDS = 30.0
LONGEST_WAIT_SECONDS = 600.0
_SILENT = "The center's system does not answer at the moment."
_SLOW = "The center's system takes long to answer."


class NotNow(Exception):
    """Nothing was sent. Why, in words for the page, and in how many seconds to come again."""

    def __init__(self, why: str, seconds: float) -> None:
        super().__init__(why)
        self.seconds = seconds


@dataclass
class Line:
    """The way to one center's system. Times are those of time.monotonic()."""

    asked: int = 0  # by how many hands
    took: float = 0.0  # the last answer, in seconds
    rests_until: float | None = None  # set until it answers again
    next_turn: float = 0.0  # the last that was given away

    @property
    def is_slow(self) -> bool:
        return self.took >= SLOW_SECONDS

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Around the exchange itself, which raises TimeoutError where none answers."""
        began, is_silent = time.monotonic(), False
        try:
            yield
        except TimeoutError:
            is_silent = True
            raise
        finally:
            now = time.monotonic()
            self.took = now - began
            self.rests_until = now + REST_SECONDS if is_silent else None
            if not is_silent and not self.is_slow:
                self.next_turn = 0.0


lines: dict[UUID, Line] = {}
_free = threading.Condition()


@contextmanager
def turn(center_id: UUID) -> Iterator[Line]:
    """A hand for this center. Raises NotNow where it has its share, or rests."""
    line = _take(center_id)
    try:
        yield line
    finally:
        with _free:
            line.asked -= 1
            _free.notify_all()


def _take(center_id: UUID) -> Line:
    with _free:
        line = lines.setdefault(center_id, Line())
        # A quick one has a hand free in a moment: putting off would take longer.
        is_quick = not line.is_slow and line.rests_until is None
        if not _free.wait_for(lambda: _has_turn(line), SLOW_SECONDS if is_quick else 0.0):
            line.took = max(line.took, SLOW_SECONDS)
            raise _put_off(line)
        line.asked += 1
        return line


def _has_turn(line: Line) -> bool:
    if line.rests_until is not None and (line.asked or time.monotonic() < line.rests_until):
        return False
    if not line.is_slow:
        return line.asked < HANDS
    slow = sum(each.asked for each in lines.values() if each.is_slow)
    return line.asked < SLOW_HANDS and slow < HANDS


def _put_off(line: Line) -> NotNow:
    """One behind the other at the pace of the answers: not all come at once, in vain."""
    now, rests_until = time.monotonic(), line.rests_until
    pace = line.took / SLOW_HANDS if rests_until is None else REST_SECONDS
    earliest = rests_until if rests_until and rests_until > now else now + pace
    line.next_turn = min(max(line.next_turn + pace, earliest), now + LONGEST_WAIT_SECONDS)
    return NotNow(_SLOW if rests_until is None else _SILENT, line.next_turn - now)
