"""What a center says of how far an order is: see hl7.status."""

from __future__ import annotations

from datetime import datetime

from clearwork.audit.actions import Actor
from clearwork.authorizations import answers
from clearwork.authorizations import changes as authorizations
from clearwork.authorizations.models import Authorization
from clearwork.authorizations.rules import Change, State
from clearwork.centers.models import MedicalCenter
from clearwork.exchange.hl7.status import ANSWERS, Status, StatusUpdate
from clearwork.exchange.meaning import day_of
from clearwork.foundation import clock
from clearwork.visits import actions as visits
from clearwork.visits.actions import News

_STATES = {
    "accepted": State.ACCEPTED,
    "refused": State.REFUSED,
    "checked_in": State.CHECKED_IN,
    "completed": State.COMPLETED,
    "no_show": State.NO_SHOW,
}


def hear(authorization: Authorization, update: StatusUpdate, center: MedicalCenter) -> None:
    at = update.at or clock.now()
    if answer := answered(update):
        by = Actor("center", center.pk)
        answers.hear(authorization, answer, by=by, actor=center.name, note=update.reason, at=at)
        return
    authorizations.hear_from_center(
        authorization,
        _STATES[update.status],
        by=Actor("center", center.pk),
        actor=center.name,
        note=update.reason,
        at=at,
    )
    if update.status in ("checked_in", "completed"):
        visits.note([_presence(authorization, update.status, at, center)])


def answered(update: StatusUpdate) -> Change | None:
    """Which answer to a request of ours it is; None for news of the center's own."""
    return Change(update.status) if update.status in ANSWERS.values() else None


def _presence(
    authorization: Authorization, status: Status, at: datetime, center: MedicalCenter
) -> News:
    """That someone came, or left again: of the visit that was going on."""
    day, left = day_of(at), status == "completed"
    if left:
        day = visits.day_to_check_out(authorization.pk, authorization.employer_id, day)
    return News(
        employer_id=authorization.employer_id,
        employee_id=authorization.employee_id,
        center_id=center.pk,
        kind=authorization.kind,
        day=day,
        authorization_id=authorization.pk,
        arrived_at=at,
        checked_out_at=at if left else None,
    )
