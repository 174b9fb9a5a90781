"""Reading tokens: an employer's, and the one a request shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, Max, OuterRef, QuerySet, Subquery

from clearwork.access.decide import Viewer
from clearwork.access.permissions import Permission
from clearwork.accounts.models import PortalAccess, Role
from clearwork.accounts.tokens import is_token
from clearwork.api import rules
from clearwork.api.models import ApiToken, Requests
from clearwork.api.rules import Scope, Standing
from clearwork.database import scope
from clearwork.employers.models import Employer
from clearwork.foundation import clock

_NO_HASH = bytes(32)


@dataclass(frozen=True)
class Shown:
    """A token as the list and its page show it."""

    token: ApiToken
    standing: Standing
    scopes: list[Scope]
    last_used_at: datetime | None


def tokens(viewer: Viewer) -> QuerySet[ApiToken]:
    """The employer's, the newest first, for who manages access."""
    if not viewer.may(Permission.ACCESS_MANAGE):
        return ApiToken.objects.none()
    own = ApiToken.objects.filter(employer_id=viewer.employer_id)
    return own.select_related("created_by", "answers_for").order_by("-created_at", "-id")


def listed(viewer: Viewer) -> list[Shown]:
    """Each with its standing and when it was last used."""
    minutes = Requests.objects.filter(employer_id=viewer.employer_id, token=OuterRef("pk"))
    last = minutes.order_by().values("token").annotate(last=Max("minute")).values("last")
    found = tokens(viewer).annotate(has_admin=_has_admin(), last=Subquery(last))
    return [_shown(token) for token in found]


def in_force(viewer: Viewer) -> int:
    """How many have neither expired nor been revoked."""
    return tokens(viewer).filter(revoked_at=None, expires__gte=clock.today()).count()


def find(text: str) -> tuple[ApiToken, Standing] | None:
    """The token a request shows, whatever its standing; None where its secret is not that.

    The transaction then acts for the token's employer; without one it stays a stranger's.
    """
    parts = rules.read(text)
    if parts is None:
        return None
    pk, secret = parts
    scope.become(scope.token(pk))
    found = ApiToken.objects.filter(pk=pk).first()
    fits = is_token(secret, found.secret_hash if found else _NO_HASH)
    if found is None or not fits:
        scope.become(scope.ANONYMOUS)
        return None
    scope.become(scope.employer(found.employer_id))
    own = ApiToken.objects.filter(employer_id=found.employer_id, pk=found.pk)
    token = own.select_related("employer", "answers_for").annotate(has_admin=_has_admin()).get()
    return token, _standing(token)


def viewer_of(token: ApiToken, asked: Scope) -> Viewer:
    """The integration, in its Admin User's name, for one request that asks for this scope.

    Where the token does not hold it, a viewer that may do nothing.
    """
    held = asked.value in token.scopes
    employer: Employer = token.employer
    return Viewer(
        user_id=token.answers_for_id,
        name=f"{token.name} (integration)",
        employer_id=token.employer_id,
        employer_name=employer.legal_name,
        account_number=employer.account_number,
        role=Role.ADMIN,
        integration_id=token.pk,
        limited_to=rules.PERMISSIONS[asked] if held else frozenset(),
    )


def _has_admin() -> Exists:
    """Whether who answers for it has an Admin User's access to this very moment."""
    accesses = PortalAccess.objects.filter(
        employer_id=OuterRef("employer_id"), user_id=OuterRef("answers_for_id")
    )
    return Exists(accesses.filter(is_active=True, role=Role.ADMIN, user__is_active=True))


def _standing(token: ApiToken) -> Standing:
    return rules.standing(
        revoked_at=token.revoked_at,
        expires=token.expires,
        today=clock.today(),
        has_admin=token.has_admin,  # type: ignore[attr-defined]
    )


def _shown(token: ApiToken) -> Shown:
    last: datetime | None = token.last  # type: ignore[attr-defined]
    return Shown(token, _standing(token), rules.in_order(token.scopes), last or token.last_used_at)
