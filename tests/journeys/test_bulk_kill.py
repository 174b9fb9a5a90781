"""A worker that is killed again and again does every row of a large list, and each once."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable

import pytest
from django.db import connection

from clearwork.audit.models import AuditEvent
from clearwork.authorizations.models import (
    Authorization,
    AuthorizationEvent,
    AuthorizedService,
    Delivery,
)
from clearwork.bulk import actions
from clearwork.bulk.models import AuthorizationBatch
from clearwork.bulk.rules import BatchState, RowState
from clearwork.database import scope
from clearwork.people.models import Employee
from tests.bulk.sheets import begin, drivers, sheet
from tests.cast import Cast
from tests.journeys.processes import Portal

pytestmark = [pytest.mark.journey, pytest.mark.patient]
ROWS = 10_000
KILLS = 2
PATIENCE = 150.0
SEED = "clearwork bulk kill test"


def test_10_000_rows_survive_a_worker_that_is_killed_again_and_again(
    committed_cast: Cast, open_portal: Callable[..., Portal]
) -> None:
    cast = committed_cast
    portal = open_portal("worker")
    with scope.acting_as(scope.OPERATOR):  # deliveries have nowhere to go, and are not asked for
        cast.dallas.hl7_port = 1
        cast.dallas.save()
    batch = begin(cast, sheet(*drivers(ROWS)))
    with scope.acting_as(scope.employer(batch.employer_id)):
        assert actions.submit(batch, by=cast.alice.viewer)
    marks = _kill_on_the_way(portal, batch)
    _wait_for_the_end(batch, portal)
    print(f"killed after {marks} of {ROWS} rows")
    with scope.acting_as(scope.OPERATOR):
        assert _doubled(batch) == {}
        assert batch.rows.filter(state=RowState.MADE).count() == ROWS
        assert batch.rows.values("made").distinct().count() == ROWS
        for model in (Authorization, AuthorizationEvent, AuthorizedService, Delivery):
            assert model._default_manager.count() >= ROWS, model
        assert Authorization.objects.count() == Delivery.objects.count() == ROWS
        assert Employee.objects.filter(employee_number__startswith="D-").count() == ROWS
        created = AuditEvent.objects.filter(action="authorization:created")
        assert created.values("subject_id").distinct().count() == created.count() == ROWS
        assert _queued() == ROWS


def _kill_on_the_way(portal: Portal, batch: AuthorizationBatch) -> list[int]:
    """How much was done at each kill."""
    dice, marks = random.Random(SEED), []
    worker = portal.processes["worker"]
    for number in range(KILLS):
        goal = number * ROWS // KILLS + dice.randrange(ROWS // KILLS // 2)
        deadline = time.monotonic() + PATIENCE
        while (done := _done(batch)) <= goal and time.monotonic() < deadline:
            time.sleep(0.02)
        assert done > goal, worker.said()
        worker.kill()
        marks.append(_done(batch))
        worker.start()
    return marks


def _wait_for_the_end(batch: AuthorizationBatch, portal: Portal) -> None:
    deadline = time.monotonic() + PATIENCE
    while _state(batch) == BatchState.RUNNING and time.monotonic() < deadline:
        time.sleep(0.2)
    assert _state(batch) == BatchState.DONE, portal.said()


def _done(batch: AuthorizationBatch) -> int:
    with scope.acting_as(scope.OPERATOR):
        return batch.rows.filter(state=RowState.MADE).count()


def _state(batch: AuthorizationBatch) -> str:
    with scope.acting_as(scope.OPERATOR):
        return AuthorizationBatch.objects.values_list("state", flat=True).get(pk=batch.pk)


def _doubled(batch: AuthorizationBatch) -> dict[str, int]:
    """Employees with more than one authorization."""
    people = Counter(Authorization.objects.values_list("employee__employee_number", flat=True))
    return {number: times for number, times in people.items() if times > 1}


def _queued() -> int:
    """Deliveries that have a job, or had one that was tried and will be again."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(DISTINCT args->>'delivery_id'), count(*) FROM procrastinate_jobs"
            " WHERE task_name = 'exchange.deliver'"
        )
        distinct, jobs = cursor.fetchone()
    assert distinct == jobs, "a delivery has one job"
    return int(jobs)
