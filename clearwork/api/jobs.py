"""Forgetting what the API no longer needs."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Max
from procrastinate.contrib.django import app

from clearwork.api.models import ApiToken, KeptAnswer, Requests
from clearwork.api.rules import KEEP_ANSWERS
from clearwork.database import scope
from clearwork.foundation import clock

_KEEP_COUNTS = timedelta(hours=1)


@app.periodic(cron="17 * * * *")
@app.task(name="api.forget_old", queueing_lock="api.forget_old")
def forget_old(timestamp: int) -> None:  # noqa: ARG001 - procrastinate names it
    with scope.acting_as(scope.OPERATOR):
        forget()


def forget() -> None:
    """Counts of hours past, but for when a token was last used; answers of a day ago."""
    now = clock.now()
    old = Requests.objects.filter(minute__lt=now - _KEEP_COUNTS)
    for pk, last in old.values_list("token").annotate(last=Max("minute")).order_by():
        ApiToken.objects.filter(pk=pk).update(last_used_at=last)
    old.delete()
    KeptAnswer.objects.filter(made_at__lt=now - KEEP_ANSWERS).delete()
