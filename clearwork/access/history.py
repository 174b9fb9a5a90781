"""The history of access, told: who did what to whom, before and after. Names as of today."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from clearwork.access.decide import Viewer
from clearwork.access.words import joined
from clearwork.accounts.models import Role, User
from clearwork.audit.actions import Action
from clearwork.audit.models import AuditEvent
from clearwork.audit.queries import ACCESS_CHANGES, of_employer, of_subject
from clearwork.employers.models import Contact, Worksite

_SHOWN = 50
_ON_CONTACT = (*ACCESS_CHANGES, Action.CONTACT_CHANGED, Action.NOTIFICATIONS_CHANGED)
_WHAT = {
    Action.ACCESS_INVITED: "Invited",
    Action.ACCESS_INVITATION_REVOKED: "Invitation revoked",
    Action.ACCESS_ACCEPTED: "Accepted the invitation",
    Action.ACCESS_ROLE_CHANGED: "Role changed",
    Action.ACCESS_TURNED_OFF: "Access turned off",
    Action.ACCESS_TURNED_ON: "Access turned on",
    Action.ACCESS_GRANTED: "Visit activity changed",
    Action.ACCESS_REVIEWED: "Access confirmed",
    Action.ACCESS_PREVIEWED: "Previewed what this person sees",
    Action.ACCESS_REQUESTED: "Asked for access",
    Action.ACCESS_REQUEST_APPROVED: "Request approved",
    Action.ACCESS_REQUEST_DECLINED: "Request declined",
    Action.CONTACT_CHANGED: "Contact changed",
    Action.NOTIFICATIONS_CHANGED: "Email notifications changed",
}
_COLUMNS = (
    "When (UTC)",
    "What",
    "Person",
    "Before",
    "After",
    "By",
    "Action",
    "Event id",
    "Subject id",
    "By kind",
    "By id",
)


@dataclass(frozen=True)
class Told:
    """One event in words; the ids stay beside, for names change."""

    at: datetime
    what: str
    person: str
    before: str
    after: str
    by: str
    event: AuditEvent

    @property
    def cells(self) -> tuple[object, ...]:
        ids = (self.event.action, self.event.pk, self.event.subject_id)
        by = (self.event.actor_kind, self.event.actor_id)
        told = (self.at.isoformat(), self.what, self.person, self.before, self.after, self.by)
        return (*told, *ids, *by)


def of_contact(viewer: Viewer, contact: Contact) -> list[Told]:
    """The latest changes of one contact's access."""
    return _told(viewer, of_subject(viewer.employer_id, contact.pk, _ON_CONTACT)[:_SHOWN])


def table(viewer: Viewer) -> tuple[Sequence[str], list[tuple[object, ...]]]:
    """The employer's whole history of access, as columns and rows."""
    events = of_employer(viewer.employer_id, ACCESS_CHANGES)
    return _COLUMNS, [told.cells for told in _told(viewer, events)]


def _told(viewer: Viewer, events: Iterable[AuditEvent]) -> list[Told]:
    events = list(events)
    contacts = Contact.objects.filter(employer_id=viewer.employer_id)
    people = contacts.in_bulk({e.subject_id for e in events if e.subject_id})
    actors = User.objects.in_bulk({e.actor_id for e in events if e.actor_id})
    sites = {str(s.pk): s.name for s in Worksite.objects.filter(employer_id=viewer.employer_id)}
    return [
        Told(
            at=event.at,
            what=_what(event),
            person=str(people.get(event.subject_id, "")),
            before=_words(event.detail.get("before"), sites),
            after=_words(_after(event.detail), sites),
            by=_by(event, actors),
            event=event,
        )
        for event in events
    ]


def _what(event: AuditEvent) -> str:
    what = _WHAT.get(Action(event.action), event.action)
    change, fields = event.detail.get("change"), event.detail.get("fields")
    if not change:
        return what
    named = f": {joined([field.replace('_', ' ') for field in fields])}" if fields else ""
    return f"Contact {change}{named}"


def _after(detail: Mapping[str, Any]) -> Any:
    return detail.get("after", detail.get("role"))


def _words(value: Any, sites: Mapping[str, str]) -> str:
    if isinstance(value, bool):
        return "On" if value else "Off"
    if isinstance(value, dict):
        return _activity(value, sites)
    return Role(value).label if value in Role.values else str(value or "")


def _activity(value: Mapping[str, Any], sites: Mapping[str, str]) -> str:
    """What accounts.actions.VisitActivity wrote."""
    kinds = [kind.replace("_", "-") for kind in ("injury", "non_injury") if value.get(kind)]
    if not kinds:
        return "No visit activity"
    ids = value.get("worksites")
    where = "all worksites" if ids is None else joined([sites.get(i, i) for i in ids])
    only = ", restrictions only" if value.get("restrictions_only") else ""
    said = f"{joined(kinds)} at {where or 'no worksite'}{only}"
    return said[0].upper() + said[1:]


def _by(event: AuditEvent, actors: Mapping[UUID, User]) -> str:
    """The network's own people act in support's name."""
    user = actors.get(event.actor_id) if event.actor_id else None
    if event.actor_kind == "user" and user:
        return str(user)
    return {"staff": "Support", "system": "Clearwork"}.get(event.actor_kind, "Someone else")
