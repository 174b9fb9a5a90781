"""Which role holds which permissions: the one table."""

from __future__ import annotations

from collections.abc import Mapping

from clearwork.access.permissions import Permission
from clearwork.accounts.models import Role, Staff

_CREATE_AND_FOLLOW_OWN = frozenset(
    {
        Permission.AUTHORIZATION_CREATE,
        Permission.AUTHORIZATION_READ_OWN,
        Permission.AUTHORIZATION_RESEND,
        Permission.AUTHORIZATION_CANCEL,
        Permission.AUTHORIZATION_EXTEND,
        Permission.EMPLOYEE_READ,
        Permission.EMPLOYEE_ADD,
        Permission.CENTER_READ,
        Permission.PACKAGE_READ,
        Permission.CONTACT_READ_OWN,
        Permission.OWN_SETTINGS,
    }
)

PERMISSIONS: Mapping[str, frozenset[Permission]] = {
    Role.ADMIN: _CREATE_AND_FOLLOW_OWN
    | {
        Permission.AUTHORIZATION_READ_ALL,
        Permission.EMPLOYEE_EDIT,
        Permission.PACKAGE_EDIT,
        Permission.DEFAULTS_EDIT,
        Permission.RESULT_READ,
        Permission.RESULT_RESTORE,
        Permission.RESULT_HOLD,
        Permission.COMPANY_READ,
        Permission.COMPANY_EDIT,
        Permission.CONTACT_READ_ALL,
        Permission.CONTACT_EDIT,
        Permission.ACCESS_MANAGE,
        Permission.ACCESS_REVIEW,
        Permission.SUBSCRIPTION_READ,
        Permission.SUBSCRIPTION_EDIT,
        Permission.AUDIT_READ,
    },
    # And RESULT_READ where an Admin User granted visit activity: see decide.Grants.
    Role.VIEW_ONLY: _CREATE_AND_FOLLOW_OWN,
}

STAFF_PERMISSIONS: Mapping[str, frozenset[Permission]] = {
    Staff.SUPPORT: frozenset(
        {
            Permission.REQUEST_DECIDE,
            Permission.RELEASE_DECIDE,
            Permission.HELD_RESULT_SETTLE,
            Permission.INCIDENT_DECIDE,
            Permission.SECOND_FACTOR_RESET,
            Permission.CATALOGUE_EDIT,
        }
    ),
    Staff.PRIVACY_OFFICER: frozenset(
        {
            Permission.RELEASE_DECIDE,
            Permission.INCIDENT_DECIDE,
            Permission.HOLD_MANAGE,
            Permission.RETENTION_READ,
        }
    ),
}
