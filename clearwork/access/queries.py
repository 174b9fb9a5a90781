"""Reading contacts and their access."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from clearwork.access.decide import Viewer
from clearwork.access.load import grants_of
from clearwork.access.permissions import Permission
from clearwork.access.words import InWords, in_words
from clearwork.accounts.actions import is_open
from clearwork.accounts.models import GrantedWorksite, Invitation, PortalAccess, Role
from clearwork.accounts.rules import INACTIVE_DAYS, REVIEW_DAYS, is_inactive, review_is_due
from clearwork.employers import queries as employers
from clearwork.employers.models import Contact
from clearwork.foundation import clock
from clearwork.foundation.choices import LabelledEnum
from clearwork.foundation.ids import read_uuid

_CONFIRMED = Coalesce(F("reviewed_at"), F("since"))
PAGE_SIZE = 25
REVIEWED_TOGETHER = 200


class Which(LabelledEnum):
    """The contacts one looks for."""

    ALL = "", "All contacts"
    ADMIN = "admin", "Admin Users"
    VIEW_ONLY = "view_only", "View Only Users"
    NONE = "none", "No portal access"
    OFF = "off", "Turned off"
    REMOVED = "removed", "Removed"


@dataclass(frozen=True)
class Row:
    """One contact in the list. `access` is the active one, else the latest, else None."""

    contact: Contact
    access: PortalAccess | None
    invitation: Invitation | None

    @property
    def state(self) -> str:
        """What ui/_status.html shows."""
        if self.access:
            return "access_on" if self.access.is_active else "access_off"
        if self.invitation:
            return "access_invited" if is_open(self.invitation) else "invitation_expired"
        return "access_none"


@dataclass(frozen=True)
class Page:
    """`next` is the id of the last contact shown, "" on the last page."""

    rows: list[Row]
    next: str


@dataclass(frozen=True)
class Reviewed:
    """One person in the access review."""

    access: PortalAccess
    is_due: bool
    is_inactive: bool
    choice: str


def contacts(viewer: Viewer) -> QuerySet[Contact]:
    """All contacts for who may see them, else one's own."""
    found = Contact.objects.filter(employer_id=viewer.employer_id)
    if viewer.may(Permission.CONTACT_READ_ALL):
        return found
    return found.filter(pk__in=filter(None, [viewer.contact_id]))


def listed(viewer: Viewer, which: str, typed: str) -> QuerySet[Contact]:
    """By last name."""
    found = contacts(viewer).filter(is_active=which != Which.REMOVED)
    found = _with_access(employers.named(found, typed), which)
    return found.order_by("name_key_reversed", "id")


def _with_access(found: QuerySet[Contact], which: str) -> QuerySet[Contact]:
    accesses = PortalAccess.objects.filter(
        employer_id=OuterRef("employer_id"), contact_id=OuterRef("pk")
    )
    active = Exists(accesses.filter(is_active=True))
    if which in Role.values:
        return found.filter(Exists(accesses.filter(is_active=True, role=which)))
    if which == Which.NONE:
        return found.filter(~Exists(accesses))
    return found.filter(Exists(accesses), ~active) if which == Which.OFF else found


def page(viewer: Viewer, found: QuerySet[Contact], after: str) -> Page:
    """The contacts after this one; the first for "" or an id that makes no sense."""
    last = contacts(viewer).filter(pk=after).first() if read_uuid(after) else None
    if last is not None:
        key = last.name_key_reversed
        found = found.filter(
            Q(name_key_reversed__gte=key),
            Q(name_key_reversed__gt=key) | Q(name_key_reversed=key, id__gt=last.pk),
        )
    some = list(found[: PAGE_SIZE + 1])
    shown = some[:PAGE_SIZE]
    return Page(_rows(shown), str(shown[-1].pk) if len(some) > PAGE_SIZE else "")


def _rows(shown: Sequence[Contact]) -> list[Row]:
    ids = [contact.pk for contact in shown]
    accesses = {a.contact_id: a for a in _accesses().filter(contact__in=ids)}
    invitations = {i.contact_id: i for i in Invitation.objects.filter(_WAITING, contact__in=ids)}
    return [Row(c, accesses.get(c.pk), invitations.get(c.pk)) for c in shown]


# Ordered so that the last of one contact's is the one that counts.
def _accesses() -> QuerySet[PortalAccess]:
    return PortalAccess.objects.select_related("user").order_by("is_active", "since", "id")


_WAITING = Q(used_at=None, revoked_at=None)


def access_of(contact: Contact) -> PortalAccess | None:
    found = _accesses().filter(employer_id=contact.employer_id, contact=contact)
    return found.last()


def invitation_of(contact: Contact) -> Invitation | None:
    """The one that waits, though it may have expired."""
    found = Invitation.objects.filter(_WAITING, employer_id=contact.employer_id, contact=contact)
    return found.order_by("-invited_at").first()


def has_access_already(employer_id: UUID, email: str) -> bool:
    """Whether this sign-in address is someone's at this employer, on or off."""
    return PortalAccess.objects.filter(employer_id=employer_id, user__email=email).exists()


def words_of(access: PortalAccess) -> InWords:
    """What this person may see and do; nothing while their access is off."""
    granted = GrantedWorksite.objects.filter(employer_id=access.employer_id, access=access)
    names = granted.order_by("worksite__name").values_list("worksite__name", flat=True)
    return in_words(access.role, grants_of(access), list(names))


def reviews_due(viewer: Viewer) -> int:
    """How many people's access nobody has confirmed for a quarter."""
    if not viewer.may(Permission.ACCESS_REVIEW):
        return 0
    oldest = clock.now() - timedelta(days=REVIEW_DAYS)
    return with_access(viewer).annotate(confirmed=_CONFIRMED).filter(confirmed__lte=oldest).count()


def to_review(viewer: Viewer, choices: Mapping[str, str]) -> list[Reviewed]:
    """Who has access, those longest unconfirmed first; REVIEWED_TOGETHER at a time.

    `choices` are those just made: {"choice-<access id>": "keep" or "remove"}.
    """
    now = clock.now()
    found = with_access(viewer).select_related("user", "contact").order_by(_CONFIRMED, "id")
    return [
        Reviewed(
            access,
            review_is_due(access.since, access.reviewed_at, now),
            is_inactive(access.user.last_login, access.since, now),
            choices.get(f"choice-{access.pk}", ""),
        )
        for access in found[:REVIEWED_TOGETHER]
    ]


def in_use(viewer: Viewer) -> QuerySet[PortalAccess]:
    """Whose who signed in within INACTIVE_DAYS: those one may confirm without a second look."""
    since = clock.now() - timedelta(days=INACTIVE_DAYS)
    return with_access(viewer).filter(user__last_login__gt=since)


def with_access(viewer: Viewer) -> QuerySet[PortalAccess]:
    """Everyone who may sign in for this employer."""
    return PortalAccess.objects.filter(employer_id=viewer.employer_id, is_active=True)
