"""Batches of the cast's people, for the stories of this folder."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast

from django.http import HttpResponse
from django.test import Client

from clearwork.authorizations.models import Authorization
from clearwork.authorizations.rules import Modality, Reason
from clearwork.bulk import actions, jobs
from clearwork.bulk.models import AuthorizationBatch, BatchRow
from clearwork.bulk.rules import BatchState, RowState, What, fields_of
from clearwork.bulk.terms import Terms, to_json
from clearwork.database import scope
from clearwork.foundation import clock
from clearwork.sheets.headers import match
from clearwork.sheets.reading import read_pasted
from tests.cast import Cast, Person

HEAD = "Employee number,Last name,First name,DOB,Worksite"


def terms(cast: Cast, **changes: Any) -> Terms:
    """Alice's usual order, for many."""
    order = cast.order(**changes)
    return Terms(
        modality=order.modality,
        reason=order.reason,
        services=order.services,
        center=order.center,
        valid_from=clock.today(),
        expires=clock.today() + timedelta(days=30),
        worksite=cast.plant.pk,
        dot=order.dot,
        billing_note=order.billing_note,
        center_note=order.center_note,
    )


def columns_of(headers: Sequence[str], what: What = What.AUTHORIZE) -> list[str]:
    return [key or "" for key in match(headers, fields_of(what)).keys]


def begin(
    cast: Cast, text: str, *, by: Person | None = None, what: What = What.AUTHORIZE, **changes: Any
) -> AuthorizationBatch:
    table = read_pasted(text)
    someone = (by or cast.alice).viewer
    with scope.acting_as(scope.employer(someone.employer_id)):
        return actions.begin(
            by=someone,
            what=what,
            title="people.csv",
            order=to_json(terms(cast, **changes)) if what == What.AUTHORIZE else {},
            table=table,
            columns=columns_of(table.headers, what),
        )


def drivers(count: int, *, start: int = 0) -> list[str]:
    """Rows of so many new people."""
    return [
        f"D-{n},Driver{n},Given{n % 97},{1 + n % 12:02}/{13 + n % 15}/{1960 + n % 40},Plant 4"
        for n in range(start, start + count)
    ]


def sheet(*rows: str, head: str = HEAD) -> str:
    return "\n".join([head, *rows])


def finished(authorization: Authorization) -> BatchRow:
    """The one row of a list that its maker submitted, and that became this authorization."""
    one, today = authorization, clock.today()
    own = {"employer_id": one.employer_id}
    said = Terms(
        modality=Modality(one.modality),
        reason=Reason(one.reason),
        services=list(one.services.all()),
        center=one.center,
        valid_from=today,
        expires=today,
    )
    facts = {
        "what": What.AUTHORIZE,
        "state": BatchState.DONE,
        "order": to_json(said),
        "headers": ["Employee number"],
        "columns": ["employee_number"],
        "created_by_id": one.created_by_id,
        "finished_at": clock.now(),
    }
    batch, _ = AuthorizationBatch.objects.get_or_create(**own, title=one.number, defaults=facts)
    row, _ = BatchRow.objects.get_or_create(
        **own,
        batch=batch,
        line=2,
        defaults={"state": RowState.MADE, "cells": ["N-1"], "made": one},
    )
    return row


def save(client: Client, row: BatchRow, headers: Any = None, **typed: str) -> HttpResponse:
    """Type this over the row as it is now, and press Save."""
    with scope.acting_as(scope.OPERATOR):
        seen = BatchRow.objects.select_related("batch").get(pk=row.pk).seen
    answer = client.post(f"/many/rows/{row.pk}/", {**typed, "seen": seen}, headers=headers)
    return cast(HttpResponse, answer)


def only() -> AuthorizationBatch:
    with scope.acting_as(scope.OPERATOR):
        return AuthorizationBatch.objects.get()


def rows(batch: AuthorizationBatch) -> list[BatchRow]:
    with scope.acting_as(scope.OPERATOR):
        return list(batch.rows.order_by("line"))


def count() -> int:
    with scope.acting_as(scope.OPERATOR):
        return Authorization.objects.count()


def work(batch: AuthorizationBatch) -> None:
    jobs.run_all(batch.employer_id, batch.pk)
