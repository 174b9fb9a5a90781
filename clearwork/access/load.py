"""A view's first line: who asks, may they, and the one record they ask for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Protocol
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from clearwork.access.decide import Grants, OtherEmployer, StaffMember, Viewer
from clearwork.access.permissions import Permission
from clearwork.accounts.models import GrantedWorksite, PortalAccess, User
from clearwork.database import fast, scope
from clearwork.employers import portals
from clearwork.employers.models import Employer
from clearwork.foundation.ids import read_uuid

CHOSEN_EMPLOYER = "employer_id"
PREVIEWED_ACCESS = "previewed_access_id"


class VisibleTo[M: Model](Protocol):
    """A query of the rows one viewer may see."""

    def __call__(self, viewer: Viewer, /) -> QuerySet[M]: ...


def employers_of(user: User) -> list[PortalAccess]:
    """The accesses this person may switch between; the transaction acts as the person."""
    with fast.together():
        scope.become(scope.user(user.pk))
        own = fast.ask(PortalAccess, "user_id = %s AND is_active ORDER BY id", [user.pk])
    return list(own)


def viewer_for(user: User, chosen: str = "") -> Viewer | None:
    """Whom this person acts for: the chosen employer's id, else the first; narrows to it.

    None where an Admin turned the access off or never gave it.
    """
    accesses = employers_of(user)
    access = next((a for a in accesses if str(a.employer_id) == chosen), None)
    access = access or next(iter(accesses), None)
    if access is None:
        return None
    elsewhere = _other_employers(a.employer_id for a in accesses if a is not access)
    with fast.together():
        scope.become(scope.employer(access.employer_id))
        found = fast.ask(Employer, "id = %s", [access.employer_id])
    (employer,) = found
    return replace(viewer_of(access, user, employer), elsewhere=elsewhere)


def preview_for(admin: Viewer, access_id: str) -> Viewer | None:
    """What the person of this access sees, for an Admin User; None where there is nothing to see.

    Asked anew on each request: it ends with either one's access.
    """
    if not admin.may(Permission.ACCESS_MANAGE) or not read_uuid(access_id):
        return None
    accesses = PortalAccess.objects.select_related("user", "employer")
    active = accesses.filter(employer_id=admin.employer_id, is_active=True, user__is_active=True)
    access = active.filter(pk=access_id).exclude(user=admin.user_id).first()
    if access is None:
        return None
    seen = viewer_of(access, access.user, access.employer)
    return replace(seen, seen_by=admin.name, seen_by_id=admin.user_id)


def viewer_of(access: PortalAccess, user: User, employer: Employer) -> Viewer:
    """The viewer an access makes."""
    return Viewer(
        user_id=user.pk,
        name=str(user),
        employer_id=employer.pk,
        employer_name=employer.legal_name,
        account_number=employer.account_number,
        role=access.role,
        granted=grants_of(access),
        contact_id=access.contact_id,
        portals=portals.listed(employer.drug_screen_portals),
    )


def staff_member(user: User) -> StaffMember:
    return StaffMember(user_id=user.pk, name=str(user), staff=user.staff)


def grants_of(access: PortalAccess) -> Grants:
    worksites = None
    if not access.all_worksites:
        granted = GrantedWorksite.objects.filter(employer_id=access.employer_id, access=access)
        worksites = frozenset(granted.values_list("worksite_id", flat=True))
    return Grants(
        injury=access.sees_injury,
        non_injury=access.sees_non_injury,
        restrictions_only=access.restrictions_only,
        worksites=worksites,
    )


def require(request: HttpRequest, permission: Permission) -> Viewer:
    """The viewer, who holds `permission`; else PermissionDenied (403)."""
    viewer: Viewer | None = getattr(request, "viewer", None)
    if viewer is None or not viewer.may(permission):
        raise PermissionDenied
    if viewer.seen_by and request.method not in ("GET", "HEAD"):
        raise PermissionDenied("A preview changes nothing.")
    return viewer


def require_staff(request: HttpRequest, permission: Permission) -> StaffMember:
    """The network's own person, who holds `permission`; the transaction acts as operator."""
    member: StaffMember | None = getattr(request, "staff", None)
    if member is None or not member.may(permission):
        raise PermissionDenied
    scope.become(scope.OPERATOR)
    return member


def load[M: Model](
    request: HttpRequest, permission: Permission, visible: VisibleTo[M], pk: UUID
) -> tuple[Viewer, M]:
    """The viewer and the record. Another employer's record is a missing one (404)."""
    viewer = require(request, permission)
    found: Any = get_object_or_404(visible(viewer), pk=pk)
    return viewer, found


def _other_employers(ids: Iterable[UUID]) -> tuple[OtherEmployer, ...]:
    """Each is asked in its own scope: no scope sees two employers."""
    found = []
    for employer_id in ids:
        scope.become(scope.employer(employer_id))
        employer = Employer.objects.get(pk=employer_id)
        found.append(OtherEmployer(employer.pk, employer.legal_name))
    return tuple(found)
