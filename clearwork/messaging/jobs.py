from __future__ import annotations

from datetime import timedelta

from procrastinate.contrib.django import app

from clearwork.database import scope
from clearwork.foundation import clock
from clearwork.messaging.models import Dispatch

# Long after the last try of any job: no mail can be sent twice for want of its row.
KEPT_DAYS = 30


@app.periodic(cron="41 3 * * *")
@app.task(name="messaging.tidy", queueing_lock="messaging.tidy")
def tidy(timestamp: int) -> None:  # noqa: ARG001 - procrastinate names it
    with scope.acting_as(scope.OPERATOR):
        old = clock.now() - timedelta(days=KEPT_DAYS)
        Dispatch.objects.filter(started_at__lt=old).delete()
