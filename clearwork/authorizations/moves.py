"""Moving authorizations from state to state, with the line of the timeline that says so.

Callers open the transaction, lock and decide (rules.py), and write the audit with these.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from clearwork.audit.actions import Action, Actor, event, record
from clearwork.audit.models import AuditEvent
from clearwork.authorizations.models import Authorization, AuthorizationEvent
from clearwork.authorizations.rules import Change, State, may_become
from clearwork.foundation import clock

_ACTOR_LENGTH = 200
_NOTE_LENGTH = 500


def locked(authorizations: QuerySet[Authorization]) -> list[Authorization]:
    """The rows, fresh and locked; by id, so that no two who lock many wait for each other."""
    return list(authorizations.select_for_update(of=("self",)).order_by("id"))


def change_state(
    authorization: Authorization,
    wanted: State,
    *,
    actor: str,
    note: str = "",
    at: datetime | None = None,
) -> bool:
    """Move a locked, fresh row to `wanted` where the rules allow it, with its event."""
    fresh = Authorization.objects.select_for_update().only("state").get(pk=authorization.pk)
    if not may_become(State(fresh.state), wanted):
        return False
    authorization.state = wanted
    authorization.state_since = clock.now()
    authorization.save(update_fields=("state", "state_since"))
    add_event(authorization, actor=actor, note=note, at=at)
    return True


def move_all(authorizations: Sequence[Authorization], wanted: State) -> None:
    """Move locked rows whose move was allowed. Their events are the caller's."""
    now = clock.now()
    for authorization in authorizations:
        authorization.state, authorization.state_since = wanted, now
    Authorization.objects.filter(pk__in=[one.pk for one in authorizations]).update(
        state=wanted, state_since=now
    )


def event_of(
    authorization: Authorization,
    *,
    actor: str,
    note: str = "",
    at: datetime | None = None,
    change: Change | None = None,
) -> AuthorizationEvent:
    """An unsaved line of the timeline: the state it has now, and what changed."""
    return AuthorizationEvent(
        employer_id=authorization.employer_id,
        authorization=authorization,
        state=authorization.state,
        change=change or "",
        at=at or authorization.state_since,
        actor=actor[:_ACTOR_LENGTH],
        note=note[:_NOTE_LENGTH],
    )


def add_event(
    authorization: Authorization, *, actor: str, note: str = "", at: datetime | None = None
) -> None:
    event_of(authorization, actor=actor, note=note, at=at).save(force_insert=True)


def audit(action: Action, authorization: Authorization, by: Actor, **detail: str) -> None:
    record(
        action,
        by=by,
        employer_id=authorization.employer_id,
        center_id=by.id if by.kind == "center" else None,
        subject_id=authorization.pk,
        **detail,
    )


def audit_all(
    action: Action, authorizations: Sequence[Authorization], by: Actor, **detail: Any
) -> None:
    AuditEvent.objects.bulk_create(
        event(action, by=by, employer_id=one.employer_id, subject_id=one.pk, **detail)
        for one in authorizations
    )
