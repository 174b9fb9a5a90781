"""Reading the employer's own data."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from clearwork.database import fast
from clearwork.employers.models import Contact, ReleaseRequest, ReportSubscription, Worksite
from clearwork.employers.rules import BEYOND_MINIMUM, DecisionState
from clearwork.foundation import clock
from clearwork.foundation.text import prefix_end, search_key

_WORKSITE_NAMES = """
    SELECT id, name FROM employers_worksite WHERE employer_id = %s ORDER BY name, id
"""


def worksites(employer_id: UUID) -> QuerySet[Worksite]:
    """Those open: care is authorized for no closed one."""
    return all_worksites(employer_id).filter(is_active=True)


def all_worksites(employer_id: UUID) -> QuerySet[Worksite]:
    """Closed ones too."""
    return Worksite.objects.filter(employer_id=employer_id).order_by("name", "id")


def worksite_names(employer_id: UUID) -> list[tuple[UUID, str]]:
    """Of all_worksites(), for a list's filter."""
    return fast.execute(_WORKSITE_NAMES, [employer_id]).fetchall()


def contacts(employer_id: UUID) -> QuerySet[Contact]:
    """Those on the list today, by last name."""
    listed = Contact.objects.filter(employer_id=employer_id, is_active=True)
    return listed.order_by("name_key_reversed", "id")


def named(found: QuerySet[Contact], typed: str) -> QuerySet[Contact]:
    """Those whose name starts as typed, either way round, as "Last, First" too; all for "".

    Ranges, not LIKE: row-level security lets only these use the index.
    """
    key = search_key(typed.replace(",", " "))
    if not key:
        return found
    return found.filter(
        Q(name_key__gte=key, name_key__lt=prefix_end(key))
        | Q(name_key_reversed__gte=key, name_key_reversed__lt=prefix_end(key))
    )


def releases_in_force(employer_id: UUID) -> QuerySet[ReleaseRequest]:
    """Approved documented requests that have not expired."""
    return ReleaseRequest.objects.filter(
        employer_id=employer_id, state=DecisionState.APPROVED, expires__gte=clock.today()
    )


def released(employer_id: UUID) -> set[tuple[UUID, str]]:
    """(contact, report type) for which more than the minimum may be sent today."""
    return set(releases_in_force(employer_id).values_list("contact_id", "report_type"))


def subscriptions_in_force(employer_id: UUID) -> QuerySet[ReportSubscription]:
    """Who receives what today: not those who left, nothing whose approval has expired."""
    rows = ReportSubscription.objects.filter(employer_id=employer_id, contact__is_active=True)
    approved = releases_in_force(employer_id).filter(
        contact_id=OuterRef("contact_id"), report_type=OuterRef("report_type")
    )
    return rows.filter(~Q(report_type__in=BEYOND_MINIMUM) | Exists(approved))


def recipients(employer_id: UUID, report_type: str, worksite_id: UUID) -> QuerySet[Contact]:
    """Who gets this type of report of this worksite today."""
    rows = subscriptions_in_force(employer_id).filter(
        report_type=report_type, worksite_id=worksite_id
    )
    return contacts(employer_id).filter(pk__in=rows.values("contact_id"))


def releases_expiring(employer_id: UUID, within_days: int) -> QuerySet[ReleaseRequest]:
    until = clock.today() + timedelta(days=within_days)
    return releases_in_force(employer_id).filter(expires__lte=until)
