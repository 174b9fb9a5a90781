"""The history of what one contact receives, told: what, before and after, who and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from clearwork.access.decide import Viewer
from clearwork.accounts.models import User
from clearwork.audit.actions import Action
from clearwork.audit.models import AuditEvent
from clearwork.audit.queries import of_subject
from clearwork.company.rules import counted
from clearwork.employers.models import Contact
from clearwork.employers.rules import DecisionState, ReportType

_SHOWN = 20
_WHAT = {
    Action.SUBSCRIPTION_CHANGED: "Reports changed",
    Action.RELEASE_REQUESTED: "Documented request sent",
    Action.RELEASE_DECIDED: "Documented request decided",
    Action.RELEASE_DOWNLOADED: "Documented request read",
}


@dataclass(frozen=True)
class Told:
    at: datetime
    what: str
    before: str
    after: str
    by: str


def of_contact(viewer: Viewer, contact: Contact) -> list[Told]:
    """The latest changes of what this contact receives, newest first."""
    events = list(of_subject(viewer.employer_id, contact.pk, tuple(_WHAT))[:_SHOWN])
    actors = User.objects.in_bulk({event.actor_id for event in events if event.actor_id})
    return [
        Told(
            at=event.at,
            what=_WHAT[Action(event.action)],
            before=_words(event, "before"),
            after=_words(event, "after"),
            by=_by(event, actors),
        )
        for event in events
    ]


def _words(event: AuditEvent, when: str) -> str:
    detail = event.detail
    if event.action == Action.SUBSCRIPTION_CHANGED:
        changed = {*detail["added"], *detail["removed"]}
        return "; ".join(_of_type(kind, detail[when]) for kind in ReportType if kind in changed)
    kind, state = ReportType(detail["report_type"]).label, detail.get(when)
    return f"{kind}: {DecisionState(state).label.lower()}" if state else ""


def _of_type(kind: ReportType, counts: Mapping[str, int]) -> str:
    number = counts.get(kind, 0)
    return f"{kind.label}: {counted(number, 'worksite') if number else 'not received'}"


def _by(event: AuditEvent, actors: Mapping[UUID, User]) -> str:
    """The network's own people act in support's name."""
    actor = actors.get(event.actor_id) if event.actor_id else None
    if event.actor_kind == "user" and actor:
        return str(actor)
    return {"staff": "Support", "system": "Clearwork"}.get(event.actor_kind, "Someone else")
