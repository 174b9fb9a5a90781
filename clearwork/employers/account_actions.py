"""Changing the employer's account information: company, worksites, who receives which report.

Each action is one transaction with its audit event inside, before and after. Actions
on one employer's account happen one after the other; those that a page prepared
refuse (ChangedMeanwhile) where what the page showed no longer holds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Model

from clearwork.audit.actions import Action, Actor, event, record
from clearwork.audit.models import AuditEvent
from clearwork.documents.crypto import SealBroken
from clearwork.documents.storage import read_document, save_document
from clearwork.employers import plans
from clearwork.employers.models import (
    Contact,
    Employer,
    ReleaseRequest,
    ReportSubscription,
    Worksite,
)
from clearwork.employers.plans import Plan, Triple
from clearwork.employers.rules import (
    AlreadyAsked,
    AlreadyDecided,
    BadDecision,
    ChangedMeanwhile,
    DecisionState,
    DocumentLost,
    NameTaken,
    ReleaseStanding,
    fingerprint,
    last_expiry,
    standing,
)
from clearwork.foundation import clock
from clearwork.foundation.text import search_key

COMPANY_FIELDS = (
    "legal_name",
    "phone",
    "street",
    "city",
    "state",
    "postal_code",
    "billing_address",
    "billing_phone",
    "drug_screen_portals",
)
WORKSITE_FIELDS = ("name", "street", "city", "state", "postal_code", "phone")
_BATCH = 5000


def seen(row: Model, fields: Iterable[str]) -> str:
    """What a form about to be drawn shows of `row`."""
    return fingerprint(getattr(row, name) for name in fields)


@transaction.atomic
def edit_company(*, by: Actor, employer_id: UUID, values: Mapping[str, str], shown: str) -> None:
    """`shown` is seen(employer, COMPANY_FIELDS) of the page. Raises ChangedMeanwhile."""
    employer = _lock(employer_id)
    if change := _set(employer, COMPANY_FIELDS, values, shown):
        _audit(Action.COMPANY_CHANGED, employer_id, employer_id, by, **change)


@transaction.atomic
def add_worksite(
    *, by: Actor, employer_id: UUID, values: Mapping[str, str], like: Worksite | None = None
) -> Worksite:
    """Raises NameTaken. Whoever receives reports of `like` receives the same of the new one."""
    _lock(employer_id)
    _keep_names_apart(employer_id, values["name"])
    worksite = Worksite.objects.create(employer_id=employer_id, **values)
    _audit(Action.WORKSITE_CHANGED, employer_id, worksite.pk, by, change="added", after={**values})
    if like is not None:
        _apply(by, employer_id, plans.like_worksite(employer_id, like.pk, worksite.pk))
    return worksite


@transaction.atomic
def edit_worksite(*, by: Actor, worksite: Worksite, values: Mapping[str, str], shown: str) -> None:
    """`shown` is seen(worksite, WORKSITE_FIELDS). Raises ChangedMeanwhile, NameTaken."""
    fresh = _fresh(worksite)
    _keep_names_apart(fresh.employer_id, values["name"], but=fresh.pk)
    if change := _set(fresh, WORKSITE_FIELDS, values, shown):
        _audit(Action.WORKSITE_CHANGED, fresh.employer_id, fresh.pk, by, change="edited", **change)


@transaction.atomic
def close_worksite(*, by: Actor, worksite: Worksite) -> None:
    """No new authorizations for it. What was reported of it, and to whom, stays."""
    _open(_fresh(worksite), by, is_active=False)


@transaction.atomic
def reopen_worksite(*, by: Actor, worksite: Worksite) -> None:
    _open(_fresh(worksite), by, is_active=True)


@dataclass(frozen=True)
class Choice:
    """Contacts × report types × worksites, by id."""

    contacts: Collection[UUID]
    types: Collection[str]
    worksites: Collection[UUID]


@transaction.atomic
def subscribe(*, by: Actor, employer_id: UUID, choice: Choice, shown: str = "") -> Plan:
    """Add every combination. `shown` is the previewed plan's fingerprint, "" for no preview."""
    _lock(employer_id)
    plan = plans.adding(employer_id, choice.contacts, choice.types, choice.worksites)
    return _apply(by, employer_id, plan, shown)


