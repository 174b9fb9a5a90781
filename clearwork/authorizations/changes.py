"""What people and centers change of authorizations: cancel, extend, edit, the center's news.

One and many go the same way: what cannot be done is said of that one, and the others are
done. Who may see an authorization may change it (queries.authorizations).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F

from clearwork.access.decide import Viewer
from clearwork.audit.actions import Action, Actor
from clearwork.authorizations import deliveries, moves, ordering, queries
from clearwork.authorizations.actions import Order, add_dot_test, add_services, facts
from clearwork.authorizations.models import (
    Authorization,
    AuthorizationEvent,
    AuthorizedService,
    DotTestOrder,
)
from clearwork.authorizations.rules import (
    Change,
    State,
    extended,
    in_words,
    why_not_cancel,
    why_not_change,
    why_not_extend,
    why_not_until,
)
from clearwork.foundation import clock

NOT_THERE = "It is not on your list."
CHANGED_MEANWHILE = (
    "Someone else changed this authorization while you were editing. Nothing of yours was"
    " saved: look at it again, then make your change."
)


@dataclass
class Outcome:
    """Which were changed, and by id why the others were not."""

    done: list[Authorization] = field(default_factory=list)
    refused: dict[UUID, str] = field(default_factory=dict)


def cancel(authorization: Authorization, *, by: Viewer, reason: str = "") -> str:
    """Cancel while nobody has been seen yet; else why not, in words. "" when done."""
    outcome = cancel_many([authorization.pk], by=by, reason=reason)
    return outcome.refused.get(authorization.pk, "")


@transaction.atomic
def cancel_many(ids: Collection[UUID], *, by: Viewer, reason: str = "") -> Outcome:
    """Cancel those that can be. Their centers are told, or never hear of them."""
    outcome = _locked(ids, by, lambda one: why_not_cancel(State(one.state)))
    moves.move_all(outcome.done, State.CANCELLED)
    _note(outcome.done, by, reason)
    moves.audit_all(Action.AUTHORIZATION_CANCELLED, outcome.done, by.actor)
    centers = {one.pk: one.center_id for one in outcome.done if one.center_id}
    deliveries.tell_of_cancellation(outcome.done, centers, by=by.actor)
    return outcome


def extend(authorization: Authorization, *, until: date, by: Viewer) -> str:
    """Make it valid until that day; one that ended unused is live again. "" or why not."""
    outcome = extend_many([authorization.pk], until=until, by=by)
    return outcome.refused.get(authorization.pk, "")


@transaction.atomic
def extend_many(ids: Collection[UUID], *, until: date, by: Viewer) -> Outcome:
    """Extend those that can be, to one last day. Their centers are told."""
    outcome = _locked(ids, by, lambda one: why_not_extended(one, until))
    known = deliveries.known_to_center(outcome.done)
    notes = {one.pk: _days(one.expires, until) for one in outcome.done}
    by_state: dict[State, list[Authorization]] = defaultdict(list)
    for one in outcome.done:
        one.expires = until
        after = extended(State(one.state), center_has_it=one.pk in known)
        if after != one.state:
            by_state[after].append(one)
    # Who edits it meanwhile has the day before in their form: they are told.
    changed = Authorization.objects.filter(pk__in=notes)
    changed.update(expires=until, revision=F("revision") + 1)
    for after, revived in by_state.items():
        moves.move_all(revived, after)
    _note(outcome.done, by, notes, change=Change.EXTENDED)
    moves.audit_all(Action.AUTHORIZATION_EXTENDED, outcome.done, by.actor, until=f"{until}")
    deliveries.tell_of_change(outcome.done, known, by=by.actor)
    return outcome


def why_not_extend_now(authorization: Authorization) -> str:
    """Whatever the day; "" where it can be extended."""
    center = authorization.center
    open_center = center is None or center.is_active
    return why_not_extend(State(authorization.state), center_is_open=open_center)


def why_not_extended(authorization: Authorization, until: date) -> str:
    return why_not_extend_now(authorization) or why_not_until(
        until, expires=authorization.expires, today=clock.today()
    )


@transaction.atomic
def change_order(authorization: Authorization, order: Order, *, by: Viewer, seen: int) -> str:
    """Replace what is ordered, until its center has accepted it; "" or why not.

    `seen` is the revision the editor saw. Before the center has the order it simply gets
    the new one; after, a change (ORC-1 `XO`). Another center gets a new order, and the
    one before hears of a cancellation.
    """
    found = moves.locked(queries.authorizations(by).filter(pk=authorization.pk))
    if not found:
        return NOT_THERE
    (fresh,) = found
    if fresh.revision != seen:
        return CHANGED_MEANWHILE
    if problem := why_not_change(State(fresh.state)):
        return problem
    ordering.require_dot_data(order)
    _replace(fresh, order, by)
    authorization.refresh_from_db()
    return ""


def _replace(fresh: Authorization, order: Order, by: Viewer) -> None:
    """Of a locked row that may be changed."""
    before = fresh.center_id
    if (order.center.pk if order.center else None) != before:
        if before:
            deliveries.tell_of_cancellation([fresh], {fresh.pk: before}, by=by.actor)
        moves.move_all([fresh], State.SUBMITTED)
    known = deliveries.known_to_center([fresh]) if fresh.state != State.SUBMITTED else set()
    for name, value in facts(order).items():
        setattr(fresh, name, value)
    fresh.revision += 1
    fresh.save()
    AuthorizedService.objects.filter(employer_id=fresh.employer_id, authorization=fresh).delete()
    add_services(fresh, order.services)
    DotTestOrder.objects.filter(employer_id=fresh.employer_id, authorization=fresh).delete()
    add_dot_test(fresh, order.dot)
    _note([fresh], by, "", change=Change.CHANGED)
    moves.audit(Action.AUTHORIZATION_EDITED, fresh, by.actor)
    deliveries.tell_of_change([fresh], known, by=by.actor)


@transaction.atomic
def hear_from_center(
    authorization: Authorization,
    state: State,
    *,
    by: Actor,
    actor: str,
    note: str = "",
    at: datetime,
) -> bool:
    """A center's news of an authorization. Late or repeated news changes nothing: False."""
    if not moves.change_state(authorization, state, actor=actor, note=note, at=at):
        return False
    moves.audit(Action.AUTHORIZATION_CHANGED, authorization, by, state=state.value)
    return True


def _locked(ids: Collection[UUID], by: Viewer, why_not: Callable[[Authorization], str]) -> Outcome:
    """Fresh, locked rows parted by the rule, before anything is changed."""
    found = moves.locked(queries.authorizations(by).filter(pk__in=ids).select_related("center"))
    missing = set(ids) - {one.pk for one in found}
    outcome = Outcome(refused=dict.fromkeys(missing, NOT_THERE))
    for one in found:
        if problem := why_not(one):
            outcome.refused[one.pk] = problem
        else:
            outcome.done.append(one)
    return outcome


def _note(
    changed: Sequence[Authorization],
    by: Viewer,
    notes: dict[UUID, str] | str,
    change: Change | None = None,
) -> None:
    now = clock.now()
    AuthorizationEvent.objects.bulk_create(
        moves.event_of(
            one,
            actor=by.name,
            note=notes if isinstance(notes, str) else notes[one.pk],
            at=now,
            change=change,
        )
        for one in changed
    )


def _days(before: date, until: date) -> str:
    return f"Valid until {in_words(until)}; before, until {in_words(before)}."
