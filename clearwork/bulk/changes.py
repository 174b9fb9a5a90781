"""Rows that are authorizations already: extending and cancelling what was selected."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from uuid import UUID

from clearwork.access.decide import Viewer
from clearwork.authorizations import changes, queries
from clearwork.authorizations.models import Authorization
from clearwork.authorizations.rules import (
    LONGEST_EXTENSION_DAYS,
    VALID_DAYS,
    State,
    why_not_cancel,
)
from clearwork.bulk.models import AuthorizationBatch, BatchRow
from clearwork.bulk.rules import RowState, What
from clearwork.foundation import clock


def check(batch: AuthorizationBatch, rows: Sequence[BatchRow], viewer: Viewer) -> None:
    """Say of each row why it cannot be done, if so."""
    seen = _seen(rows, viewer)
    for row in rows:
        found = seen.get(row.subject_id)
        problem = _why_not(batch, found) if found else changes.NOT_THERE
        row.problems = [["subject", problem]] if problem else []
        if row.state != RowState.LEFT_OUT:
            row.state = RowState.WRONG.value if problem else RowState.GOOD.value


def perform(batch: AuthorizationBatch, rows: Sequence[BatchRow], viewer: Viewer) -> str:
    """Do it to these rows; what became impossible meanwhile is skipped with its reason."""
    ids = [row.subject_id for row in rows if row.subject_id]
    if batch.what == What.EXTEND:
        outcome = changes.extend_many(ids, until=until(batch), by=viewer)
    else:
        outcome = changes.cancel_many(ids, by=viewer, reason=batch.order.get("reason", ""))
    done = {one.pk for one in outcome.done}
    for row in rows:
        if row.subject_id in done:
            row.state = RowState.MADE.value
        elif row.subject_id:
            row.state = RowState.SKIPPED.value
            text = outcome.refused.get(row.subject_id, changes.NOT_THERE)
            row.problems = [["subject", text]]
    return ""


def usual_until(chosen: Iterable[Authorization]) -> date:
    """As for one alone: the usual days after the last of them would end."""
    today = clock.today()
    days = (one.expires for one in chosen if not changes.why_not_extend_now(one))
    longest = today + timedelta(days=LONGEST_EXTENSION_DAYS)
    return min(max([today, *days]) + timedelta(days=VALID_DAYS), longest)


def until(batch: AuthorizationBatch) -> date:
    return date.fromisoformat(batch.order["until"])


def _seen(rows: Sequence[BatchRow], viewer: Viewer) -> dict[UUID | None, Authorization]:
    visible = queries.authorizations(viewer).select_related("center")
    return {one.pk: one for one in visible.filter(pk__in=[row.subject_id for row in rows])}


def _why_not(batch: AuthorizationBatch, found: Authorization) -> str:
    if batch.what == What.EXTEND:
        return changes.why_not_extended(found, until(batch))
    return why_not_cancel(State(found.state))
