"""Queueing many jobs at once, in the open transaction."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from psycopg.types.json import Jsonb

from clearwork.database import fast

# procrastinate's own function for deferring: one call, and its jobs are named by one array.
_DEFER = """
    SELECT procrastinate_defer_jobs_v1(array_agg(
        (%s, %s, 0, NULL, NULL, %s::jsonb || jsonb_build_object(%s::text, id::text), NULL)
            ::procrastinate_job_to_defer_v1))
    FROM unnest(%s::uuid[]) AS id
"""


def defer_each(task: str, argument: str, ids: Sequence[UUID], *, queue: str, **shared: str) -> None:
    """A job of this task for each id, its `argument`, beside those all share; one statement."""
    if ids:
        fast.execute(_DEFER, [queue, task, Jsonb(shared), argument, list(ids)])
