from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection
from procrastinate import App, PsycopgConnector
from procrastinate.contrib.django import app as jobs

from clearwork.database.roles import refuse_privileged_role

CONCURRENCY = 6
HEARTBEAT_SECONDS = 5.0
STALLED_WORKER_SECONDS = 20.0


class Command(BaseCommand):
    help = "Does background work: deliveries, matching, the audit trail's seal."

    def handle(self, *args: Any, **options: Any) -> None:
        refuse_privileged_role()
        with contextlib.suppress(KeyboardInterrupt), jobs.replace_connector(_connector()) as app:
            asyncio.run(_work(app))


def _connector() -> PsycopgConnector:
    parameters = connection.get_connection_params()
    ours = {"pool", "cursor_factory", "context", "prepare_threshold", "server_side_binding"}
    kwargs = {name: value for name, value in parameters.items() if name not in ours}
    return PsycopgConnector(kwargs=kwargs)


async def _work(app: App) -> None:
    async with app.open_async():
        await app.run_worker_async(
            name="worker",
            concurrency=CONCURRENCY,
            fetch_job_polling_interval=2.0,
            delete_jobs="successful",
            update_heartbeat_interval=HEARTBEAT_SECONDS,
            stalled_worker_timeout=STALLED_WORKER_SECONDS,
        )
