"""What procrastinate has no call for: many jobs queued at once, a run that was no try."""

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

_SPARE = "UPDATE procrastinate_jobs SET attempts = attempts - 1 WHERE id = %s AND status = 'doing'"


def defer_each(task: str, argument: str, ids: Sequence[UUID], *, queue: str, **shared: str) -> None:
    """A job of this task for each id, its `argument`, beside those all share; one statement."""
    if ids:
        fast.execute(_DEFER, [queue, task, Jsonb(shared), argument, list(ids)])


def spare_try(job_id: int) -> None:
    """Have the retry of this running job, which adds a try, leave their number as it was."""
    fast.execute(_SPARE, [job_id])
