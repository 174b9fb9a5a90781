"""Before a batch is submitted: its columns matched, its rows put right, its doubts accepted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q

from clearwork.access.decide import Viewer
from clearwork.bulk import queries
from clearwork.bulk.models import AuthorizationBatch, BatchRow
from clearwork.bulk.rules import CHUNK, OPEN_ROWS, WITH_PASSES, BatchState, RowState
from clearwork.bulk.storing import check_rows, locked
from clearwork.employers.rules import ChangedMeanwhile
from clearwork.foundation.text import prefix_end


@transaction.atomic
def set_order(batch: AuthorizationBatch, order: Mapping[str, Any], *, by: Viewer) -> None:
    """Say anew what is to be done; all rows are checked anew."""
    batch = locked(batch)
    if batch.state == BatchState.CHECKED:
        batch.order = {**batch.order, **order}
        batch.save(update_fields=("order",))
        check_rows(batch, list(batch.rows.order_by("line")), by)


@transaction.atomic
def set_columns(batch: AuthorizationBatch, columns: Sequence[str], *, by: Viewer) -> None:
    """Match the columns by hand; all rows are checked anew."""
    batch = locked(batch)
    if batch.state not in (BatchState.DRAFT, BatchState.CHECKED):
        return
    batch.columns = list(columns)
    batch.state = BatchState.CHECKED.value
    batch.order.pop("dates", None)
    check_rows(batch, list(batch.rows.order_by("line")), by)
    batch.save(update_fields=("columns", "state", "order"))


@transaction.atomic
def change_row(
    row: BatchRow,
    *,
    by: Viewer,
    shown: str,
    fixes: Mapping[str, str],
    answer: str = "",
    accepted: bool = False,
) -> BatchRow:
    """Correct one row and check it again, with those that spoke or speak of the same person.

    `shown` is row.seen of the page. Raises ChangedMeanwhile.
    """
    batch = locked(row.batch)
    fresh = batch.rows.get(pk=row.pk)
    if shown != fresh.seen:
        raise ChangedMeanwhile
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
    batch = locked(row.batch)
    fresh = BatchRow.objects.get(pk=row.pk)
    if batch.state == BatchState.CHECKED and fresh.state in OPEN_ROWS:
        fresh.state = RowState.LEFT_OUT.value if out else RowState.WRONG.value
        fresh.save(update_fields=("state",))
        _check_with_twins(batch, fresh, by)
    return fresh


@transaction.atomic
def accept_doubts(
    batch: AuthorizationBatch, *, by: Viewer, seen: int, with_passes: bool = False
) -> bool:
    """Have all rows done that are doubtful and no worse, if they are as many as were seen.

    `with_passes` is what the page says so far: it stays ticked until the list is submitted.
    """
    batch = locked(batch)
    if batch.state == BatchState.CHECKED:
        batch.order[WITH_PASSES] = with_passes
        batch.save(update_fields=("order",))
    doubtful = queries.doubts(batch).rows
    if batch.state != BatchState.CHECKED or len(doubtful) != seen:
        return False
    rows = batch.rows.filter(pk__in=doubtful)
    rows.update(accepted=True)
    check_rows(batch, list(rows.order_by("line")), by)
    return True


def _check_with_twins(batch: AuthorizationBatch, row: BatchRow, by: Viewer) -> None:
    before = row.key
    check_rows(batch, [row], by)
    twins = batch.rows.filter(_same(before) | _same(row.key), state__in=OPEN_ROWS)
    if others := list(twins.exclude(pk=row.pk).order_by("line")[:CHUNK]):
        # Together: a number that two rows give to different people is seen in neither alone.
        check_rows(batch, sorted([row, *others], key=lambda each: each.line), by)


def _same(key: str) -> Q:
    """Rows that may speak of the same person, or of another by the same number."""
    if not key.startswith("n"):
        return Q(key=key) & ~Q(key="")
    number = key.partition("|")[0] + "|"
    return Q(key__gte=number, key__lt=prefix_end(number))
