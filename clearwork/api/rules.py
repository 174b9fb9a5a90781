"""What an integration may be allowed, for how long, and how often it may ask. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from clearwork.access.permissions import Permission
from clearwork.foundation.choices import LabelledEnum

USUAL_DAYS = 365
LONGEST_DAYS = 2 * 365
KEEP_ANSWERS = timedelta(hours=24)
WINDOW = timedelta(minutes=1)
MOST_ORDERS = 1_000
MOST_TOKENS = 50  # in force at one employer
_MARK = "cw"
_SECRET_LENGTH = 64  # 256 bits in hex


class Scope(LabelledEnum):
    """What an integration may be allowed, as `<resource>:<read or write>`."""

    AUTHORIZATIONS_READ = "authorizations:read", "Read all authorizations and their state"
    AUTHORIZATIONS_WRITE = "authorizations:write", "Create and cancel authorizations"
    EMPLOYEES_READ = "employees:read", "Read employees and worksites"
    EMPLOYEES_WRITE = "employees:write", "Add and change employees"
    VISITS_READ = "visits:read", "Read visits and work status"
    RESULTS_READ = "results:read", "Search and download results"


PERMISSIONS: dict[Scope, frozenset[Permission]] = {
    Scope.AUTHORIZATIONS_READ: frozenset(
        {Permission.AUTHORIZATION_READ_OWN, Permission.AUTHORIZATION_READ_ALL}
    ),
    Scope.AUTHORIZATIONS_WRITE: frozenset(
        {
            Permission.AUTHORIZATION_CREATE,
            Permission.AUTHORIZATION_READ_OWN,
            Permission.AUTHORIZATION_READ_ALL,
            Permission.AUTHORIZATION_CANCEL,
        }
    ),
    Scope.EMPLOYEES_READ: frozenset({Permission.EMPLOYEE_READ}),
    Scope.EMPLOYEES_WRITE: frozenset(
        {Permission.EMPLOYEE_READ, Permission.EMPLOYEE_ADD, Permission.EMPLOYEE_EDIT}
    ),
    Scope.VISITS_READ: frozenset({Permission.RESULT_READ}),
    Scope.RESULTS_READ: frozenset({Permission.RESULT_READ}),
}
"""What a request may do that asks for one scope: each endpoint names one (see access.py)."""


class Standing(LabelledEnum):
    """Whether a token works, and where not, why."""

    WORKS = "token_works", "Works"
    STOPPED = "token_stopped", "Stopped"
    EXPIRED = "token_expired", "Expired"
    REVOKED = "token_revoked", "Revoked"


def standing(
    *, revoked_at: datetime | None, expires: date, today: date, has_admin: bool
) -> Standing:
    """`has_admin`: whoever answers for it is still an Admin User with access."""
    if revoked_at is not None:
        return Standing.REVOKED
    if expires < today:
        return Standing.EXPIRED
    return Standing.WORKS if has_admin else Standing.STOPPED


def as_text(token_id: UUID, secret: str) -> str:
    """What the integration sends: `cw_<id>_<secret>`, in hex."""
    return f"{_MARK}_{token_id.hex}_{secret}"


def read(text: str) -> tuple[UUID, str] | None:
    """The id and the secret; None where it is no token at all."""
    mark, _, rest = text.partition("_")
    pk, _, secret = rest.partition("_")
    try:
        return (UUID(hex=pk), secret) if _looks_right(mark, secret) else None
    except ValueError:
        return None


def _looks_right(mark: str, secret: str) -> bool:
    return mark == _MARK and len(secret) == _SECRET_LENGTH and secret.isascii()


def beginning(token_id: UUID) -> str:
    """What tells a token apart to people, and opens nothing."""
    return f"{_MARK}_{token_id.hex[:16]}…"


def in_order(scopes: Iterable[str]) -> list[Scope]:
    """Those known, in the order of Scope."""
    held = set(scopes)
    return [scope for scope in Scope if scope.value in held]
