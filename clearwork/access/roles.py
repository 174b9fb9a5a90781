"""Which role holds which permissions: the one table."""

from __future__ import annotations

from collections.abc import Mapping

from clearwork.access.permissions import Permission
from clearwork.accounts.models import Role

_CREATE_AND_FOLLOW_OWN = frozenset(
    {
        Permission.AUTHORIZATION_CREATE,
        Permission.AUTHORIZATION_READ_OWN,
        Permission.AUTHORIZATION_RESEND,
        Permission.AUTHORIZATION_CANCEL,
        Permission.EMPLOYEE_READ,
        Permission.EMPLOYEE_ADD,
    }
)

PERMISSIONS: Mapping[str, frozenset[Permission]] = {
    Role.ADMIN: _CREATE_AND_FOLLOW_OWN
    | {Permission.AUTHORIZATION_READ_ALL, Permission.RESULT_READ},
    Role.VIEW_ONLY: _CREATE_AND_FOLLOW_OWN,
}
