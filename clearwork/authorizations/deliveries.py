"""Telling the medical center: a new order, its change, its cancellation.

What one center hears of one authorization it hears in the order of the deliveries: a
delivery behind another that is still on its way has no job, until that one arrived.
The message is made at the first try (see exchange.outbound): what changed before needs
no delivery of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from procrastinate.contrib.django import app as jobs
from procrastinate.types import JSONDict

from clearwork.access.decide import Viewer
from clearwork.audit.actions import SYSTEM, Action, Actor, event
from clearwork.audit.models import AuditEvent
from clearwork.authorizations import moves, queries
from clearwork.authorizations.models import Authorization, Delivery
from clearwork.authorizations.rules import Control, DeliveryState, State, has_ended, news_of_change
from clearwork.centers.models import MedicalCenter
from clearwork.database.jobs import defer_each
from clearwork.foundation import clock
from clearwork.foundation.ids import new_control_id

# Named, not imported: the exchange app stands above this one.
DELIVER_JOB = "exchange.deliver"
_QUEUE = "delivery"
# A try that is under way has ended by then: outbound waits no longer for an answer.
LONGEST_TRY = timedelta(seconds=40)
_ERROR_LENGTH = 300


def first_delivery(authorization: Authorization, *, by: Viewer) -> tuple[Delivery, AuditEvent]:
    """Unsaved: a new order's way to its center, and the audit of asking for it; see start_now."""
    assert authorization.center_id is not None  # noqa: S101 - narrows the type
    delivery = Delivery(
        employer_id=authorization.employer_id,
        authorization_id=authorization.pk,
        center_id=authorization.center_id,
        control_id=new_control_id(),
    )
    return delivery, event(
        Action.DELIVERY_REQUESTED,
        by=by.actor,
        employer_id=delivery.employer_id,
        subject_id=delivery.authorization_id,
        delivery=str(delivery.pk),
    )


def start_now(employer_id: UUID, delivery_ids: Sequence[UUID]) -> None:
    """Queue the jobs of saved deliveries of one employer, in one statement sent with others."""
    defer_each(DELIVER_JOB, "delivery_id", delivery_ids, queue=_QUEUE, employer_id=str(employer_id))


def known_to_center(authorizations: Sequence[Authorization]) -> set[UUID]:
    """Those whose center has the order: it said so, or spoke of it already."""
    told = Delivery.objects.filter(
        authorization__in=authorizations, state=DeliveryState.ACKNOWLEDGED
    ).exclude(control=Control.CANCEL)
    pairs = set(told.values_list("authorization_id", "center_id"))
    spoke = (State.DELIVERED, State.ACCEPTED, State.NO_SHOW)
    return {
        one.pk
        for one in authorizations
        if one.center_id and (one.state in spoke or (one.pk, one.center_id) in pairs)
    }


def tell_of_change(
    authorizations: Sequence[Authorization], known: Collection[UUID], *, by: Actor
) -> None:
    """Have the centers of these locked, changed rows hear of it. `known`: see known_to_center."""
    queued = _queued(authorizations)
    waves: dict[tuple[Control, bool], list[Authorization]] = defaultdict(list)
    for one in authorizations:
        if one.center_id is None:
            continue
        here = [d for d in queued.get(one.pk, ()) if d.center_id == one.center_id]
        tried = [d.was_tried for d in here if d.control != Control.CANCEL]
        if control := news_of_change(known=one.pk in known, queued_tried=tried):
            waves[control, bool(here)].append(one)
    for (control, waits), wave in waves.items():
        _request(wave, control, by=by, start=not waits)


def tell_of_cancellation(
    authorizations: Sequence[Authorization], centers: Mapping[UUID, UUID], *, by: Actor
) -> None:
    """Withdraw what these centers (by the authorizations' ids) have not got; tell who may have it.

    A try that is under way is let end first, so that the cancellation comes last.
    """
    past = Delivery.objects.filter(authorization__in=authorizations).exclude(control=Control.CANCEL)
    past = past.defer("message").select_for_update(of=("self",)).order_by("id")
    to_tell: dict[UUID, datetime | None] = {}
    for delivery in past:
        if centers.get(delivery.authorization_id) == delivery.center_id and delivery.was_tried:
            since = delivery.trying_since or to_tell.get(delivery.authorization_id)
            to_tell[delivery.authorization_id] = since
    withdraw(authorizations)
    waves: dict[datetime | None, list[Authorization]] = defaultdict(list)
    for one in authorizations:
        if one.pk in to_tell:
            waves[to_tell[one.pk]].append(one)
    for since, wave in waves.items():
        after = since + LONGEST_TRY if since else None
        _request(wave, Control.CANCEL, by=by, centers=centers, after=after)


def withdraw(authorizations: Iterable[Authorization]) -> None:
    """Orders and changes that need not arrive any more. Cancellations still must."""
    _withdraw(Delivery.objects.filter(authorization__in=list(authorizations)))


def resend(authorization: Authorization, *, by: Viewer) -> bool:
    """Send again what did not reach its center; False where nothing failed or all is over."""
    with transaction.atomic():
        (locked,) = moves.locked(Authorization.objects.filter(pk=authorization.pk))
        failed = queries.open_delivery(locked)
        if failed is None or failed.state != DeliveryState.FAILED:
            return False
        control = Control(failed.control)
        if has_ended(State(locked.state)) and control != Control.CANCEL:
            return False
        _request([locked], control, by=by.actor, centers={locked.pk: failed.center_id})
    return True


