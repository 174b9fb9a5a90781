from __future__ import annotations

from procrastinate.contrib.django import app

from clearwork.audit import seal
from clearwork.database import scope


@app.periodic(cron="* * * * *")
@app.task(name="audit.seal", queueing_lock="audit.seal")
def seal_trail(timestamp: int) -> None:  # noqa: ARG001 - procrastinate names it
    with scope.acting_as(scope.OPERATOR):
        seal.extend()
