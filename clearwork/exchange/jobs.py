"""Background work of the exchange. Arguments are ids only."""

from __future__ import annotations

from math import ceil
from uuid import UUID

from procrastinate import BaseRetryStrategy, JobContext, RetryDecision
from procrastinate.contrib.django import app
from procrastinate.jobs import Job, Status

from clearwork.authorizations.deliveries import DELIVER_JOB
from clearwork.database import scope
from clearwork.database.jobs import spare_try
from clearwork.exchange import matching, outbound, patience

MOST_TRIES = 12
_LONGEST_WAIT_SECONDS = 600
STALLED_AFTER_SECONDS = 20


class Backoff(BaseRetryStrategy):
    """Wait 1, 2, 4 … seconds, at most ten minutes; give up after MOST_TRIES (about 35 minutes).

    What was put off comes back when it was told to, and has had no try.
    """

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if isinstance(exception, patience.NotNow):
            return RetryDecision(retry_in={"seconds": ceil(exception.seconds)})
        if is_last_try(job.attempts):
            return None
        return RetryDecision(retry_in={"seconds": min(2**job.attempts, _LONGEST_WAIT_SECONDS)})


def is_last_try(attempts_before: int) -> bool:
    return attempts_before + 1 >= MOST_TRIES


@app.task(name=DELIVER_JOB, queue="delivery", retry=Backoff(), pass_context=True)
def deliver(context: JobContext, *, employer_id: str, delivery_id: str) -> None:
    last = is_last_try(context.job.attempts)
    try:
        outbound.deliver(UUID(employer_id), UUID(delivery_id), last_try=last)
    except outbound.NotDelivered:
        raise  # and noted
    except patience.NotNow:
        _spare_try(UUID(employer_id), context.job)
        raise
    except Exception:
        if last:
            outbound.give_up(UUID(employer_id), UUID(delivery_id))
        raise


def _spare_try(employer_id: UUID, job: Job) -> None:
    assert job.id is not None  # noqa: S101 - narrows the type
    with scope.acting_as(scope.employer(employer_id)):
        spare_try(job.id)


@app.task(name="exchange.match", queue="matching", retry=Backoff())
def match(*, held_id: str) -> None:
    matching.file_if_certain(UUID(held_id))


# The sixth field is the seconds. Before the backlog: what it wakes has waited long enough.
@app.periodic(cron="* * * * * */10")
@app.task(
    name="exchange.requeue_stalled", queueing_lock="requeue_stalled", priority=1, pass_context=True
)
async def requeue_stalled(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 - procrastinate names it
    """Jobs whose worker was killed half-way start again."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_SECONDS):
        if job.queueing_lock:  # a periodic job, whose next one is there or will be
            await manager.finish_job(job, Status.FAILED, delete_job=True)
        else:
            await manager.retry_job(job)
