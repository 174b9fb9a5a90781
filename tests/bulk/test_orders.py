"""Many rows of one order: what is said of each, and what they become."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, connections
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from clearwork.access.load import viewer_of
from clearwork.accounts.actions import VisitActivity
from clearwork.accounts.models import PortalAccess
from clearwork.audit.models import AuditEvent
from clearwork.authorizations.actions import authorize
from clearwork.authorizations.dot import DotTest
from clearwork.authorizations.many import authorize_many
from clearwork.authorizations.models import (
    Authorization,
    AuthorizationEvent,
    AuthorizedService,
    Delivery,
    DotTestOrder,
)
from clearwork.authorizations.rules import Modality
from clearwork.bulk import actions, jobs, storing
from clearwork.bulk.models import AuthorizationBatch
from clearwork.bulk.rules import BatchState, RowState
from clearwork.database import scope
from clearwork.employers.models import Worksite
from clearwork.people.models import Employee
from tests.access.story import access_of, let_see
from tests.bulk.sheets import begin, drivers, rows, save, sheet
from tests.cast import Cast, employee

TABLES: list[type[Model]] = [
    Authorization,
    AuthorizedService,
    AuthorizationEvent,
    Delivery,
    DotTestOrder,
    AuditEvent,
]


def problems(batch: AuthorizationBatch) -> list[list[list[str]]]:
    return [row.problems for row in rows(batch)]


def fields(batch: AuthorizationBatch) -> list[list[str]]:
    return [[field for field, _ in row.problems] for row in rows(batch)]


def run(cast: Cast, batch: AuthorizationBatch) -> AuthorizationBatch:
    """Submit it and do all of it, as the worker would."""
    with scope.acting_as(scope.employer(batch.employer_id)):
        assert actions.submit(batch, by=cast.alice.viewer)
    jobs.run_all(batch.employer_id, batch.pk)
    return fresh(batch)


def fresh(batch: AuthorizationBatch) -> AuthorizationBatch:
    with scope.acting_as(scope.OPERATOR):
        return AuthorizationBatch.objects.get(pk=batch.pk)


def made() -> int:
    with scope.acting_as(scope.OPERATOR):
        return Authorization.objects.count()


# Making them


VARIES = {"id", "number", "submission", "control_id", "at", "created_at", "state_since",
          "requested_at", "authorization", "subject_id"}  # fmt: skip


def written(subject: UUID) -> dict[str, list[dict[str, Any]]]:
    """All rows about one authorization, by table, without what is new each time."""
    found = {}
    for model in TABLES:
        key = {Authorization: "id", AuditEvent: "subject_id"}.get(model, "authorization_id")
        kept = [
            {
                f.name: getattr(row, f.attname)
                for f in model._meta.concrete_fields
                if f.name not in VARIES
            }
            for row in model._default_manager.filter(**{key: subject})
        ]
        for row in kept:
            row["detail"] = sorted(row.get("detail", ()))  # a delivery's id is new each time
        found[model.__name__] = sorted(kept, key=str)
    return found


def job(subject: UUID) -> list[dict[str, Any]]:
    ids = [str(d.pk) for d in Delivery.objects.filter(authorization_id=subject)]
    found = ProcrastinateJob.objects.filter(args__delivery_id__in=ids)
    names = ("queue_name", "task_name", "priority", "lock", "queueing_lock", "status",
             "scheduled_at", "attempts")  # fmt: skip
    return [
        {**{name: getattr(row, name) for name in names}, "args": sorted(row.args)} for row in found
    ]


def test_many_at_once_write_the_rows_one_alone_writes(cast: Cast) -> None:
    test = DotTest(
        donor_id="N-1", agency="fmcsa", specimen="urine", observed=False, der_name="Dee",
        der_phone="214-555-0100", laboratory_name="Lab", laboratory_address="1 Lab St",
        mro_name="Mo", mro_address="1 MRO St", mro_phone="214-555-0101",
    )  # fmt: skip
    with scope.acting_as(scope.OPERATOR):
        cast.dot_physical.dot_test = "drug"
        cast.dot_physical.save()
    orders = [
        cast.order(center_note="Fasting", services=[cast.dot_physical, cast.audiogram], dot=test),
        cast.injury_order(employee=cast.wei, center=cast.mesa, billing_note="PO 12"),
        cast.order(modality=Modality.TELEMED, center=None, services=[cast.audiogram]),
    ]
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        one_by_one = [authorize(order, by=cast.alice.viewer).pk for order in orders]
        again = [type(order)(**{**vars(order), "submission": UUID(int=n)})
                 for n, order in enumerate(orders)]  # fmt: skip
        together = authorize_many(again, by=cast.alice.viewer)
        for alone, among in zip(one_by_one, together, strict=True):
            assert written(among) == written(alone)
            assert job(among) == job(alone)
        assert len(job(together[0])) == 1 and written(together[0])["DotTestOrder"]


def test_new_people_and_known_ones_are_authorized_and_the_result_is_kept(cast: Cast) -> None:
    batch = begin(cast, sheet("N-1,Garcia,Maria,4/17/1988,", *drivers(3)))
    assert fields(batch) == [[], [], [], []]
    done = run(cast, batch)
    assert done.state == BatchState.DONE and done.finished_at
    assert [row.state for row in rows(batch)] == [RowState.MADE] * 4
    with scope.acting_as(scope.OPERATOR):
        assert Employee.objects.filter(employer=cast.northwind).count() == 5
        first = rows(batch)[0].made
        assert (
            first and first.employee_id == cast.maria.pk and first.submission == rows(batch)[0].pk
        )
        new = Employee.objects.get(employee_number="D-0")
        assert (new.name_key, new.worksite_id) == ("given0 driver0", cast.plant.pk)
        events = AuditEvent.objects.filter(action="employee:added")
        assert events.count() == 3


def test_what_an_admin_corrects_says_no_more_than_its_maker_may_know(
    cast: Cast, alice: Client
) -> None:
    """Maria's order is Alice's, and Wei works where Victor may see nobody."""
    with scope.acting_as(scope.OPERATOR):
        depot = Worksite.objects.create(employer=cast.northwind, name="Depot")
        Employee.objects.filter(pk=cast.wei.pk).update(worksite=depot)
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        authorize(cast.order(), by=cast.alice.viewer)
    let_see(cast, cast.victor, VisitActivity(worksites=(cast.plant,)))
    with scope.acting_as(scope.OPERATOR):
        viewer = viewer_of(access_of(cast.victor), cast.victor.user, cast.northwind)
    his = replace(cast.victor, viewer=viewer)
    batch = begin(cast, sheet("N-1,,,,", "N-2,Smith,Ann,1/1/1999,"), by=his)
    before = problems(batch)
    assert before[0] == [] and cast.wei.last_name not in f"{before}"
    for row, out in itertools.product(rows(batch), ("yes", "no")):
        alice.post(f"/many/rows/{row.pk}/leave-out/", {"out": out})
    assert problems(batch) == before
    with scope.acting_as(scope.OPERATOR):
        PortalAccess.objects.filter(user=cast.victor.user).update(is_active=False)
    (first, _) = rows(batch)
    save(alice, first, accepted="")
    assert problems(batch) == before, "nor where their access is off, and may be on again"


def test_checking_costs_the_same_statements_however_many_rows(cast: Cast) -> None:
    counts = []
    for size in (2, 300):
        with CaptureQueriesContext(connection) as queries:
            begin(cast, sheet(*drivers(size, start=size)))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_submitting_twice_runs_once(cast: Cast) -> None:
    batch = begin(cast, sheet(*drivers(2)))
    run(cast, batch)
    with scope.acting_as(scope.employer(batch.employer_id)):
        assert not actions.submit(batch, by=cast.alice.viewer)
    jobs.run_all(batch.employer_id, batch.pk)  # the job, started again
    assert made() == 2


def test_a_chunk_that_fails_leaves_nothing_and_is_done_again(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = begin(cast, sheet(*drivers(5)))
    monkeypatch.setattr(actions, "CHUNK", 2)
    saving, calls = storing.save_rows, []

    def fails_once(*given: Any) -> None:
        saving(*given)
        calls.append(1)
        if len(calls) == 2:
            raise ConnectionError("the worker's line to the database broke")

    monkeypatch.setattr(actions, "save_rows", fails_once)
    with pytest.raises(ConnectionError):
        run(cast, batch)
    assert made() == 2 and fresh(batch).state == BatchState.RUNNING
    jobs.run_all(batch.employer_id, batch.pk)
    assert made() == 5 and fresh(batch).state == BatchState.DONE


def test_a_list_that_fails_for_the_last_time_says_so(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = begin(cast, sheet(*drivers(2)))
    with scope.acting_as(scope.employer(batch.employer_id)):
        actions.submit(batch, by=cast.alice.viewer)

    def breaks(*_: Any) -> None:
        raise ConnectionError("the worker's line to the database broke")

    monkeypatch.setattr(actions, "save_rows", breaks)
    for last in (False, True):
        with pytest.raises(ConnectionError):
            jobs.run_all(batch.employer_id, batch.pk, last_try=last)
        assert (fresh(batch).state == BatchState.CANCELLED) == last
    assert made() == 0 and "Go on with the rest" in fresh(batch).note


def test_stopping_half_way_keeps_what_was_made(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = begin(cast, sheet(*drivers(5)))
    monkeypatch.setattr(actions, "CHUNK", 2)
    with scope.acting_as(scope.employer(batch.employer_id)):
        actions.submit(batch, by=cast.alice.viewer)
        assert actions.run_chunk(batch.pk, by=cast.alice.viewer)
        assert actions.stop(batch, by=cast.alice.viewer)
        assert not actions.run_chunk(batch.pk, by=cast.alice.viewer)
    assert made() == 2 and fresh(batch).note == "Stopped by Alice Example."
    assert [row.state for row in rows(batch)] == ["made"] * 2 + ["good"] * 3


def test_nothing_more_is_done_for_who_lost_access(cast: Cast) -> None:
    batch = begin(cast, sheet(*drivers(2)))
    with scope.acting_as(scope.OPERATOR):
        PortalAccess.objects.filter(user=cast.alice.user).update(is_active=False)
    done = run(cast, batch)
    assert done.state == BatchState.CANCELLED and "access" in done.note and made() == 0


def test_a_center_that_closed_meanwhile_stops_the_batch_and_says_so(cast: Cast) -> None:
    batch = begin(cast, sheet(*drivers(2)))
    with scope.acting_as(scope.OPERATOR):
        cast.dallas.is_active = False
        cast.dallas.save()
    done = run(cast, batch)
    assert done.state == BatchState.CANCELLED and made() == 0
    assert "Dallas Medical Center takes no orders any more" in done.note


def test_what_changed_since_the_check_is_found_when_its_turn_comes(cast: Cast) -> None:
    """Someone else added the same number under another name after the check."""
    batch = begin(cast, sheet(*drivers(2)))
    with scope.acting_as(scope.OPERATOR):
        employee(cast.plant, "Other", "Person", employee_number="D-0")
    assert run(cast, batch).state == BatchState.DONE
    first, second = rows(batch)
    assert (first.state, second.state) == (RowState.SKIPPED, RowState.MADE)
    assert first.problems[0][1] == "This number belongs to Other Person on your list."


def test_two_workers_at_one_list_do_each_row_once(
    committed_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job that was taken for stalled may run twice at once."""
    monkeypatch.setattr(actions, "CHUNK", 7)
    batch = begin(committed_cast, sheet(*drivers(60)))
    with scope.acting_as(scope.employer(batch.employer_id)):
        actions.submit(batch, by=committed_cast.alice.viewer)

    def work() -> None:
        try:
            jobs.run_all(batch.employer_id, batch.pk)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as workers:
        for done in [workers.submit(work) for _ in range(3)]:
            done.result()
    assert made() == 60 and len({row.made_id for row in rows(batch)}) == 60


def test_one_list_submitted_from_two_windows_at_once_is_queued_once(committed_cast: Cast) -> None:
    batch = begin(committed_cast, sheet(*drivers(3)))

    def submit(_: int) -> bool:
        try:
            with scope.acting_as(scope.employer(batch.employer_id)):
                return actions.submit(batch, by=committed_cast.alice.viewer)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as windows:
        assert sorted(windows.map(submit, range(4))) == [False, False, False, True]
    with scope.acting_as(scope.OPERATOR):
        assert ProcrastinateJob.objects.filter(task_name=actions.RUN_JOB).count() == 1
