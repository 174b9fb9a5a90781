"""Changing who may act for an employer. Each action is one transaction, audited inside.

Callers see to permissions; these see to what must hold whoever asks: an employer
keeps an Admin User, a change ends the sessions and links it concerns.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from clearwork.accounts.addresses import normal_email as normal_email
from clearwork.accounts.models import (
    GrantedWorksite,
    Invitation,
    PortalAccess,
    Role,
    User,
)
from clearwork.accounts.rules import INVITATION_HOURS, LastAdmin
from clearwork.accounts.tokens import token, token_hash
from clearwork.audit.actions import Action, Actor, event, record
from clearwork.audit.models import AuditEvent
from clearwork.employers.models import Contact, Employer, Worksite
from clearwork.employers.rules import ChangedMeanwhile, fingerprint
from clearwork.foundation import clock
from clearwork.foundation.ids import uuid7


@dataclass(frozen=True)
class VisitActivity:
    """What a View Only User may see of visits. `worksites` is None for all of them."""

    injury: bool = False
    non_injury: bool = False
    restrictions_only: bool = False
    worksites: tuple[Worksite, ...] | None = None

    def in_words(self) -> dict[str, object]:
        """For the audit trail: before and after, ids only."""
        sites = None if self.worksites is None else sorted(str(s.pk) for s in self.worksites)
        return {
            "injury": self.injury,
            "non_injury": self.non_injury,
            "restrictions_only": self.restrictions_only,
            "worksites": sites,
        }

    @property
    def seen(self) -> str:
        """What a form about to be drawn shows of it."""
        return fingerprint(self.in_words().values())


@transaction.atomic
def invite(*, by: Actor, contact: Contact, role: Role, email: str) -> Invitation:
    """A single-use link for 72 hours; earlier links of this contact die."""
    _lock(contact.employer_id)
    now = clock.now()
    open_ones = Invitation.objects.filter(
        employer_id=contact.employer_id, contact=contact, used_at=None, revoked_at=None
    )
    open_ones.update(revoked_at=now)
    pk = uuid7()
    invitation = Invitation.objects.create(
        id=pk,
        employer_id=contact.employer_id,
        contact=contact,
        email=normal_email(email),
        role=role,
        token_hash=token_hash(token("invitation", pk)),
        expires_at=now + timedelta(hours=INVITATION_HOURS),
    )
    _audit(Action.ACCESS_INVITED, contact, by, role=role)
    return invitation


@transaction.atomic
def accept(*, invitation: Invitation, user: User) -> PortalAccess | None:
    """Use the link once, for this user; None where it was used, revoked or has expired.

    Sessions and links from before end, as with any change of what the person may do; `user`
    holds the new stamp. Raises LastAdmin where it would make a View Only User of the last
    Admin User.
    """
    _lock(invitation.employer_id)
    fresh = Invitation.objects.select_for_update().select_related("contact").get(pk=invitation.pk)
    if not is_open(fresh):
        return None
    there = PortalAccess.objects.filter(
        employer_id=fresh.employer_id, user=user, is_active=True
    ).first()
    if there is not None and fresh.role != Role.ADMIN:
        _keep_an_admin(there)
    fresh.used_at = clock.now()
    fresh.save(update_fields=("used_at",))
    access, _ = PortalAccess.objects.update_or_create(
        employer_id=fresh.employer_id,
        user=user,
        defaults={"contact": fresh.contact, "role": fresh.role, "is_active": True},
    )
    _end_sessions_and_links(access)
    user.refresh_from_db(fields=("security_stamp",))
    _audit(Action.ACCESS_ACCEPTED, fresh.contact, Actor("user", user.pk), role=fresh.role)
    return access


def is_open(invitation: Invitation) -> bool:
    unused = invitation.used_at is None and invitation.revoked_at is None
    return unused and clock.now() < invitation.expires_at


@transaction.atomic
def change_role(*, by: Actor, access: PortalAccess, role: Role) -> bool:
    """Whether it was another. Raises LastAdmin where this would leave the employer without one."""
    fresh = _fresh(access)
    if fresh.role == role:
        return False
    if role != Role.ADMIN:
        _keep_an_admin(fresh)
    before, fresh.role = fresh.role, role
    fresh.save(update_fields=("role",))
    _end_sessions_and_links(fresh)
    _audit(Action.ACCESS_ROLE_CHANGED, fresh.contact, by, before=before, after=role)
    return True


@transaction.atomic
def turn_off(*, by: Actor, access: PortalAccess) -> bool:
    """End this person's access, sessions and links at once; whether it was on. Raises LastAdmin."""
    fresh = _fresh(access)
    if not fresh.is_active:
        return False
    _keep_an_admin(fresh)
    fresh.is_active = False
    fresh.save(update_fields=("is_active",))
    Invitation.objects.filter(
        employer_id=fresh.employer_id, contact=fresh.contact, used_at=None, revoked_at=None
    ).update(revoked_at=clock.now())
    _end_sessions_and_links(fresh)
    _audit(Action.ACCESS_TURNED_OFF, fresh.contact, by, before=True, after=False)
    return True


