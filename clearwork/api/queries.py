"""Reading tokens: an employer's, and the one a request shows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Max, OuterRef, QuerySet, Subquery

from clearwork.access.decide import Viewer
from clearwork.access.permissions import Permission
from clearwork.accounts.models import Role
from clearwork.accounts.tokens import is_token
from clearwork.api import rules
from clearwork.api.models import ApiToken, Requests
from clearwork.api.rules import Scope, Standing
from clearwork.database import fast, scope
from clearwork.employers.models import Employer
from clearwork.foundation import clock

_NO_HASH = bytes(32)
# Who has an Admin User's access at this very moment.
_ADMINS = """
    SELECT user_id FROM accounts_portalaccess
    JOIN accounts_user ON accounts_user.id = user_id
    WHERE employer_id = %s AND role = 'admin' AND accounts_portalaccess.is_active
        AND accounts_user.is_active
"""


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
    found = tokens(viewer).annotate(last=Subquery(last))
    admins = {admin for (admin,) in fast.execute(_ADMINS, [viewer.employer_id])}
    return [_shown(token, admins) for token in found]


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
    with fast.together():
        scope.become(scope.token(pk))
        shown = fast.ask(ApiToken, "id = %s", [pk])
    token = next(shown, None)
    fits = is_token(secret, token.secret_hash if token else _NO_HASH)
    if token is None or not fits:
        scope.become(scope.ANONYMOUS)
        return None
    with fast.together():
        scope.become(scope.employer(token.employer_id))
        own = fast.ask(Employer, "id = %s", [token.employer_id])
        admins = fast.execute(_ADMINS, [token.employer_id])
    (token.employer,) = own
    return token, _standing(token, {admin for (admin,) in admins})


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


def _standing(token: ApiToken, admins: Collection[UUID]) -> Standing:
    return rules.standing(
        revoked_at=token.revoked_at,
        expires=token.expires,
        today=clock.today(),
        has_admin=token.answers_for_id in admins,
    )


def _shown(token: ApiToken, admins: Collection[UUID]) -> Shown:
    last: datetime | None = token.last  # type: ignore[attr-defined]
    return Shown(
        token,
        _standing(token, admins),
        rules.in_order(token.scopes),
        last or token.last_used_at,
    )
