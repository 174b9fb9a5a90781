"""What ends by itself: the last day passes where the care would be, and creators are told.

Asked of the rows, not of the clock's tick: a run that comes late, or twice, finds what is
left to do and no more. Runs as the operator, some hundred authorizations a transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import batched
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.types import JSONDict, JSONValue

from clearwork.accounts.models import Role
from clearwork.audit.actions import SYSTEM, Action
from clearwork.authorizations import deliveries, moves
from clearwork.authorizations.messages import who_may_sign_in
from clearwork.authorizations.models import Authorization, AuthorizationEvent
from clearwork.authorizations.rules import WAITING, State, in_words, lapsed
from clearwork.centers.zips import UnknownZip, place
from clearwork.database import scope
from clearwork.foundation import clock
from clearwork.messaging.mail import QUEUE

AT_ONCE = 500
_A_RUN = 20_000
_FIRST_MIDNIGHT = timedelta(hours=14)  # UTC+14, where a day is over first

type _Due = tuple[UUID, date]
"""An authorization's id, and its last day as it was found."""


class Job(StrEnum):
    """The jobs' names."""

    END = "authorizations.end_overdue"
    REMIND = "authorizations.remind"
    MAIL_ENDED = "authorizations.mail_ended"
    MAIL_REMINDER = "authorizations.mail_reminder"


def end_overdue() -> int:
    """End what waits though its last day is over; how many.

    A day is over at midnight in the center's time zone, for centralized care in the
    worksite's. Accepted ones become a no-show, those nobody expected expire.
    """
    with scope.acting_as(scope.OPERATOR):
        overdue = list(_overdue(clock.now()))
    return sum(_end(dict(batch)) for batch in batched(overdue, AT_ONCE))


def remind() -> int:
    """Tell the creators of what ends within the set number of days, once; how many."""
    with scope.acting_as(scope.OPERATOR):
        ending = list(_ending(clock.today()))
    return sum(_remind(dict(batch)) for batch in batched(ending, AT_ONCE))


def complete(visited: QuerySet[Authorization], *, note: str) -> int:
    """End these in the open transaction, as the operator: nothing more is to come; how many."""
    rows = moves.locked(visited.filter(state=State.CHECKED_IN))
    _end_as(State.COMPLETED, rows, dict.fromkeys(rows, note))
    return len(rows)


def ending_soon(today: date) -> Q:
    """Waiting, and near the last day."""
    until = today + timedelta(days=settings.ENVIRONMENT.reminder_days)
    return Q(state__in=sorted(WAITING), expires__gte=today, expires__lte=until)


def today_there(authorization: Authorization) -> date:
    """The day it is where the care would be: what ends after its last day ends by this one."""
    center = authorization.center
    postal_code = "" if center else authorization.worksite.postal_code
    zone = _zone(center.time_zone if center else None, postal_code)
    return clock.now().astimezone(zone).date()


def _overdue(now: datetime) -> Iterator[_Due]:
    """Of the oldest that may be over, those whose day is over where they belong."""
    latest = (now.astimezone(UTC) + _FIRST_MIDNIGHT).date()
    waiting = Authorization.objects.filter(state__in=sorted(WAITING), expires__lt=latest)
    facts = waiting.order_by("expires", "id").values_list(
        "pk", "expires", "center__time_zone", "worksite__postal_code"
    )
    for pk, expires, center_zone, postal_code in facts[:_A_RUN]:
        if expires < now.astimezone(_zone(center_zone, postal_code)).date():
            yield pk, expires


def _zone(center_zone: str | None, postal_code: str) -> ZoneInfo:
    if center_zone:
        return ZoneInfo(center_zone)
    try:
        return ZoneInfo(place(postal_code).time_zone)
    except UnknownZip:
        return ZoneInfo(timezone.get_default_timezone_name())


def _ending(today: date) -> Iterator[_Due]:
    """What was valid for few days from the start needs no reminder of it."""
    untold = Q(reminded_of=None) | ~Q(reminded_of=F("expires"))
    found = Authorization.objects.filter(ending_soon(today), untold).order_by("expires", "id")
    notice = timedelta(days=settings.ENVIRONMENT.reminder_days)
    for pk, expires, made in found.values_list("pk", "expires", "created_at")[:_A_RUN]:
        if expires - timezone.localtime(made).date() > notice:
            yield pk, expires


def _end(due: dict[UUID, date]) -> int:
    """In one transaction with all that tells of it."""
    with scope.acting_as(scope.OPERATOR):
        rows = _still(due)
        by_state: dict[State, list[Authorization]] = defaultdict(list)
        for row in rows:
            by_state[lapsed(State(row.state))].append(row)
        for state, ended in by_state.items():
            notes = {row: f"Valid until {in_words(row.expires)}." for row in ended}
            _end_as(state, ended, notes)
        deliveries.withdraw(rows)
        _tell(Job.MAIL_ENDED, rows)
    return len(rows)


def _end_as(
    state: State, rows: Sequence[Authorization], notes: Mapping[Authorization, str]
) -> None:
    moves.move_all(rows, state)
    AuthorizationEvent.objects.bulk_create(
        moves.event_of(row, actor="", note=notes[row]) for row in rows
    )
    moves.audit_all(Action.AUTHORIZATION_CHANGED, rows, SYSTEM, state=state.value)


def _remind(due: dict[UUID, date]) -> int:
    with scope.acting_as(scope.OPERATOR):
        rows = _still(due)
        Authorization.objects.filter(pk__in=[row.pk for row in rows]).update(
            reminded_of=F("expires")
        )
        _tell(Job.MAIL_REMINDER, rows)
    return len(rows)


def _still(due: dict[UUID, date]) -> list[Authorization]:
    """Locked: those that nobody moved or extended since they were found."""
    found = Authorization.objects.filter(pk__in=due, state__in=sorted(WAITING))
    return [row for row in moves.locked(found) if row.expires == due[row.pk]]


def _tell(job: Job, rows: Sequence[Authorization]) -> None:
    """One mail to each creator, of all of theirs; to each Admin User, of those whose creator has
    no access any more."""
    theirs: dict[tuple[UUID, UUID], list[JSONValue]] = defaultdict(list)
    readers = _readers(rows)
    for row in rows:
        roles = readers[row.employer_id]
        admins = [user for user, role in roles.items() if role == Role.ADMIN]
        for user in [row.created_by_id] if row.created_by_id in roles else admins:
            theirs[row.employer_id, user].append(str(row.pk))
    mails: list[JSONDict] = [
        {"employer_id": str(employer), "user_id": str(user), "authorization_ids": ids}
        for (employer, user), ids in theirs.items()
    ]
    if mails:
        app.configure_task(job, queue=QUEUE).batch_defer(*mails)


def _readers(rows: Sequence[Authorization]) -> Mapping[UUID, Mapping[UUID, str]]:
    """By employer, who may sign in for it, with their role."""
    found: dict[UUID, dict[UUID, str]] = defaultdict(dict)
    here = who_may_sign_in({row.employer_id for row in rows})
    for employer, user, role in here.values_list("employer_id", "user_id", "role"):
        found[employer][user] = role
    return found
