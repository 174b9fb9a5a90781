from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection
from procrastinate import App, PsycopgConnector
from procrastinate.connector import BaseConnector
from procrastinate.contrib.django import app as jobs
from procrastinate.contrib.django.django_connector import DjangoConnector

from clearwork.database.roles import refuse_privileged_role
from clearwork.database.schema import refuse_older_database

CONCURRENCY = 6
HEARTBEAT_SECONDS = 5.0
STALLED_WORKER_SECONDS = 20.0
_STEP_SECONDS = 60.0
log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Does background work: deliveries, matching, the audit trail's seal."

    def handle(self, *args: Any, **options: Any) -> None:
        refuse_privileged_role()
        refuse_older_database()
        with contextlib.suppress(KeyboardInterrupt), jobs.replace_connector(connector()) as app:
            asyncio.run(_work(app))


class Connector(PsycopgConnector):
    """The worker's own connections, for finding jobs and noting how they ended.

    What a job queues is queued in its transaction, as everywhere. Past it, procrastinate's way, it
    would begin before what it is about can be read, and be there though the job was undone.
    """

    def get_sync_connector(self) -> BaseConnector:
        return DjangoConnector()


def connector() -> Connector:
    parameters = connection.get_connection_params()
    ours = {"pool", "cursor_factory", "context", "prepare_threshold", "server_side_binding"}
    kwargs = {name: value for name, value in parameters.items() if name not in ours}
    return Connector(kwargs=kwargs)


async def _work(app: App) -> None:
    async with app.open_async():
        work = asyncio.create_task(_run(app))
        clock = asyncio.create_task(clock_set_back())
        await asyncio.wait((work, clock), return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            log.warning("the clock was set back: the worker ends, to be started anew")
            work.cancel()  # what it has begun it still ends
        clock.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await work


async def _run(app: App) -> None:
    await app.run_worker_async(
        name="worker",
        concurrency=CONCURRENCY,
        fetch_job_polling_interval=2.0,
        delete_jobs="successful",
        update_heartbeat_interval=HEARTBEAT_SECONDS,
        stalled_worker_timeout=STALLED_WORKER_SECONDS,
    )


async def clock_set_back(every: float = HEARTBEAT_SECONDS) -> None:
    """Return once it was: no periodic job would run until the time of before is reached again."""
    ahead = _ahead()
    while (now := _ahead()) > ahead - _STEP_SECONDS:
        ahead = now
        await asyncio.sleep(every)


def _ahead() -> float:
    return time.time() - time.monotonic()