@transaction.atomic
def turn_on(*, by: Actor, access: PortalAccess) -> bool:
    """Whether it was off."""
    fresh = _fresh(access)
    if fresh.is_active:
        return False
    fresh.is_active = True
    fresh.reviewed_at = clock.now()
    fresh.save(update_fields=("is_active", "reviewed_at"))
    _audit(Action.ACCESS_TURNED_ON, fresh.contact, by, before=False, after=True)
    return True


@transaction.atomic
def grant(*, by: Actor, access: PortalAccess, activity: VisitActivity, shown: str) -> None:
    """Set what visit activity this person sees, in force on their next request.

    `shown` is activity_of(access).seen of the page. Raises ChangedMeanwhile.
    """
    fresh = _fresh(access)
    before = activity_of(fresh)
    if before.seen != shown:
        raise ChangedMeanwhile
    fresh.sees_injury = activity.injury
    fresh.sees_non_injury = activity.non_injury
    fresh.restrictions_only = activity.restrictions_only
    fresh.all_worksites = activity.worksites is None
    fresh.save(
        update_fields=("sees_injury", "sees_non_injury", "restrictions_only", "all_worksites")
    )
    _set_worksites(fresh, activity.worksites or ())
    if before.in_words() != activity.in_words():
        _audit(
            Action.ACCESS_GRANTED,
            fresh.contact,
            by,
            before=before.in_words(),
            after=activity.in_words(),
        )


def activity_of(access: PortalAccess) -> VisitActivity:
    worksites = None
    if not access.all_worksites:
        granted = GrantedWorksite.objects.filter(employer_id=access.employer_id, access=access)
        worksites = tuple(row.worksite for row in granted.select_related("worksite"))
    return VisitActivity(
        access.sees_injury, access.sees_non_injury, access.restrictions_only, worksites
    )


@transaction.atomic
def confirm_reviews(*, by: Actor, employer_id: UUID, accesses: Collection[UUID]) -> int:
    """An Admin User says that these people still need access; those turned off meanwhile stay.

    Returns how many.
    """
    _lock(employer_id)
    found = PortalAccess.objects.filter(employer_id=employer_id, pk__in=accesses, is_active=True)
    confirmed = list(found.values_list("contact_id", flat=True))
    found.update(reviewed_at=clock.now())
    AuditEvent.objects.bulk_create(
        event(Action.ACCESS_REVIEWED, by=by, employer_id=employer_id, subject_id=contact_id)
        for contact_id in confirmed
    )
    return len(confirmed)


@transaction.atomic
def revoke_invitations(*, by: Actor, contact: Contact) -> None:
    """The links mailed to this contact stop working."""
    _lock(contact.employer_id)
    unused = Invitation.objects.filter(
        employer_id=contact.employer_id, contact=contact, used_at=None, revoked_at=None
    )
    if unused.update(revoked_at=clock.now()):
        _audit(Action.ACCESS_INVITATION_REVOKED, contact, by)


@transaction.atomic
def set_notifications(*, by: Actor, access: PortalAccess, notify: str, tell_late: bool) -> None:
    before, after = _notified(access.notify, access.tell_late), _notified(notify, tell_late)
    access.notify, access.tell_late = notify, tell_late
    access.save(update_fields=("notify", "tell_late"))
    if before != after:
        _audit(Action.NOTIFICATIONS_CHANGED, access.contact, by, before=before, after=after)


def _notified(notify: str, tell_late: bool) -> str:
    return f"{notify}, late reports" if tell_late else notify


def _lock(employer_id: UUID) -> Employer:
    """Changes of one employer's access happen one after the other."""
    return Employer.objects.select_for_update().get(pk=employer_id)


def _fresh(access: PortalAccess) -> PortalAccess:
    _lock(access.employer_id)
    return PortalAccess.objects.select_related("contact").get(pk=access.pk)


def _keep_an_admin(access: PortalAccess) -> None:
    admins = PortalAccess.objects.filter(
        employer_id=access.employer_id, role=Role.ADMIN, is_active=True, user__is_active=True
    )
    if access.role == Role.ADMIN and not admins.exclude(pk=access.pk).exists():
        raise LastAdmin("An employer always keeps at least one Admin User.")


def _end_sessions_and_links(access: PortalAccess) -> None:
    User.objects.filter(pk=access.user_id).update(security_stamp=F("security_stamp") + 1)


def _set_worksites(access: PortalAccess, worksites: Iterable[Worksite]) -> None:
    GrantedWorksite.objects.filter(employer_id=access.employer_id, access=access).delete()
    GrantedWorksite.objects.bulk_create(
        GrantedWorksite(employer_id=access.employer_id, access=access, worksite=worksite)
        for worksite in worksites
    )


def _audit(action: Action, contact: Contact, by: Actor, **detail: Any) -> None:
    record(action, by=by, employer_id=contact.employer_id, subject_id=contact.pk, **detail)