@transaction.atomic
def unsubscribe(*, by: Actor, employer_id: UUID, choice: Choice, shown: str = "") -> Plan:
    """Remove every combination. `shown` as for subscribe."""
    _lock(employer_id)
    plan = plans.removing(employer_id, choice.contacts, choice.types, choice.worksites)
    return _apply(by, employer_id, plan, shown)


@transaction.atomic
def set_worksites(
    *, by: Actor, contact: Contact, report_type: str, worksites: Collection[UUID], shown: str
) -> Plan:
    """One contact receives one type of exactly these. `shown`: see shown_worksites."""
    _lock(contact.employer_id)
    there = subscribed_worksites(contact, report_type)
    if shown_worksites(there) != shown:
        raise ChangedMeanwhile
    plan = plans.exactly(contact.employer_id, contact.pk, report_type, worksites)
    return _apply(by, contact.employer_id, plan)


def subscribed_worksites(contact: Contact, report_type: str) -> set[UUID]:
    rows = ReportSubscription.objects.filter(
        employer_id=contact.employer_id, contact=contact, report_type=report_type
    )
    return set(rows.values_list("worksite_id", flat=True))


def shown_worksites(worksites: Iterable[UUID]) -> str:
    return fingerprint(sorted(worksites))


@transaction.atomic
def copy_subscriptions(
    *, by: Actor, source: Contact, target: Contact, replace: bool, shown: str = ""
) -> Plan:
    """`target` receives what `source` does, beside what they have or (`replace`) instead."""
    _lock(target.employer_id)
    plan = plans.copying(target.employer_id, source.pk, target.pk, replace=replace)
    return _apply(by, target.employer_id, plan, shown)


@transaction.atomic
def request_release(
    *, by: Actor, contact: Contact, report_type: str, reason: str, pdf: bytes
) -> ReleaseRequest:
    """Ask support for more than the minimum necessary, with the signed request's PDF.

    Raises AlreadyAsked.
    """
    _lock(contact.employer_id)
    earlier = ReleaseRequest.objects.filter(
        employer_id=contact.employer_id, contact=contact, report_type=report_type
    )
    still = (ReleaseStanding.WAITING, ReleaseStanding.APPROVED)
    if any(standing(r.state, r.expires, clock.today()) in still for r in earlier):
        raise AlreadyAsked
    request = ReleaseRequest.objects.create(
        employer_id=contact.employer_id,
        contact=contact,
        report_type=report_type,
        reason=reason,
        document=save_document(pdf),
        requested_by_id=_person(by),
    )
    _audit_release(Action.RELEASE_REQUESTED, request, by)
    return request


@transaction.atomic
def decide_release(
    *,
    by: Actor,
    request: ReleaseRequest,
    approve: bool,
    reason: str = "",
    expires: date | None = None,
) -> None:
    """Support's answer. Approval needs its last day, within a year; declining needs a reason.

    Raises AlreadyDecided, BadDecision.
    """
    _check_decision(approve=approve, reason=reason, expires=expires)
    fresh = ReleaseRequest.objects.select_for_update().get(pk=request.pk)
    if fresh.state != DecisionState.WAITING:
        raise AlreadyDecided
    fresh.state = DecisionState.APPROVED if approve else DecisionState.DECLINED
    fresh.decided_at = clock.now()
    fresh.decided_by_id = _person(by)
    fresh.decision_reason = reason.strip()
    fresh.expires = expires if approve else None
    fresh.save()
    _audit_release(
        Action.RELEASE_DECIDED,
        fresh,
        by,
        before=DecisionState.WAITING,
        after=fresh.state,
        expires=str(fresh.expires or ""),
    )


@transaction.atomic
def read_release_document(*, by: Actor, request: ReleaseRequest) -> bytes:
    """The uploaded PDF, for an Admin User or support; noted. Raises DocumentLost."""
    _audit_release(Action.RELEASE_DOWNLOADED, request, by)
    try:
        return read_document(request.document)
    except (OSError, SealBroken) as error:
        raise DocumentLost from error


def _check_decision(*, approve: bool, reason: str, expires: date | None) -> None:
    if not approve and not reason.strip():
        raise BadDecision("Say why the request is declined.")
    if approve and expires is None:
        raise BadDecision("Choose the last day of the approval.")
    if approve and expires and not clock.today() <= expires <= last_expiry(clock.today()):
        raise BadDecision("Choose a last day from today to one year from now.")


def _person(by: Actor) -> UUID:
    if by.id is None:
        raise ValueError("Only a person asks for a release or decides one.")
    return by.id


