"""Doing a batch in the background. Arguments are ids only."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from clearwork.access.decide import Viewer
from clearwork.access.load import viewer_of
from clearwork.bulk.actions import QUEUE, RUN_JOB, forget_old, give_up, run_chunk
from clearwork.bulk.models import AuthorizationBatch
from clearwork.bulk.queries import begun_by
from clearwork.bulk.rules import KEPT_DAYS
from clearwork.database import scope
from clearwork.foundation import clock

_TRIES = 10


@app.periodic(cron="23 4 * * *")
@app.task(name="bulk.tidy", queueing_lock="bulk.tidy")
def tidy(timestamp: int) -> None:  # noqa: ARG001 - procrastinate names it
    with scope.acting_as(scope.OPERATOR):
        forget_old(clock.now() - timedelta(days=KEPT_DAYS))


@app.task(
    name=RUN_JOB,
    queue=QUEUE,
    retry=RetryStrategy(max_attempts=_TRIES, wait=2),
    pass_context=True,
)
def run(context: JobContext, *, employer_id: str, batch_id: str) -> None:
    last = context.job.attempts + 1 >= _TRIES
    run_all(UUID(employer_id), UUID(batch_id), last_try=last)


def run_all(employer_id: UUID, batch_id: UUID, *, last_try: bool = False) -> None:
    """Chunk by chunk, each a transaction: a worker that takes over goes on where one ended."""
    try:
        while _next(employer_id, batch_id):
            pass
    except Exception:
        if last_try:
            with scope.acting_as(scope.employer(employer_id)):
                give_up(batch_id)
        raise


def _next(employer_id: UUID, batch_id: UUID) -> bool:
    with scope.acting_as(scope.employer(employer_id)):
        return run_chunk(batch_id, by=_viewer(batch_id))


def _viewer(batch_id: UUID) -> Viewer | None:
    """Whoever submitted it, with the grants of today; None once their access has ended."""
    access = begun_by(AuthorizationBatch.objects.get(pk=batch_id))
    may_sign_in = access and access.is_active and access.user.is_active
    return viewer_of(access, access.user, access.employer) if access and may_sign_in else None
