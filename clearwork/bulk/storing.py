"""A batch's rows as they are checked and kept, whatever the batch is for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import batched
from typing import Any, Protocol

from clearwork.access.decide import Viewer
from clearwork.access.load import viewer_of
from clearwork.bulk import changes, orders, roster
from clearwork.bulk.models import AuthorizationBatch, BatchRow
from clearwork.bulk.queries import begun_by
from clearwork.bulk.rules import What
from clearwork.database import fast

STORED_AT_ONCE = 2_000
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


def locked(batch: AuthorizationBatch) -> AuthorizationBatch:
    return AuthorizationBatch.objects.select_for_update().get(
        employer_id=batch.employer_id, pk=batch.pk
    )


def check_rows(batch: AuthorizationBatch, rows: Sequence[BatchRow], by: Viewer) -> None:
    """Say of each row what is wrong with it today, and keep that."""
    fast.prefer_indexes()
    WORK[batch.what].check(batch, rows, _reader(batch, by))
    for some in batched(rows, STORED_AT_ONCE):
        save_rows(batch, some)


def _reader(batch: AuthorizationBatch, by: Viewer) -> Viewer:
    """Whoever began it reads what is said of a row: no more than they may know, though an Admin
    User corrects it."""
    access = begun_by(batch) if batch.created_by_id != by.user_id else None
    return viewer_of(access, access.user, access.employer) if access else by


def save_rows(batch: AuthorizationBatch, rows: Sequence[BatchRow]) -> None:
    """Keep what was found of these rows, and what they became, in one statement."""
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
