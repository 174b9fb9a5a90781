"""Who is looking, and what they may do."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from clearwork.access.permissions import Permission
from clearwork.access.roles import PERMISSIONS, STAFF_PERMISSIONS
from clearwork.accounts.models import Role, Staff
from clearwork.audit.actions import Actor
from clearwork.employers.portals import Portal


@dataclass(frozen=True)
class Grants:
    """What visit activity one may see. `worksites` is None for all of them.

    `restrictions_only`: work status reports, nothing else of a visit.
    """

    injury: bool = False
    non_injury: bool = False
    restrictions_only: bool = False
    worksites: frozenset[UUID] | None = None

    @property
    def any(self) -> bool:
        return (self.injury or self.non_injury) and self.worksites != frozenset()

    @property
    def is_partial(self) -> bool:
        """One kind of visit is not seen, nor what it said of someone's work."""
        return len(self.kinds) == 1

    @property
    def kinds(self) -> tuple[str, ...]:
        return (*(["injury"] if self.injury else []), *(["non_injury"] if self.non_injury else []))


EVERYTHING = Grants(injury=True, non_injury=True)


@dataclass(frozen=True)
class OtherEmployer:
    """An employer one may switch to."""

    id: UUID
    name: str


@dataclass(frozen=True)
class Viewer:
    """A signed-in person acting for one employer. Every query and action takes one.

    `seen_by` names the Admin User who previews what this person sees; a preview
    changes nothing, and the audit trail names that Admin User as the actor.
    `integration_id` is of a machine that acts in this Admin User's name: it may do no more
    than `limited_to`, and the audit trail names it as the actor.
    `elsewhere` are the other employers this person may switch to.
    `portals` are where this employer's drug screens are reported.
    """

    user_id: UUID
    name: str
    employer_id: UUID
    employer_name: str
    account_number: str
    role: str
    granted: Grants = Grants()
    contact_id: UUID | None = None
    seen_by: str = ""
    seen_by_id: UUID | None = None
    integration_id: UUID | None = None
    limited_to: frozenset[Permission] | None = None
    elsewhere: tuple[OtherEmployer, ...] = ()
    portals: tuple[Portal, ...] = ()

    def may(self, permission: Permission) -> bool:
        if self.limited_to is not None and permission not in self.limited_to:
            return False
        if permission == Permission.RESULT_READ:
            return self.grants.any
        return permission in PERMISSIONS.get(self.role, frozenset())

    @property
    def grants(self) -> Grants:
        if self.limited_to is not None and Permission.RESULT_READ not in self.limited_to:
            return Grants()
        return EVERYTHING if self.role == Role.ADMIN else self.granted

    @property
    def actor(self) -> Actor:
        if self.integration_id is not None:
            return Actor("integration", self.integration_id)
        return Actor("user", self.seen_by_id or self.user_id)


@dataclass(frozen=True)
class StaffMember:
    """One of the network's own people at the operator's console."""

    user_id: UUID
    name: str
    staff: str

    def may(self, permission: Permission) -> bool:
        return permission in STAFF_PERMISSIONS.get(self.staff, frozenset())

    @property
    def title(self) -> str:
        return Staff(self.staff).label

    @property
    def actor(self) -> Actor:
        return Actor("staff", self.user_id)
