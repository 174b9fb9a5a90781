"""Making downloads in the background, and destroying them after a day. Arguments are ids only."""

from __future__ import annotations

import logging
from collections.abc import Callable
from uuid import UUID

from django.db.models import Exists, OuterRef
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from clearwork.accounts.models import PortalAccess
from clearwork.database import scope
from clearwork.exports import actions, making, messages
from clearwork.exports.models import Export
from clearwork.exports.rules import ExportState
from clearwork.foundation import clock
from clearwork.messaging.mail import QUEUE as MAIL_QUEUE
from clearwork.messaging.mail import RETRY, send_once

_TRIES = 3
log = logging.getLogger(__name__)


@app.task(
    name=actions.MAKE_JOB,
    queue=actions.QUEUE,
    retry=RetryStrategy(max_attempts=_TRIES, wait=5),
    pass_context=True,
)
def make(context: JobContext, *, employer_id: str, export_id: str) -> None:
    try:
        making.make(UUID(employer_id), UUID(export_id), tell=True)
    except Exception:
        if context.job.attempts >= _TRIES:
            with scope.acting_as(scope.employer(UUID(employer_id))):
                actions.fail(Export.objects.get(employer_id=employer_id, pk=export_id))
        raise


@app.periodic(cron="*/10 * * * *")
@app.task(name="exports.sweep", queueing_lock="exports.sweep")
def sweep(timestamp: int) -> None:  # noqa: ARG001 - procrastinate names it
    """Destroy the files whose day, or whose maker's access, is over."""
    with scope.acting_as(scope.OPERATOR):
        kept = Export.objects.exclude(state=ExportState.EXPIRED)
        overdue = list(kept.filter(expires_at__lte=clock.now()))
        active = PortalAccess.objects.filter(
            employer_id=OuterRef("employer_id"),
            user_id=OuterRef("made_by_id"),
            is_active=True,
            user__is_active=True,
        )
        orphaned = list(kept.filter(~Exists(active), expires_at__gt=clock.now()))
    for export in overdue:
        _try(actions.expire, export)
    for export in orphaned:
        _try(actions.end_with_access, export)


@app.task(name=actions.MAIL_JOB, queue=MAIL_QUEUE, retry=RETRY, pass_context=True)
def mail_ready(context: JobContext, *, employer_id: str, export_id: str) -> None:
    with scope.acting_as(scope.employer(UUID(employer_id))):
        export = Export.objects.get(employer_id=employer_id, pk=export_id)
        mail = messages.ready(export, making.viewer_who_made(export))
    send_once(context.job.id, mail)


def _try(change: Callable[[Export], None], export: Export) -> None:
    """One file that cannot be destroyed leaves the others to go; it is tried again."""
    try:
        with scope.acting_as(scope.employer(export.employer_id)):
            change(export)
    except OSError:
        log.exception("export %s: its file cannot be destroyed", export.pk)
