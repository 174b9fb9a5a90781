"""The life of a batch: begun, corrected row by row, submitted, done chunk by chunk, stopped."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import batched
from typing import Any, Protocol
from uuid import UUID

from django.db import transaction
from procrastinate.contrib.django import app as jobs

from clearwork.access.decide import Viewer
from clearwork.audit.actions import Action, event, record
from clearwork.authorizations.models import Authorization
from clearwork.authorizations.queries import authorizations
from clearwork.bulk import changes, orders, roster
from clearwork.bulk.models import AuthorizationBatch, BatchRow
from clearwork.bulk.rules import (
    CHUNK,
    MOST_SELECTED,
    OPEN_ROWS,
    BatchState,
    RowState,
    What,
    missing_columns,
)
from clearwork.database import fast
from clearwork.foundation import clock
from clearwork.sheets.table import Table

RUN_JOB = "bulk.run"
QUEUE = "bulk"
_STORED_AT_ONCE = 2_000
_UPDATE = """
    UPDATE bulk_batchrow AS r SET state = v.state, problems = v.problems, notes = v.notes,
        key = v.key, employee_id = v.employee_id, made_id = v.made_id
    FROM unnest(%s::uuid[], %s::text[], %s::jsonb[], %s::jsonb[], %s::text[], %s::uuid[],
        %s::uuid[]) AS v (id, state, problems, notes, key, employee_id, made_id)
    WHERE r.id = v.id AND r.employer_id = %s
"""


class Work(Protocol):
    """What one kind of batch does with its rows."""

    def check(
        self, batch: AuthorizationBatch, rows: Sequence[BatchRow], viewer: Viewer, /
    ) -> object: ...
    def perform(
        self, batch: AuthorizationBatch, rows: Sequence[BatchRow], viewer: Viewer, /
    ) -> str: ...


WORK: Mapping[str, Work] = {
    What.AUTHORIZE: orders,
    What.ROSTER: roster,
    What.EXTEND: changes,
    What.CANCEL: changes,
}


@transaction.atomic
def begin(
    *,
    by: Viewer,
    what: What,
    title: str,
    order: Mapping[str, Any],
    table: Table,
    columns: Sequence[str],
) -> AuthorizationBatch:
    """Keep a file's rows, checked where its columns tell who is meant."""  # fmt: skip
    batch = AuthorizationBatch(
        employer_id=by.employer_id,
        what=what.value,
        state=BatchState.CHECKED.value,
        title=title[:120],
        order=dict(order),
        headers=list(table.headers),
        columns=list(columns),
        created_by_id=by.user_id,
    )
    rows = [
        BatchRow(
            employer_id=by.employer_id,
            batch_id=batch.pk,
            line=line.number,
            cells=list(line.cells),
            state=RowState.WRONG.value,
        )
        for line in table.lines
    ]
    if missing_columns(set(batch.columns)):
        batch.state = BatchState.DRAFT.value
    else:
        fast.prefer_indexes()
        WORK[batch.what].check(batch, rows, by)
    return _begun(batch, rows, by)


def _begun(batch: AuthorizationBatch, rows: list[BatchRow], by: Viewer) -> AuthorizationBatch:
    """The batch with its rows, stored and on record."""
    batch.save(force_insert=True)
    for some in batched(rows, _STORED_AT_ONCE):
        fast.insert_many(some)
    _audit(Action.BATCH_BEGUN, batch, by, what=batch.what, rows=len(rows))
    return batch


@transaction.atomic
def select(
    *, by: Viewer, what: What, ids: Sequence[UUID], order: Mapping[str, Any]
) -> AuthorizationBatch | None:
    """A batch of authorizations selected from the list; what `by` may not see is left away.

    None where nothing is left.
    """
    there = {one.pk: one for one in authorizations(by).filter(pk__in=ids[:MOST_SELECTED])}
    known = [pk for pk in dict.fromkeys(ids) if pk in there]
    if not known:
        return None
    printing = what == What.PRINT
    batch = AuthorizationBatch(
        employer_id=by.employer_id,
        what=what.value,
        state=(BatchState.DONE if printing else BatchState.CHECKED).value,
        title=f"{len(known)} selected authorization{'' if len(known) == 1 else 's'}",
        order=dict(order),
        created_by_id=by.user_id,
    )
    rows = [
        BatchRow(
            employer_id=by.employer_id,
            batch_id=batch.pk,
            line=line,
            subject_id=pk,
            state=RowState.MADE.value if printing else RowState.WRONG.value,
        )
        for line, pk in enumerate(known, start=1)
    ]
    if not printing:
        WORK[what].check(batch, rows, by)
    return _begun(batch, rows, by)


