"""Who is looking, and what they may do."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from clearwork.access.permissions import Permission
from clearwork.access.roles import PERMISSIONS
from clearwork.audit.actions import Actor


@dataclass(frozen=True)
class Viewer:
    """A signed-in person acting for one employer. Every query and action takes one."""

    user_id: UUID
    name: str
    employer_id: UUID
    employer_name: str
    account_number: str
    role: str

    def may(self, permission: Permission) -> bool:
        return permission in PERMISSIONS.get(self.role, frozenset())

    @property
    def actor(self) -> Actor:
        return Actor("user", self.user_id)
