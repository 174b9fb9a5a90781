"""What a center answers to a change or a cancellation of an order: done, or why it cannot be.

HL7 table 0119: CR and XR, as requested; UC and UX, unable. That it received our message is
another matter, see deliveries.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from clearwork.audit.actions import Action, Actor
from clearwork.authorizations import moves
from clearwork.authorizations.models import Authorization, AuthorizationEvent, Delivery
from clearwork.authorizations.rules import Change, Control

ASKED: Mapping[Change, Control] = {
    Change.CANCEL_DONE: Control.CANCEL,
    Change.CANCEL_REFUSED: Control.CANCEL,
    Change.CHANGE_DONE: Control.CHANGE,
    Change.CHANGE_REFUSED: Control.CHANGE,
}


def was_asked(authorization: Authorization, answer: Change) -> bool:
    """Whether this center was asked for what it answers."""
    return _last_asked(authorization, answer) is not None


@transaction.atomic
def hear(
    authorization: Authorization, answer: Change, *, by: Actor, actor: str, note: str, at: datetime
) -> bool:
    """Put a center's answer in the timeline; False where it says so again, or was not asked.

    It moves no state: the order is cancelled or changed here already.
    """
    (fresh,) = moves.locked(Authorization.objects.filter(pk=authorization.pk))
    asked = _last_asked(fresh, answer)
    said = AuthorizationEvent.objects.filter(
        employer_id=fresh.employer_id, authorization=fresh, change=answer
    )
    if asked is None or said.filter(id__gt=asked.pk).exists():
        return False
    moves.event_of(fresh, actor=actor, note=note, at=at, change=answer).save(force_insert=True)
    moves.audit(Action.AUTHORIZATION_ANSWERED, fresh, by, answer=answer.value)
    return True


def _last_asked(authorization: Authorization, answer: Change) -> Delivery | None:
    asked = Delivery.objects.filter(
        employer_id=authorization.employer_id,
        authorization=authorization,
        center_id=authorization.center_id,
        control=ASKED[answer],
    )
    return asked.defer("message").order_by("-id").first()