def _lock(employer_id: UUID) -> Employer:
    """Not against foreign keys to the employer: authorizing goes on meanwhile."""
    return Employer.objects.select_for_update(no_key=True).get(pk=employer_id)


def _fresh(worksite: Worksite) -> Worksite:
    _lock(worksite.employer_id)
    return Worksite.objects.get(pk=worksite.pk)


def _set(
    row: Model, fields: Iterable[str], values: Mapping[str, str], shown: str
) -> dict[str, dict[str, str]]:
    """Save what differs; before and after of it, {} where nothing does."""
    if seen(row, fields) != shown:
        raise ChangedMeanwhile
    changed = [name for name in fields if name in values and getattr(row, name) != values[name]]
    before = {name: getattr(row, name) for name in changed}
    for name in changed:
        setattr(row, name, values[name])
    if not changed:
        return {}
    row.save(update_fields=changed)
    return {"before": before, "after": {name: values[name] for name in changed}}


def _keep_names_apart(employer_id: UUID, name: str, but: UUID | None = None) -> None:
    others = Worksite.objects.filter(employer_id=employer_id).values_list("id", "name")
    if search_key(name) in {search_key(taken) for pk, taken in others if pk != but}:
        raise NameTaken


def _open(fresh: Worksite, by: Actor, *, is_active: bool) -> None:
    if fresh.is_active == is_active:
        return
    fresh.is_active = is_active
    fresh.save(update_fields=("is_active",))
    change = "reopened" if is_active else "closed"
    _audit(Action.WORKSITE_CHANGED, fresh.employer_id, fresh.pk, by, change=change)


def _apply(by: Actor, employer_id: UUID, plan: Plan, shown: str = "") -> Plan:
    if shown and plan.fingerprint != shown:
        raise ChangedMeanwhile
    if plan.is_empty:
        return plan
    before = _counts(employer_id, plan.contacts)
    ReportSubscription.objects.filter(
        employer_id=employer_id, pk__in=list(plan.removes.values())
    ).delete()
    ReportSubscription.objects.bulk_create(
        (
            ReportSubscription(
                employer_id=employer_id, contact_id=contact, report_type=kind, worksite_id=worksite
            )
            for contact, kind, worksite in sorted(plan.adds, key=str)
        ),
        batch_size=_BATCH,
    )
    after = _counts(employer_id, plan.contacts)
    AuditEvent.objects.bulk_create(_subscription_events(by, employer_id, plan, before, after))
    return plan


_Counts = dict[UUID, dict[str, int]]


def _counts(employer_id: UUID, contacts: Collection[UUID]) -> _Counts:
    """Of how many worksites each contact receives each type."""
    rows = ReportSubscription.objects.filter(employer_id=employer_id, contact__in=contacts)
    counts: _Counts = defaultdict(dict)
    found = rows.values_list("contact_id", "report_type").annotate(Count("id"))
    for contact, kind, number in found:
        counts[contact][kind] = number
    return counts


def _subscription_events(
    by: Actor, employer_id: UUID, plan: Plan, before: _Counts, after: _Counts
) -> list[AuditEvent]:
    """One a contact: it is shown on the contact's page."""
    added, removed = _by_contact(plan.adds), _by_contact(plan.removes)
    return [
        event(
            Action.SUBSCRIPTION_CHANGED,
            by=by,
            employer_id=employer_id,
            subject_id=contact,
            before=before.get(contact, {}),
            after=after.get(contact, {}),
            added=added.get(contact, {}),
            removed=removed.get(contact, {}),
        )
        for contact in sorted(plan.contacts)
    ]


def _by_contact(triples: Iterable[Triple]) -> dict[UUID, dict[str, list[str]]]:
    """{contact: {type: [worksite ids]}}"""
    found: dict[UUID, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for contact, kind, worksite in sorted(triples, key=str):
        found[contact][kind].append(str(worksite))
    return found


def _audit_release(action: Action, request: ReleaseRequest, by: Actor, **detail: Any) -> None:
    _audit(
        action,
        request.employer_id,
        request.contact_id,
        by,
        request=str(request.pk),
        report_type=request.report_type,
        **detail,
    )


def _audit(action: Action, employer_id: UUID, subject: UUID, by: Actor, **detail: Any) -> None:
    record(action, by=by, employer_id=employer_id, subject_id=subject, **detail)
