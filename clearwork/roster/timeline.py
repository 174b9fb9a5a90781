"""Everything about one employee in one line of time, as the viewer may see it.

Each source gives at most one row more than a page, so that a page costs the same
however long the story is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.urls import reverse

from clearwork.access.decide import Viewer
from clearwork.access.permissions import Permission
from clearwork.accounts.models import User
from clearwork.audit.actions import Action
from clearwork.audit.models import AuditEvent
from clearwork.audit.queries import of_subject
from clearwork.authorizations.models import AuthorizationEvent
from clearwork.authorizations.queries import authorizations
from clearwork.authorizations.rules import Change, State, in_words
from clearwork.database.paging import PAGE_SIZE, cursor, newest_after
from clearwork.foundation.choices import LabelledEnum
from clearwork.passes.models import Sending
from clearwork.passes.rules import LOST, Purpose, Recipient, SendingState
from clearwork.people.models import Employee
from clearwork.results import queries as results
from clearwork.results.models import Report
from clearwork.visits import queries as visits
from clearwork.visits.models import Visit, WorkStatus


class Show(LabelledEnum):
    """What of the story one looks at."""

    EVERYTHING = "", "Everything"
    AUTHORIZATIONS = "authorizations", "Authorizations"
    PASSES = "passes", "Passes and links"
    VISITS = "visits", "Visits"
    REPORTS = "reports", "Results and reports"
    RECORD = "record", "Record changes"


@dataclass(frozen=True)
class Entry:
    """What ui/_timeline.html draws."""

    id: UUID
    at: datetime
    label: str
    icon: str = ""
    state: str = ""
    actor: str = ""
    note: str = ""
    url: str = ""


@dataclass(frozen=True)
class Page:
    """`next` continues after the last entry; "" on the last page."""

    entries: list[Entry]
    next: str


type Source = Callable[[Viewer, Employee, str], Iterable[Entry]]


def page(viewer: Viewer, employee: Employee, show: str, after: str) -> Page:
    """Newest first, after the cursor `after`; from the start for one that makes no sense."""
    chosen = [source for kind, source in _sources(viewer).items() if show in ("", kind)]
    found = [entry for source in chosen for entry in source(viewer, employee, after)]
    found.sort(key=lambda entry: (entry.at, entry.id), reverse=True)
    shown = found[:PAGE_SIZE]
    more = len(found) > PAGE_SIZE
    return Page(shown, cursor(shown[-1].at, shown[-1].id) if more else "")


def choices(viewer: Viewer) -> list[tuple[str, str]]:
    """The kinds of entry this viewer may see at all."""
    kinds = _sources(viewer)
    return [(show.value, show.label) for show in Show if show in ("", *kinds)]


def _sources(viewer: Viewer) -> dict[str, Source]:
    found: dict[str, Source] = {Show.AUTHORIZATIONS: _authorizations, Show.PASSES: _passes}
    if viewer.may(Permission.RESULT_READ):
        found[Show.VISITS] = _visits
        found[Show.REPORTS] = _reports
    if viewer.may(Permission.AUDIT_READ):
        found[Show.RECORD] = _record
    return found


def _authorizations(viewer: Viewer, employee: Employee, after: str) -> Iterable[Entry]:
    events = AuthorizationEvent.objects.filter(
        employer_id=viewer.employer_id,
        authorization__in=authorizations(viewer).filter(employee=employee),
    )
    newest = newest_after(events.select_related("authorization"), "at", after)
    return [_of_event(event) for event in newest[: PAGE_SIZE + 1]]


def _of_event(event: AuthorizationEvent) -> Entry:
    order = event.authorization
    what = Change(event.change).label if event.change else State(event.state).label
    return Entry(
        id=event.pk,
        at=event.at,
        label=f"Authorization {order.number}: {what.lower()}",
        icon="pencil" if event.change else "",
        state=event.state,
        actor=event.actor,
        note=event.note,
        url=reverse("authorizations:detail", args=(order.pk,)),
    )


def _passes(viewer: Viewer, employee: Employee, after: str) -> Iterable[Entry]:
    """Each time a link to one of their authorizations was sent, to them or to someone named."""
    links = Sending.objects.filter(
        employer_id=viewer.employer_id,
        purpose=Purpose.LINK,
        of__authorization__in=authorizations(viewer).filter(employee=employee),
    )
    found = links.select_related("of__authorization", "of__made_by")
    newest = newest_after(found, "requested_at", after)
    return [_of_sending(sending) for sending in newest[: PAGE_SIZE + 1]]


def _of_sending(sending: Sending) -> Entry:
    issued, order = sending.of, sending.of.authorization
    to = "the employee" if issued.recipient == Recipient.EMPLOYEE else issued.name
    times = issued.times_opened
    opened = f"Opened {times} time{'s' if times > 1 else ''} so far" if times else ""
    is_lost = sending.state in LOST
    return Entry(
        id=sending.pk,
        at=sending.requested_at,
        label=f"Authorization {order.number} sent to {to}",
        icon="mail",
        actor=str(issued.made_by),
        note=SendingState(sending.state).label if is_lost else opened,
        url=reverse("authorizations:detail", args=(order.pk,)),
    )


def _visits(viewer: Viewer, employee: Employee, after: str) -> Iterable[Entry]:
    found = visits.in_full(viewer).filter(employee=employee)
    newest = newest_after(found, "arrived_at", after)
    return [_of_visit(visit) for visit in newest[: PAGE_SIZE + 1]]


def _of_visit(visit: Visit) -> Entry:
    given = list(visit.given)  # type: ignore[attr-defined] # queries.in_full
    return Entry(
        id=visit.pk,
        at=visit.arrived_at,
        label=f"{visit.get_kind_display()} visit",
        icon="stethoscope",
        actor=visit.center.name,
        note=_duty(visit, given[0]) if given else "",
        url=reverse("visits:visit", args=(visit.pk,)),
    )


def _duty(visit: Visit, given: WorkStatus) -> str:
    from_then = f" from {in_words(given.starts)}" if given.starts > visit.visited_on else ""
    return f"{given.get_duty_display()}{from_then}"


def _reports(viewer: Viewer, employee: Employee, after: str) -> Iterable[Entry]:
    found = results.reports(viewer).filter(employee=employee).select_related("center")
    newest = newest_after(found, "posted_at", after)
    return [_of_report(report) for report in newest[: PAGE_SIZE + 1]]


def _of_report(report: Report) -> Entry:
    return Entry(
        id=report.pk,
        at=report.posted_at,
        label=f"{report.title} received",
        icon="report-medical",
        actor=report.center.name,
        note=f"{report.get_kind_display()} visit",
        url=reverse("results:report", args=(report.pk,)),
    )


_RECORD = {
    Action.EMPLOYEE_ADDED: ("Added to the employee list", "user-plus"),
    Action.EMPLOYEE_CHANGED: ("Record changed", "pencil"),
    Action.EMPLOYEE_LEFT: ("Left the company", "user-minus"),
    Action.EMPLOYEE_RETURNED: ("Back at the company", "user-check"),
    Action.EMPLOYEES_MERGED: ("Merged with another record of this person", "arrows-join"),
    Action.EMPLOYEES_PARTED: ("Separated again from another record", "arrows-split"),
}
_FIELDS = {"phone": "mobile phone", "is_dot_driver": "DOT driver", "date_of_birth": "date of birth"}


def _record(viewer: Viewer, employee: Employee, after: str) -> Iterable[Entry]:
    found = of_subject(viewer.employer_id, employee.pk, tuple(_RECORD))
    events = list(newest_after(found, "at", after)[: PAGE_SIZE + 1])
    actors = User.objects.in_bulk({event.actor_id for event in events if event.actor_id})
    return [_of_audit(event, actors) for event in events]


def _of_audit(event: AuditEvent, actors: Mapping[UUID, User]) -> Entry:
    label, icon = _RECORD[Action(event.action)]
    changed = [_FIELDS.get(name, name.replace("_", " ")) for name in event.detail.get("fields", ())]
    actor = actors.get(event.actor_id) if event.actor_id else None
    return Entry(
        id=event.pk,
        at=event.at,
        label=label,
        icon=icon,
        actor=str(actor or "Clearwork"),
        note=", ".join(changed).capitalize(),
    )
