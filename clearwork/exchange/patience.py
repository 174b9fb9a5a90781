"""Centers whose system keeps us waiting are left alone for a while, so that they hold up no one.

The worker has a few hands for all its work. A system that takes the line and then says nothing
would hold each of them for as long as an answer is waited for, once for every order on its way
there: a bulk of 400 and all other centers, mails and results wait for hours. So after one wait
in vain others for this center are put off at once, and one at a time goes to see whether it
answers again. Known to this process alone: each finds out for itself.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

REST_SECONDS = 30.0
rests: dict[UUID, float] = {}
"""Until when, by time.monotonic(), which center is left alone."""
_turn = threading.Lock()


class StillSilent(Exception):
    """It was waited for in vain just now, so that nothing was sent."""


@contextmanager
def asking(center_id: UUID) -> Iterator[None]:
    """Around an exchange with a center's system, which raises TimeoutError where none answers.

    Raises StillSilent instead of going there while the center rests.
    """
    _take_turn(center_id)
    try:
        yield
    except TimeoutError:
        rests[center_id] = time.monotonic() + REST_SECONDS
        raise
    except BaseException:  # no wait, so nobody is held up by it
        forget(center_id)
        raise
    forget(center_id)


def forget(center_id: UUID) -> None:
    rests.pop(center_id, None)


def _take_turn(center_id: UUID) -> None:
    """Once a rest is over the first goes; the next ones wait for what becomes of that."""
    now = time.monotonic()
    with _turn:
        if now < rests.get(center_id, now):
            raise StillSilent
        if center_id in rests:
            rests[center_id] = now + REST_SECONDS
