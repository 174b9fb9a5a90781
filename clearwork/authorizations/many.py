"""Authorizing many at once: the rows that actions.authorize makes, written set by set.

Each table is written by one statement, whatever the number of orders; a test compares the
rows with those of authorize, column by column.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import ForeignKey

from clearwork.access.decide import Viewer
from clearwork.audit.actions import Action
from clearwork.audit.models import AuditEvent
from clearwork.authorizations import ordering
from clearwork.authorizations.actions import Order, facts
from clearwork.authorizations.deliveries import start_now
from clearwork.authorizations.dot import DotTest
from clearwork.authorizations.models import (
    Authorization,
    AuthorizationEvent,
    AuthorizedService,
    Delivery,
    DotTestOrder,
)
from clearwork.authorizations.numbers import until_free
from clearwork.authorizations.rules import NUMBER_PREFIX, State
from clearwork.database import fast
from clearwork.foundation.ids import many_uuid7, new_control_id, new_number


def authorize_many(orders: Sequence[Order], *, by: Viewer) -> list[UUID]:
    """The ids of as many authorizations as orders, in their order, with all that belongs to each.

    Raises ordering.IncompleteOrder as authorize does, before anything is written.
    """
    for order in orders:
        ordering.require_dot_data(order)
    return until_free(partial(_written, orders, by))


def _written(orders: Sequence[Order], by: Viewer) -> list[UUID]:
    ids = many_uuid7(len(orders))
    pairs = list(zip(ids, orders, strict=True))
    with fast.together():
        _add_authorizations(ids, orders, by)
        _add_services(pairs, by)
        fast.insert_many([_dot_test(pk, order.dot, by) for pk, order in pairs if order.dot])
        _add_events(ids, by)
        _audit(Action.AUTHORIZATION_CREATED, ids, by)
        _deliver([(pk, order.center.pk) for pk, order in pairs if order.center], by)
    return ids


def _add_authorizations(ids: Sequence[UUID], orders: Sequence[Order], by: Viewer) -> None:
    said = [facts(order) for order in orders]
    columns: dict[str, Sequence[Any]] = {
        "id": ids,
        "employer_id": [by.employer_id] * len(ids),
        "number": [new_number(NUMBER_PREFIX) for _ in ids],
        "created_by_id": [by.user_id] * len(ids),
        "submission": [order.submission for order in orders],
    }
    for name in said[0] if said else ():
        column = [one[name] for one in said]
        if isinstance(Authorization._meta.get_field(name), ForeignKey):
            columns[f"{name}_id"] = [value and value.pk for value in column]
        else:
            columns[name] = column
    fast.insert_columns(Authorization, len(ids), columns)


def _add_services(pairs: Sequence[tuple[UUID, Order]], by: Viewer) -> None:
    ordered = [(pk, service.pk) for pk, order in pairs for service in order.services]
    columns = {
        "employer_id": [by.employer_id] * len(ordered),
        "authorization_id": [pk for pk, _ in ordered],
        "service_id": [service for _, service in ordered],
    }
    fast.insert_columns(AuthorizedService, len(ordered), columns)


def _add_events(ids: Sequence[UUID], by: Viewer) -> None:
    columns: dict[str, Sequence[Any]] = {
        "employer_id": [by.employer_id] * len(ids),
        "authorization_id": ids,
        "state": [State.SUBMITTED] * len(ids),
        "actor": [by.name[:200]] * len(ids),
    }
    fast.insert_columns(AuthorizationEvent, len(ids), columns)


def _dot_test(authorization_id: UUID, test: DotTest, by: Viewer) -> DotTestOrder:
    return DotTestOrder(
        employer_id=by.employer_id, authorization_id=authorization_id, **asdict(test)
    )


def _deliver(centers: Sequence[tuple[UUID, UUID]], by: Viewer) -> None:
    """Queue handing each authorization to its center."""
    if not centers:
        return
    ids, count = many_uuid7(len(centers)), len(centers)
    columns: dict[str, Sequence[Any]] = {
        "id": ids,
        "employer_id": [by.employer_id] * count,
        "authorization_id": [pk for pk, _ in centers],
        "center_id": [center for _, center in centers],
        "control_id": [new_control_id() for _ in ids],
    }
    fast.insert_columns(Delivery, count, columns)
    start_now(by.employer_id, ids)
    details = [{"delivery": str(pk)} for pk in ids]
    _audit(Action.DELIVERY_REQUESTED, [pk for pk, _ in centers], by, details)


def _audit(
    action: Action, subjects: Sequence[UUID], by: Viewer, details: Sequence[Any] = ()
) -> None:
    count = len(subjects)
    columns: dict[str, Sequence[Any]] = {
        "action": [action.value] * count,
        "actor_kind": [by.actor.kind] * count,
        "actor_id": [by.actor.id] * count,
        "employer_id": [by.employer_id] * count,
        "subject_id": subjects,
        "detail": details,
    }
    fast.insert_columns(AuditEvent, count, columns)