@transaction.atomic
def go_on(batch: AuthorizationBatch, *, by: Viewer) -> AuthorizationBatch | None:
    """A new list of the rows that one which is over did not do; None where it did all."""
    batch = _locked(batch)
    not_done = batch.rows.exclude(state=RowState.MADE).order_by("line")
    if batch.state not in (BatchState.DONE, BatchState.CANCELLED) or not not_done.exists():
        return None
    rest = AuthorizationBatch(
        employer_id=by.employer_id,
        what=batch.what,
        state=BatchState.CHECKED.value,
        title=batch.title,
        order=batch.order,
        headers=batch.headers,
        columns=batch.columns,
        created_by_id=by.user_id,
    )
    rows = [_not_done_yet(row, rest) for row in not_done]
    fast.prefer_indexes()
    WORK[rest.what].check(rest, rows, by)
    return _begun(rest, rows, by)


def _not_done_yet(row: BatchRow, batch: AuthorizationBatch) -> BatchRow:
    return BatchRow(
        employer_id=batch.employer_id,
        batch_id=batch.pk,
        line=row.line,
        cells=row.cells,
        fixes=row.fixes,
        answer=row.answer,
        subject_id=row.subject_id,
        state=RowState.WRONG.value,
    )


@transaction.atomic
def set_order(batch: AuthorizationBatch, order: Mapping[str, Any], *, by: Viewer) -> None:
    """Say anew what is to be done; all rows are checked anew."""
    batch = _locked(batch)
    if batch.state == BatchState.CHECKED:
        batch.order = {**batch.order, **order}
        batch.save(update_fields=("order",))
        _check(batch, list(batch.rows.order_by("line")), by)


def note_downloads(printed: Sequence[Authorization], *, by: Viewer) -> None:
    """Each authorization of a PDF is one event of the audit trail."""
    fast.insert_many(
        [
            event(
                Action.AUTHORIZATION_DOWNLOADED,
                by=by.actor,
                employer_id=one.employer_id,
                subject_id=one.pk,
            )
            for one in printed
        ]
    )


@transaction.atomic
def set_columns(batch: AuthorizationBatch, columns: Sequence[str], *, by: Viewer) -> None:
    """Match the columns by hand; all rows are checked anew."""
    batch = _locked(batch)
    if batch.state not in (BatchState.DRAFT, BatchState.CHECKED):
        return
    batch.columns = list(columns)
    batch.state = BatchState.CHECKED.value
    batch.order.pop("dates", None)
    _check(batch, list(batch.rows.order_by("line")), by)
    batch.save(update_fields=("columns", "state", "order"))


@transaction.atomic
def change_row(
    row: BatchRow, *, by: Viewer, fixes: Mapping[str, str], answer: str = "", accepted: bool = False
) -> BatchRow:
    """Correct one row and check it again, with those that spoke or speak of the same person."""
    batch = _locked(row.batch)
    fresh = BatchRow.objects.get(pk=row.pk)
    if batch.state != BatchState.CHECKED or fresh.state not in OPEN_ROWS:
        return fresh
    fresh.fixes = {**fresh.fixes, **fixes}
    fresh.answer, fresh.accepted = answer, accepted
    fresh.state = RowState.WRONG.value
    fresh.save(update_fields=("fixes", "answer", "accepted", "state"))
    _check_with_twins(batch, fresh, by)
    return fresh


@transaction.atomic
def leave_out(row: BatchRow, *, by: Viewer, out: bool = True) -> BatchRow:
    """Keep a row for later, or take it back in."""
    batch = _locked(row.batch)
    fresh = BatchRow.objects.get(pk=row.pk)
    if batch.state == BatchState.CHECKED and fresh.state in OPEN_ROWS:
        fresh.state = RowState.LEFT_OUT.value if out else RowState.WRONG.value
        fresh.save(update_fields=("state",))
        _check_with_twins(batch, fresh, by)
    return fresh


def _check_with_twins(batch: AuthorizationBatch, row: BatchRow, by: Viewer) -> None:
    before = row.key
    _check(batch, [row], by)
    keys = {before, row.key} - {""}
    twins = batch.rows.filter(key__in=keys, state__in=OPEN_ROWS).exclude(pk=row.pk)
    if rows := list(twins.order_by("line")[:CHUNK]):
        _check(batch, rows, by)


