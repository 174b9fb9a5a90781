"""Authorizing many at once: the rows that actions.authorize makes, written set by set.

Each table is written by one statement, whatever the number of orders; a test compares the
rows with those of authorize, column by column.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from django.db import transaction

from clearwork.access.decide import Viewer
from clearwork.audit.actions import Action, event
from clearwork.audit.models import AuditEvent
from clearwork.authorizations import ordering
from clearwork.authorizations.actions import Order, facts
from clearwork.authorizations.deliveries import DELIVER_JOB
from clearwork.authorizations.dot import DotTest
from clearwork.authorizations.models import (
    Authorization,
    AuthorizationEvent,
    AuthorizedService,
    Delivery,
    DotTestOrder,
)
from clearwork.authorizations.rules import NUMBER_PREFIX
from clearwork.database import fast
from clearwork.foundation.ids import new_control_id, new_number

# procrastinate's own function for deferring: one call, and its jobs are named by one array.
_DEFER = """
    SELECT procrastinate_defer_jobs_v1(array_agg(
        ('delivery', %s, 0, NULL, NULL,
         jsonb_build_object('employer_id', %s::text, 'delivery_id', id::text),
         NULL)::procrastinate_job_to_defer_v1))
    FROM unnest(%s::uuid[]) AS id
"""


@transaction.atomic
def authorize_many(orders: Sequence[Order], *, by: Viewer) -> list[Authorization]:
    """As many authorizations as orders, in their order, with all that belongs to each.

    Raises ordering.IncompleteOrder as authorize does, before anything is written.
    """
    for order in orders:
        ordering.require_dot_data(order)
    made = [_authorization(order, by) for order in orders]
    pairs = list(zip(made, orders, strict=True))
    services = [row for one, order in pairs for row in _services(one, order)]
    dot_tests = [_dot_test(one, order.dot) for one, order in pairs if order.dot]
    deliveries = [_delivery(one) for one in made if one.center_id]
    audit = [_created(one, by) for one in made] + [_requested(one, by) for one in deliveries]
    with fast.together():
        fast.insert_many(made)
        fast.insert_many(services)
        fast.insert_many(dot_tests)
        fast.insert_many([_event(one, by) for one in made])
        fast.insert_many(deliveries)
        fast.insert_many(audit)
        if deliveries:
            ids = [delivery.pk for delivery in deliveries]
            fast.execute(_DEFER, [DELIVER_JOB, str(by.employer_id), ids])
    return made


def _authorization(order: Order, by: Viewer) -> Authorization:
    return Authorization(
        employer_id=by.employer_id,
        number=new_number(NUMBER_PREFIX),
        created_by_id=by.user_id,
        submission=order.submission,
        **facts(order),
    )


def _services(authorization: Authorization, order: Order) -> list[AuthorizedService]:
    return [
        AuthorizedService(
            employer_id=authorization.employer_id,
            authorization_id=authorization.pk,
            service_id=service.pk,
        )
        for service in order.services
    ]


def _dot_test(authorization: Authorization, test: DotTest) -> DotTestOrder:
    return DotTestOrder(
        employer_id=authorization.employer_id, authorization_id=authorization.pk, **asdict(test)
    )


def _event(authorization: Authorization, by: Viewer) -> AuthorizationEvent:
    return AuthorizationEvent(
        employer_id=authorization.employer_id,
        authorization_id=authorization.pk,
        state=authorization.state,
        at=authorization.state_since,
        actor=by.name[:200],
    )


def _delivery(authorization: Authorization) -> Delivery:
    return Delivery(
        employer_id=authorization.employer_id,
        authorization_id=authorization.pk,
        center_id=authorization.center_id,
        control_id=new_control_id(),
    )


def _created(authorization: Authorization, by: Viewer) -> AuditEvent:
    return event(
        Action.AUTHORIZATION_CREATED,
        by=by.actor,
        employer_id=authorization.employer_id,
        subject_id=authorization.pk,
    )


def _requested(delivery: Delivery, by: Viewer) -> AuditEvent:
    return event(
        Action.DELIVERY_REQUESTED,
        by=by.actor,
        employer_id=delivery.employer_id,
        subject_id=delivery.authorization_id,
        delivery=str(delivery.pk),
    )
