"""What one may do, as `<resource>:<action>`."""

from __future__ import annotations

from enum import StrEnum


class Permission(StrEnum):
    AUTHORIZATION_CREATE = "authorization:create"
    AUTHORIZATION_READ_OWN = "authorization:read_own"
    AUTHORIZATION_READ_ALL = "authorization:read_all"
    AUTHORIZATION_RESEND = "authorization:resend"
    AUTHORIZATION_CANCEL = "authorization:cancel"
    AUTHORIZATION_EXTEND = "authorization:extend"
    EMPLOYEE_READ = "employee:read"
    EMPLOYEE_ADD = "employee:add"
    EMPLOYEE_EDIT = "employee:edit"
    CENTER_READ = "center:read"
    PACKAGE_READ = "package:read"
    PACKAGE_EDIT = "package:edit"
    DEFAULTS_EDIT = "defaults:edit"
    RESULT_READ = "result:read"
    RESULT_RESTORE = "result:restore"
    RESULT_HOLD = "result:hold"
    COMPANY_READ = "company:read"
    COMPANY_EDIT = "company:edit"
    CONTACT_READ_OWN = "contact:read_own"
    CONTACT_READ_ALL = "contact:read_all"
    CONTACT_EDIT = "contact:edit"
    ACCESS_MANAGE = "access:manage"
    ACCESS_REVIEW = "access:review"
    SUBSCRIPTION_READ = "subscription:read"
    SUBSCRIPTION_EDIT = "subscription:edit"
    AUDIT_READ = "audit:read"
    OWN_SETTINGS = "settings:own"
    REQUEST_DECIDE = "request:decide"
    RELEASE_DECIDE = "release:decide"
    INCIDENT_DECIDE = "incident:decide"
    SECOND_FACTOR_RESET = "second_factor:reset"
