"""Jobs whose worker was killed half-way are found, and soon."""

from __future__ import annotations

import asyncio
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any, cast

import pytest
from asgiref.sync import sync_to_async
from django.db import connection, connections
from procrastinate import JobContext
from procrastinate.contrib.django import app as django_app

from clearwork.database import scope
from clearwork.exchange.jobs import requeue_stalled
from clearwork.exchange.management.commands import worker
from clearwork.exchange.management.commands.worker import connector
from tests.cast import Cast

_MATCH, _REQUEUE = "exchange.match", "exchange.requeue_stalled"


def test_stalled_jobs_are_looked_for_every_ten_seconds() -> None:
    periodic = django_app.periodic_registry.periodic_tasks.values()
    (found,) = [task for task in periodic if task.task.name == _REQUEUE]
    found.croniter.set_current(1_000_000_005.0)
    ticks = [found.croniter.get_next(float) for _ in range(7)]
    assert ticks == [1_000_000_010.0 + 10 * n for n in range(7)]


def test_work_starts_again_and_the_remains_of_periodic_jobs_go(committed_cast: Cast) -> None:
    """Two dead periodic jobs of one queueing lock cannot both be put back: neither need be."""
    for _ in range(2):
        _killed_half_way(_REQUEUE, {"timestamp": 0})
    _killed_half_way(_MATCH, {"held_id": "00000000-0000-0000-0000-000000000000"})
    asyncio.run(_requeue())
    assert _jobs() == {(_MATCH, "todo", 1): 1}


@pytest.mark.parametrize(
    ("steps", "ends"), [([0, -1, -30, -3600], True), ([0, -50, -99, 0], False)]
)
def test_a_worker_ends_where_the_clock_was_set_back(
    monkeypatch: pytest.MonkeyPatch, steps: list[float], ends: bool
) -> None:
    """By an hour, not by what a clock is corrected by. `steps`: seconds since the start."""
    seen = iter(steps)
    monkeypatch.setattr(worker, "_ahead", lambda: next(seen, steps[-1]))

    async def watch() -> bool:
        watching = asyncio.create_task(worker.clock_set_back(every=0.001))
        done, _ = await asyncio.wait({watching}, timeout=1.0 if ends else 0.1)
        watching.cancel()
        return bool(done)

    assert asyncio.run(watch()) is ends


class _Undone(Exception):
    """A job fails after it has queued another."""


def test_what_a_job_queues_is_queued_in_its_transaction(committed_cast: Cast) -> None:
    """Else a delivery begins before its row can be read, and finds nothing to deliver."""

    def queue(*, fails: bool) -> Counter[tuple[str, str, int]]:
        """What others see of it while the transaction is still open."""
        try:
            with scope.acting_as(scope.OPERATOR):
                django_app.configure_task(_MATCH).defer(held_id=str(fails))
                with ThreadPoolExecutor(1) as another:
                    seen = another.submit(_seen_elsewhere).result()
                if fails:
                    raise _Undone
                return seen
        finally:
            connections.close_all()

    async def work() -> None:
        with django_app.replace_connector(connector()) as app:
            async with app.open_async():
                assert await sync_to_async(queue)(fails=False) == {}
                with pytest.raises(_Undone):
                    await sync_to_async(queue)(fails=True)

    asyncio.run(work())
    assert _jobs() == {(_MATCH, "todo", 0): 1}


def _seen_elsewhere() -> Counter[tuple[str, str, int]]:
    try:
        return _jobs()
    finally:
        connections.close_all()


def _killed_half_way(task: str, arguments: dict[str, Any]) -> None:
    """A job a worker had begun: `doing`, and its worker is gone."""
    with scope.acting_as(scope.OPERATOR), connection.cursor() as cursor:
        job = django_app.configure_task(task).defer(**arguments)
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = %s", [job])


async def _requeue() -> None:
    with django_app.replace_connector(connector()) as app:
        async with app.open_async():
            await requeue_stalled.func(cast(JobContext, SimpleNamespace(app=app)), timestamp=0)


def _jobs() -> Counter[tuple[str, str, int]]:
    with scope.acting_as(scope.OPERATOR), connection.cursor() as cursor:
        cursor.execute("SELECT task_name, status::text, attempts FROM procrastinate_jobs")
        return Counter(cursor.fetchall())
