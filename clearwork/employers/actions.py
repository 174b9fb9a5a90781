"""Adding an employer, and changing its contacts. Each action is one transaction, audited inside.

The audit trail names the fields that changed, never what was in them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from clearwork.audit.actions import Action, Actor, record
from clearwork.employers.account_actions import seen
from clearwork.employers.models import Contact, Employer, ReportSubscription
from clearwork.employers.queries import releases_in_force
from clearwork.employers.rules import ChangedMeanwhile
from clearwork.foundation import clock


@dataclass(frozen=True)
class ContactFacts:
    """What one writes down about a contact. Without an email, no portal access."""

    first_name: str
    last_name: str
    email: str = ""
    phone: str = ""
    title: str = ""


CONTACT_FIELDS = tuple(field.name for field in fields(ContactFacts))


class AccountTaken(Exception):
    """Another employer has this account number."""


@transaction.atomic
def add_employer(*, by: Actor, account_number: str, legal_name: str) -> Employer:
    """As the operator. The rest its first Admin User writes. ValidationError, AccountTaken."""
    employer = Employer(account_number=account_number.strip(), legal_name=legal_name.strip())
    employer.clean_fields()
    if Employer.objects.filter(account_number=employer.account_number).exists():
        raise AccountTaken
    employer.save(force_insert=True)
    record(Action.EMPLOYER_ADDED, by=by, employer_id=employer.pk, subject_id=employer.pk)
    return employer


@transaction.atomic
def add_contact(*, by: Actor, employer_id: UUID, facts: ContactFacts) -> Contact:
    contact = Contact.objects.create(employer_id=employer_id, **asdict(facts))
    _audit(contact, by, change="added")
    return contact


@transaction.atomic
def edit_contact(*, by: Actor, contact: Contact, facts: ContactFacts, shown: str) -> None:
    """`shown` is seen(contact, CONTACT_FIELDS) of the page. Raises ChangedMeanwhile."""
    fresh = Contact.objects.select_for_update().get(pk=contact.pk)
    if seen(fresh, CONTACT_FIELDS) != shown:
        raise ChangedMeanwhile
    _edit(fresh, by, asdict(facts))


@transaction.atomic
def set_contact_email(*, by: Actor, contact: Contact, email: str) -> None:
    """Of this alone: the rest stays as anyone saved it."""
    _edit(Contact.objects.select_for_update().get(pk=contact.pk), by, {"email": email})


@transaction.atomic
def remove_contact(*, by: Actor, contact: Contact) -> None:
    """Take a contact off the list, and end the reports sent to them and what support approved for
    them: who comes back needs it anew. The row stays for the record.

    Portal access is ended by the caller first: accounts.actions.turn_off.
    """
    fresh = Contact.objects.select_for_update().get(pk=contact.pk)
    if not fresh.is_active:
        return
    fresh.is_active = False
    fresh.save(update_fields=("is_active",))
    ended, _ = ReportSubscription.objects.filter(
        employer_id=fresh.employer_id, contact=fresh
    ).delete()
    approvals = releases_in_force(fresh.employer_id).filter(contact=fresh)
    over = approvals.update(expires=clock.today() - timedelta(days=1))
    _audit(fresh, by, change="removed", subscriptions_ended=ended, approvals_ended=over)


@transaction.atomic
def restore_contact(*, by: Actor, contact: Contact) -> None:
    """Put a contact back on the list: without portal access, without reports."""
    fresh = Contact.objects.select_for_update().get(pk=contact.pk)
    if fresh.is_active:
        return
    fresh.is_active = True
    fresh.save(update_fields=("is_active",))
    _audit(fresh, by, change="restored")


def _edit(fresh: Contact, by: Actor, values: Mapping[str, str]) -> None:
    changed = [field for field, value in values.items() if getattr(fresh, field) != value]
    if not changed:
        return
    for field in changed:
        setattr(fresh, field, values[field])
    fresh.save()
    _audit(fresh, by, change="edited", fields=changed)


def _audit(contact: Contact, by: Actor, **detail: Any) -> None:
    record(
        Action.CONTACT_CHANGED,
        by=by,
        employer_id=contact.employer_id,
        subject_id=contact.pk,
        **detail,
    )
