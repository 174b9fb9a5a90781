"""The life of a batch: begun, submitted, done chunk by chunk, stopped. See correcting.py, too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import batched
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from procrastinate.contrib.django import app as jobs

from clearwork.access.decide import Viewer
from clearwork.access.permissions import Permission
from clearwork.audit.actions import Action, record
from clearwork.authorizations import actions as authorizations
from clearwork.authorizations import queries
from clearwork.bulk.changes import usual_until
from clearwork.bulk.models import AuthorizationBatch, BatchRow
from clearwork.bulk.rules import (
    CHUNK,
    MOST_SELECTED,
    WITH_PASSES,
    BatchState,
    RowState,
    What,
    missing_columns,
)
from clearwork.bulk.storing import STORED_AT_ONCE, WORK, locked, save_rows
from clearwork.database import fast
from clearwork.employers.rules import fingerprint
from clearwork.foundation import clock
from clearwork.foundation.ids import uuid7
from clearwork.sheets.table import Line, Table

RUN_JOB = "bulk.run"
QUEUE = "bulk"
NEEDED: Mapping[str, Permission] = {
    What.AUTHORIZE: Permission.AUTHORIZATION_CREATE,
    What.EXTEND: Permission.AUTHORIZATION_CREATE,
    What.CANCEL: Permission.AUTHORIZATION_CANCEL,
    What.ROSTER: Permission.EMPLOYEE_EDIT,
}
"""What one must be allowed to have a list done, and until its last row."""


@transaction.atomic
def begin(
    *,
    by: Viewer,
    what: What,
    title: str,
    order: Mapping[str, Any],
    table: Table,
    columns: Sequence[str],
    submission: UUID | None = None,
) -> AuthorizationBatch:
    """Keep a file's rows, checked where its columns tell who is meant.

    The same form (`submission`) sent twice with the same in it begins one list.
    """
    said = (what, title, order, table.headers, *table.lines)
    pk = _pk(submission or uuid7(), by, *said)
    if there := _begun_before(pk, by):
        return there
    batch = AuthorizationBatch(
        pk=pk,
        employer_id=by.employer_id,
        what=what.value,
        state=BatchState.CHECKED.value,
        title=title[:120],
        order=dict(order),
        headers=list(table.headers),
        columns=list(columns),
        created_by_id=by.user_id,
    )
    rows = [_row(batch, line) for line in table.lines]
    if missing_columns(set(batch.columns)):
        batch.state = BatchState.DRAFT.value
    else:
        fast.prefer_indexes()
        WORK[batch.what].check(batch, rows, by)
    return _begun(batch, rows, by)


def _row(batch: AuthorizationBatch, line: Line) -> BatchRow:
    """Not yet checked."""
    return BatchRow(
        employer_id=batch.employer_id,
        batch_id=batch.pk,
        line=line.number,
        cells=list(line.cells),
        state=RowState.WRONG.value,
    )


def _pk(of: UUID, by: Viewer, *said: object) -> UUID:
    """The id of the list this viewer begins with this, the same each time."""
    return uuid5(of, fingerprint((by.employer_id, by.user_id, *said)))


def _begun_before(pk: UUID, by: Viewer) -> AuthorizationBatch | None:
    """After whoever begins it in this instant: a button pressed twice."""
    fast.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 1))", [str(pk)])
    return AuthorizationBatch.objects.filter(employer_id=by.employer_id, pk=pk).first()


def _begun(batch: AuthorizationBatch, rows: list[BatchRow], by: Viewer) -> AuthorizationBatch:
    """The batch with its rows, stored and on record."""
    batch.save(force_insert=True)
    for some in batched(rows, STORED_AT_ONCE):
        fast.insert_many(some)
    _audit(Action.BATCH_BEGUN, batch, by, what=batch.what, rows=len(rows))
    return batch


@transaction.atomic
def select(
    *, by: Viewer, what: What, ids: Sequence[UUID], order: Mapping[str, Any]
) -> AuthorizationBatch | None:
    """A batch of authorizations selected from the list; what `by` may not see is left away.

    None where nothing is left. An extension begins with the usual day for them.
    """
    visible = queries.authorizations(by).select_related("center")
    there = {one.pk: one for one in visible.filter(pk__in=ids[:MOST_SELECTED])}
    known = [pk for pk in dict.fromkeys(ids) if pk in there]
    if not known:
        return None
    extends = what == What.EXTEND
    usual = {"until": usual_until(there.values()).isoformat()} if extends else {}
    batch = AuthorizationBatch(
        employer_id=by.employer_id,
        what=what.value,
        state=BatchState.CHECKED.value,
        title=f"{len(known)} selected authorization{'' if len(known) == 1 else 's'}",
        order={**usual, **order},
        created_by_id=by.user_id,
    )
    rows = [
        BatchRow(
            employer_id=by.employer_id,
            batch_id=batch.pk,
            line=line,
            subject_id=pk,
            state=RowState.WRONG.value,
        )
        for line, pk in enumerate(known, start=1)
    ]
    WORK[what].check(batch, rows, by)
    return _begun(batch, rows, by)


@transaction.atomic
def go_on(batch: AuthorizationBatch, *, by: Viewer) -> AuthorizationBatch | None:
    """A list of the rows that one which is over did not do; None where it did all.

    Pressed again, it is the list begun before.
    """
    batch = locked(batch)
    not_done = batch.rows.exclude(state=RowState.MADE).order_by("line")
    if batch.state not in (BatchState.DONE, BatchState.CANCELLED) or not not_done.exists():
        return None
    pk = _pk(batch.pk, by)
    if there := _begun_before(pk, by):
        return there
    rest = AuthorizationBatch(
        pk=pk,
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
def submit(batch: AuthorizationBatch, *, by: Viewer, with_passes: bool = False) -> bool:
    """Have the good rows done in the background; False where it was submitted before.

    `with_passes`: each person's pass goes out once they are authorized.
    """
    batch = locked(batch)
    if batch.state != BatchState.CHECKED or not batch.rows.filter(state=RowState.GOOD).exists():
        return False
    batch.rows.filter(state=RowState.WRONG).update(state=RowState.LEFT_OUT)
    batch.state = BatchState.RUNNING.value
    batch.submitted_at = clock.now()
    batch.order[WITH_PASSES] = with_passes
    batch.save(update_fields=("state", "submitted_at", "order"))
    jobs.configure_task(RUN_JOB, queue=QUEUE).defer(
        employer_id=str(batch.employer_id), batch_id=str(batch.pk)
    )
    _audit(Action.BATCH_SUBMITTED, batch, by)
    return True


@transaction.atomic
def send_passes(batch: AuthorizationBatch, *, by: Viewer) -> bool:
    """Send the passes of a list that is over; False where they were sent with it, or before."""
    batch = locked(batch)
    made = batch.rows.filter(state=RowState.MADE).exclude(made=None)
    ids = list(made.order_by("line").values_list("made_id", flat=True))
    if batch.finished_at is None or batch.order.get(WITH_PASSES) or not ids:
        return False
    batch.order[WITH_PASSES] = True
    batch.save(update_fields=("order",))
    authorizations.send_passes(ids, by=by)
    _audit(Action.BATCH_PASSES_SENT, batch, by)
    return True


@transaction.atomic
def stop(batch: AuthorizationBatch, *, by: Viewer) -> bool:
    """Do no more rows. What was done stays done; False where all is over."""
    batch = locked(batch)
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
    if by is None or not by.may(NEEDED[batch.what]):
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
    save_rows(batch, rows)
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


def _finish(batch: AuthorizationBatch, state: BatchState, note: str = "") -> None:
    batch.state, batch.note, batch.finished_at = state.value, note[:300], clock.now()
    batch.save(update_fields=("state", "note", "finished_at"))


def _audit(action: Action, batch: AuthorizationBatch, by: Viewer, **detail: Any) -> None:
    record(action, by=by.actor, employer_id=batch.employer_id, subject_id=batch.pk, **detail)
