"""A view's first line: who asks, may they, and the one record they ask for."""

from __future__ import annotations

from typing import Any, Protocol
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from clearwork.access.decide import Viewer
from clearwork.access.permissions import Permission
from clearwork.accounts.models import PortalAccess, User
from clearwork.database import scope
from clearwork.employers.models import Employer


class VisibleTo[M: Model](Protocol):
    """A query of the rows one viewer may see."""

    def __call__(self, viewer: Viewer, /) -> QuerySet[M]: ...


def viewer_for(user: User) -> Viewer | None:
    """The employer this person acts for; narrows the open transaction to it.

    None where an Admin turned the access off or never gave it.
    """
    scope.become(scope.user(user.pk))
    access = PortalAccess.objects.filter(user=user, is_active=True).order_by("id").first()
    if access is None:
        return None
    scope.become(scope.employer(access.employer_id))
    employer = Employer.objects.get(pk=access.employer_id)
    return Viewer(
        user_id=user.pk,
        name=str(user),
        employer_id=employer.pk,
        employer_name=employer.legal_name,
        account_number=employer.account_number,
        role=access.role,
    )


def require(request: HttpRequest, permission: Permission) -> Viewer:
    """The viewer, who holds `permission`; else PermissionDenied (403)."""
    viewer: Viewer | None = getattr(request, "viewer", None)
    if viewer is None or not viewer.may(permission):
        raise PermissionDenied
    return viewer


def load[M: Model](
    request: HttpRequest, permission: Permission, visible: VisibleTo[M], pk: UUID
) -> tuple[Viewer, M]:
    """The viewer and the record. Another employer's record is a missing one (404)."""
    viewer = require(request, permission)
    found: Any = get_object_or_404(visible(viewer), pk=pk)
    return viewer, found
