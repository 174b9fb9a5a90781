"""What one may do, as `<resource>:<action>`."""

from __future__ import annotations

from enum import StrEnum


class Permission(StrEnum):
    AUTHORIZATION_CREATE = "authorization:create"
    AUTHORIZATION_READ_OWN = "authorization:read_own"
    AUTHORIZATION_READ_ALL = "authorization:read_all"
    AUTHORIZATION_RESEND = "authorization:resend"
    AUTHORIZATION_CANCEL = "authorization:cancel"
    EMPLOYEE_READ = "employee:read"
    EMPLOYEE_ADD = "employee:add"
    RESULT_READ = "result:read"