@transaction.atomic
def delivery_acknowledged(delivery: Delivery, *, center: MedicalCenter) -> None:
    """The center has it. What waited behind it goes now."""
    was_wanted = delivery.state == DeliveryState.QUEUED
    delivery.attempts += 1
    delivery.last_error = ""
    _finish(delivery, DeliveryState.ACKNOWLEDGED)
    if was_wanted and delivery.control == Control.NEW:
        moves.change_state(delivery.authorization, State.DELIVERED, actor=center.name)
    moves.audit(Action.DELIVERY_ACKNOWLEDGED, delivery.authorization, SYSTEM)
    following = _behind(delivery).order_by("id").first()
    if following is not None:
        _start([following])


@transaction.atomic
def delivery_attempt_failed(delivery: Delivery, *, error: str, last: bool) -> None:
    """Note a failed attempt. After the last one a person sees it and can send again."""
    delivery.attempts += 1
    delivery.last_error = error[:_ERROR_LENGTH]
    delivery.trying_since = None
    if not last:
        delivery.save(update_fields=("attempts", "last_error", "trying_since"))
        return
    _finish(delivery, DeliveryState.FAILED)
    _end_behind(delivery)
    moves.audit(Action.DELIVERY_FAILED, delivery.authorization, SYSTEM)


def center_of_queued(delivery_id: UUID) -> UUID | None:
    """Whom it is to be told, where it still is."""
    queued = Delivery.objects.filter(pk=delivery_id, state=DeliveryState.QUEUED)
    return queued.values_list("center_id", flat=True).first()


def note_put_off(delivery_id: UUID, *, why: str) -> None:
    """What was never tried says why it waits. It is no try: the center cannot have it."""
    untried = Delivery.objects.filter(pk=delivery_id, state=DeliveryState.QUEUED, attempts=0)
    untried.exclude(last_error=why).update(last_error=why)


@transaction.atomic
def begin_try(delivery: Delivery, message: bytes) -> None:
    """Keep what is about to be sent: every try of this delivery is the same to the byte."""
    delivery.message = message
    delivery.trying_since = clock.now()
    delivery.save(update_fields=("message", "trying_since"))


def end_try(delivery: Delivery) -> None:
    """A try of a withdrawn delivery failed, which is as well."""
    delivery.trying_since = None
    delivery.save(update_fields=("trying_since",))


def _request(
    authorizations: Sequence[Authorization],
    control: Control,
    *,
    by: Actor,
    centers: Mapping[UUID, UUID] | None = None,
    start: bool = True,
    after: datetime | None = None,
) -> None:
    requested = Delivery.objects.bulk_create(
        Delivery(
            employer_id=one.employer_id,
            authorization=one,
            center_id=(centers or {}).get(one.pk, one.center_id),
            control=control,
            control_id=new_control_id(),
        )
        for one in authorizations
    )
    if start:
        _start(requested, after=after)
    AuditEvent.objects.bulk_create(
        event(
            Action.DELIVERY_REQUESTED,
            by=by,
            employer_id=delivery.employer_id,
            subject_id=delivery.authorization_id,
            delivery=str(delivery.pk),
        )
        for delivery in requested
    )


def _start(deliveries: Sequence[Delivery], *, after: datetime | None = None) -> None:
    if not deliveries:
        return
    task = jobs.configure_task(DELIVER_JOB, queue=_QUEUE, schedule_at=after)
    ids: list[JSONDict] = [
        {"employer_id": str(each.employer_id), "delivery_id": str(each.pk)} for each in deliveries
    ]
    task.batch_defer(*ids)


def _queued(authorizations: Sequence[Authorization]) -> dict[UUID, list[Delivery]]:
    """What is on its way, locked, by authorization."""
    found = Delivery.objects.filter(authorization__in=authorizations, state=DeliveryState.QUEUED)
    by_authorization: dict[UUID, list[Delivery]] = defaultdict(list)
    for delivery in found.defer("message").select_for_update(of=("self",)).order_by("id"):
        by_authorization[delivery.authorization_id].append(delivery)
    return by_authorization


def _behind(delivery: Delivery) -> QuerySet[Delivery]:
    return Delivery.objects.filter(
        employer_id=delivery.employer_id,
        authorization_id=delivery.authorization_id,
        center_id=delivery.center_id,
        state=DeliveryState.QUEUED,
        id__gt=delivery.pk,
    )


def _end_behind(failed: Delivery) -> None:
    """Sending an order again tells all there is to tell.

    Of a cancellation's it would not tell the order that came back to its center meanwhile: that
    failed, too, and is what a person sees and sends again.
    """
    behind = _behind(failed)
    if failed.control != Control.CANCEL:
        _withdraw(behind)
        return
    behind.update(state=DeliveryState.FAILED, last_error=failed.last_error, finished_at=clock.now())


def _withdraw(deliveries: QuerySet[Delivery]) -> None:
    unsent = deliveries.filter(state=DeliveryState.QUEUED).exclude(control=Control.CANCEL)
    unsent.update(state=DeliveryState.WITHDRAWN, finished_at=clock.now(), message=None)


def _finish(delivery: Delivery, state: DeliveryState) -> None:
    delivery.state = state
    delivery.finished_at = clock.now()
    delivery.message = delivery.trying_since = None
    delivery.save()
