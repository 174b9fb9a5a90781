"""Adding an employer, and changing its contacts. Each action is one transaction, audited inside.

The audit trail names the fields that changed, never what was in them.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from clearwork.audit.actions import Action, Actor, record
from clearwork.employers.models import Contact, Employer, ReportSubscription


@dataclass(frozen=True)
class ContactFacts:
    """What one writes down about a contact. Without an email, no portal access."""

    first_name: str
    last_name: str
    email: str = ""
    phone: str = ""
    title: str = ""


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
def edit_contact(*, by: Actor, contact: Contact, facts: ContactFacts) -> None:
    fresh = Contact.objects.select_for_update().get(pk=contact.pk)
    changed = [field for field, value in asdict(facts).items() if getattr(fresh, field) != value]
    if not changed:
        return
    for field in changed:
        setattr(fresh, field, getattr(facts, field))
    fresh.save()
    _audit(fresh, by, change="edited", fields=changed)


@transaction.atomic
def remove_contact(*, by: Actor, contact: Contact) -> None:
    """Take a contact off the list, and end the reports sent to them. The row stays for the record.

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
    _audit(fresh, by, change="removed", subscriptions_ended=ended)


@transaction.atomic
def restore_contact(*, by: Actor, contact: Contact) -> None:
    """Put a contact back on the list: without portal access, without reports."""
    fresh = Contact.objects.select_for_update().get(pk=contact.pk)
    if fresh.is_active:
        return
    fresh.is_active = True
    fresh.save(update_fields=("is_active",))
    _audit(fresh, by, change="restored")


def facts_of(contact: Contact) -> ContactFacts:
    return ContactFacts(
        contact.first_name, contact.last_name, contact.email, contact.phone, contact.title
    )


def _audit(contact: Contact, by: Actor, **detail: Any) -> None:
    record(
        Action.CONTACT_CHANGED,
        by=by,
        employer_id=contact.employer_id,
        subject_id=contact.pk,
        **detail,
    )
