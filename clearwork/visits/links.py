"""A link to one person's card for a supervisor without an account: giving, opening, ending it.

Who opens it proves that the address is theirs: a code goes there, five wrong ones end the
link. The database shows a stranger the one link named in the address until its secret is
checked; then what is read is that one person's work status (docs/adr/0016).
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from procrastinate.contrib.django import app as jobs

from clearwork.access.decide import Viewer
from clearwork.accounts.tokens import is_token
from clearwork.audit.actions import Action, Actor, record
from clearwork.database import scope
from clearwork.foundation import clock
from clearwork.foundation.ids import uuid7
from clearwork.messaging.mail import QUEUE
from clearwork.passes import tokens
from clearwork.passes.opening import Outcome
from clearwork.passes.rules import code_is_fresh
from clearwork.people.models import Employee
from clearwork.visits.link_models import SupervisorLink

LASTS = timedelta(days=14)
CODES = 10
_PAUSE = timedelta(seconds=30)
_NO_HASH = bytes(32)


class Job(StrEnum):
    """The jobs' names."""

    MAIL_LINK = "visits.mail_link"
    MAIL_CODE = "visits.mail_code"


def links(viewer: Viewer) -> QuerySet[SupervisorLink]:
    """The employer's, of people at the worksites this viewer was granted."""
    found = SupervisorLink.objects.filter(employer_id=viewer.employer_id)
    if viewer.grants.worksites is not None:
        found = found.filter(employee__worksite__in=viewer.grants.worksites)
    return found.select_related("employee")


@transaction.atomic
def give(*, by: Viewer, employee: Employee, name: str, address: str) -> SupervisorLink:
    """Make a link and mail it; the one just made where Send was pressed twice."""
    if just_made := _just_made(by, employee, address.lower()):
        return just_made
    pk = uuid7()
    link = SupervisorLink.objects.create(
        pk=pk,
        employer_id=by.employer_id,
        employee=employee,
        name=name,
        address=address.lower(),
        token_hash=tokens.kept(pk),
        made_by_id=by.user_id,
        expires_at=clock.now() + LASTS,
        codes_left=CODES,
    )
    _queue(Job.MAIL_LINK, link)
    _audit(Action.CARD_LINK_GIVEN, link, by.actor)
    return link


def _just_made(by: Viewer, employee: Employee, address: str) -> SupervisorLink | None:
    """Of two presses at once the second waits for the first."""
    people = Employee.objects.filter(employer_id=by.employer_id, pk=employee.pk)
    people.select_for_update(no_key=True).only("id").first()
    lately = SupervisorLink.objects.filter(
        employer_id=by.employer_id,
        employee=employee,
        address=address,
        revoked_at=None,
        tries_left__gt=0,
        expires_at__gt=clock.now() + LASTS - _PAUSE,
    )
    return lately.first()


@transaction.atomic
def revoke(*, by: Viewer, link: SupervisorLink) -> bool:
    """From now on it answers like one that never was; False where it does already."""
    own = SupervisorLink.objects.filter(employer_id=by.employer_id, pk=link.pk, revoked_at=None)
    if not own.update(revoked_at=clock.now()):
        return False
    _audit(Action.CARD_LINK_REVOKED, link, by.actor)
    return True


def find(token: str) -> SupervisorLink | None:
    """The link of this address, while it can be opened; the transaction then acts for it."""
    pk, secret = tokens.parts(token)
    scope.become(scope.opened_pass(pk))
    found = SupervisorLink.objects.filter(pk=pk).first()
    fits = is_token(secret, found.token_hash if found else _NO_HASH)
    if found is None or not fits or not found.is_usable:
        scope.become(scope.ANONYMOUS)
        return None
    scope.become(scope.employer(found.employer_id))
    if not _is_employed(found):
        scope.become(scope.ANONYMOUS)
        return None
    return found


def _is_employed(link: SupervisorLink) -> bool:
    """Nobody plans the work of someone who left; who comes back is theirs again."""
    people = Employee.objects.filter(employer_id=link.employer_id, pk=link.employee_id)
    return people.filter(is_active=True).exists()


@transaction.atomic
def ask_code(link: SupervisorLink) -> bool:
    """Mail a code; False where one went out a moment ago, or too many did."""
    locked = _locked(link)
    now = clock.now()
    lately = locked.code_asked_at is not None and now - locked.code_asked_at < _PAUSE
    if lately or not locked.codes_left:
        return lately
    locked.code_asked_at, locked.codes_left = now, locked.codes_left - 1
    locked.save(update_fields=("code_asked_at", "codes_left"))
    _queue(Job.MAIL_CODE, locked)
    _audit(Action.CARD_LINK_CODE_ASKED, locked, _holder(locked))
    return True


@transaction.atomic
def try_code(link: SupervisorLink, typed: str) -> Outcome:
    """The code sent last lets in, once. One row's lock makes the tries follow one another."""
    locked = _locked(link)
    if not locked.is_usable:
        return Outcome.OVER
    if _fits(locked, typed):
        locked.code_asked_at = None
        locked.save(update_fields=("code_asked_at",))
        return Outcome.OPENED
    locked.tries_left -= 1
    locked.save(update_fields=("tries_left",))
    link.tries_left = locked.tries_left
    _audit(Action.CARD_LINK_TRY_FAILED, locked, _holder(locked), tries_left=locked.tries_left)
    return Outcome.WRONG if locked.tries_left else Outcome.OVER


@transaction.atomic
def note_opened(link: SupervisorLink) -> None:
    """Each time the card is shown is one event."""
    locked = _locked(link)
    locked.times_opened += 1
    locked.last_opened_at = clock.now()
    locked.save(update_fields=("times_opened", "last_opened_at"))
    _audit(Action.CARD_LINK_OPENED, locked, _holder(locked))


def code_of(link: SupervisorLink) -> str:
    """The code that was asked for last; "" for none, or one that is over."""
    asked = link.code_asked_at
    fresh = asked is not None and code_is_fresh(asked, clock.now())
    return tokens.code(link.pk, asked) if fresh and asked else ""


def _fits(link: SupervisorLink, typed: str) -> bool:
    asked = link.code_asked_at
    fresh = code_is_fresh(asked, clock.now())
    return bool(fresh and asked and tokens.is_code(typed, link.pk, asked))


def _locked(link: SupervisorLink) -> SupervisorLink:
    own = SupervisorLink.objects.filter(employer_id=link.employer_id)
    return own.select_for_update(no_key=True).get(pk=link.pk)


def _queue(job: Job, link: SupervisorLink) -> None:
    ids: dict[str, Any] = {"employer_id": str(link.employer_id), "link_id": str(link.pk)}
    jobs.configure_task(job, queue=QUEUE).defer(**ids)


def _holder(link: SupervisorLink) -> Actor:
    return Actor("card_link", link.pk)


def _audit(action: Action, link: SupervisorLink, by: Actor, **detail: Any) -> None:
    subject: UUID = link.employee_id
    record(action, by=by, employer_id=link.employer_id, subject_id=subject, **detail)