@transaction.atomic
def submit(batch: AuthorizationBatch, *, by: Viewer) -> bool:
    """Have the good rows done in the background; False where it was submitted before."""
    batch = _locked(batch)
    if batch.state != BatchState.CHECKED or not batch.rows.filter(state=RowState.GOOD).exists():
        return False
    batch.rows.filter(state=RowState.WRONG).update(state=RowState.LEFT_OUT)
    batch.state = BatchState.RUNNING.value
    batch.submitted_at = clock.now()
    batch.save(update_fields=("state", "submitted_at"))
    jobs.configure_task(RUN_JOB, queue=QUEUE).defer(
        employer_id=str(batch.employer_id), batch_id=str(batch.pk)
    )
    _audit(Action.BATCH_SUBMITTED, batch, by)
    return True


@transaction.atomic
def stop(batch: AuthorizationBatch, *, by: Viewer) -> bool:
    """Do no more rows. What was done stays done; False where all is over."""
    batch = _locked(batch)
    if batch.state in (BatchState.DONE, BatchState.CANCELLED):
        return False
    _finish(batch, BatchState.CANCELLED, f"Stopped by {by.name}.")
    _audit(Action.BATCH_STOPPED, batch, by)
    return True


@transaction.atomic
def run_chunk(batch_id: UUID, *, by: Viewer | None) -> bool:
    """Do the next rows, in one transaction with noting that they are done; False at the end.

    A worker killed in between leaves the chunk undone and unmarked: nothing is done twice.
    """
    batch = AuthorizationBatch.objects.select_for_update().get(pk=batch_id)
    if batch.state != BatchState.RUNNING:
        return False
    if by is None:
        _finish(batch, BatchState.CANCELLED, "Stopped: the access of who submitted it has ended.")
        return False
    rows = list(batch.rows.filter(state=RowState.GOOD).order_by("line")[:CHUNK])
    if not rows:
        _finish(batch, BatchState.DONE)
        return False
    fast.prefer_indexes()
    if problem := WORK[batch.what].perform(batch, rows, by):
        _finish(batch, BatchState.CANCELLED, f"Stopped: {problem}")
        return False
    _save(batch, rows)
    return True


@transaction.atomic
def give_up(batch_id: UUID) -> None:
    """The job failed for the last time: say so, so that a person can go on with the rest."""
    batch = AuthorizationBatch.objects.select_for_update().get(pk=batch_id)
    if batch.state == BatchState.RUNNING:
        _finish(
            batch, BatchState.CANCELLED, "Stopped by an error. Go on with the rest, or call us."
        )


def forget_old(before: datetime) -> int:
    """Drop the lists that were begun before then: their rows hold what their files said.

    What they made stays.
    """
    _, dropped = AuthorizationBatch.objects.filter(created_at__lt=before).delete()
    return dropped.get("bulk.AuthorizationBatch", 0)


def _check(batch: AuthorizationBatch, rows: list[BatchRow], by: Viewer) -> None:
    fast.prefer_indexes()
    WORK[batch.what].check(batch, rows, by)
    for some in batched(rows, _STORED_AT_ONCE):
        _save(batch, some)


def _save(batch: AuthorizationBatch, rows: Sequence[BatchRow]) -> None:
    columns: list[list[Any]] = [
        [row.pk for row in rows],
        [row.state for row in rows],
        [json.dumps(row.problems) if row.problems else "[]" for row in rows],
        [json.dumps(row.notes) if row.notes else "[]" for row in rows],
        [row.key for row in rows],
        [row.employee_id for row in rows],
        [row.made_id for row in rows],
    ]
    fast.execute(_UPDATE, [*columns, batch.employer_id])


def _locked(batch: AuthorizationBatch) -> AuthorizationBatch:
    return AuthorizationBatch.objects.select_for_update().get(
        employer_id=batch.employer_id, pk=batch.pk
    )


def _finish(batch: AuthorizationBatch, state: BatchState, note: str = "") -> None:
    batch.state, batch.note, batch.finished_at = state.value, note[:300], clock.now()
    batch.save(update_fields=("state", "note", "finished_at"))


def _audit(action: Action, batch: AuthorizationBatch, by: Viewer, **detail: Any) -> None:
    record(action, by=by.actor, employer_id=batch.employer_id, subject_id=batch.pk, **detail)
