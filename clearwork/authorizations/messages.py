"""Telling who made authorizations that they end, or ended; Admin Users, where who made them has
no access any more. No mail says whose or for what."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import reverse

from clearwork.accounts.models import PortalAccess, Role
from clearwork.authorizations.models import Authorization
from clearwork.authorizations.rules import LAPSED, WAITING
from clearwork.foundation.text import sentence
from clearwork.messaging.mail import Mail

_WHY = "You receive this because you made them in the portal."
_WHY_ONE = "You receive this because you made it in the portal."
_WHY_ADMIN = (
    "You receive this because you are an Admin User, and someone who made authorizations has no"
    " access any more."
)

type _Made = tuple[UUID, UUID]
"""An authorization's id, and who made it."""


def ended(access: PortalAccess | None, ids: Collection[UUID]) -> Mail | None:
    """Ended without a visit; None where all were extended meanwhile, or access was turned off."""
    theirs = _of(access, ids, LAPSED)
    if access is None or not theirs:
        return None
    return _mail(
        access,
        theirs,
        one="An authorization has ended without a visit",
        many="{} authorizations have ended without a visit",
        advice="If care is still needed, you can extend {}.",
        view="lapsed",
    )


def reminder(access: PortalAccess | None, ids: Collection[UUID]) -> Mail | None:
    """About to end; None where none waits any more, or access was turned off."""
    theirs = _of(access, ids, WAITING)
    if access is None or not theirs:
        return None
    return _mail(
        access,
        theirs,
        one="An authorization is about to end",
        many="{} authorizations are about to end",
        advice="If more time is needed, you can extend {}.",
        view="ending",
    )


def _mail(
    access: PortalAccess, theirs: list[_Made], *, one: str, many: str, advice: str, view: str
) -> Mail:
    single, own = len(theirs) == 1, all(maker == access.user_id for _, maker in theirs)
    what = one if single else many.format(len(theirs))
    path = f"{reverse('authorizations:list')}?{'mine=on&' if own else ''}state={view}"
    if single:
        path = reverse("authorizations:detail", kwargs={"pk": theirs[0][0]})
    why = _WHY_ONE if single else _WHY
    return Mail(
        to=access.user.email,
        subject=f"{what}: {settings.ENVIRONMENT.network_name} employer portal",
        paragraphs=(
            sentence(f"{what} for {access.employer.legal_name}"),
            advice.format("it" if single else "them"),
            why if own else _WHY_ADMIN,
        ),
        link_words="Sign in and look at it" if single else "Sign in and look at them",
        link_path=path,
    )


def _of(access: PortalAccess | None, ids: Collection[UUID], states: Collection[str]) -> list[_Made]:
    """Those of the ids in these states; none for who may not sign in any more."""
    if access is None or not (access.is_active and access.user.is_active):
        return []
    theirs = Q(created_by=access.user_id)
    if access.role == Role.ADMIN:
        theirs |= ~Q(created_by__in=who_may_sign_in([access.employer_id]).values("user"))
    found = Authorization.objects.filter(theirs, employer_id=access.employer_id, pk__in=ids)
    return list(found.filter(state__in=sorted(states)).values_list("pk", "created_by"))


def who_may_sign_in(employers: Collection[UUID]) -> QuerySet[PortalAccess]:
    return PortalAccess.objects.filter(
        employer_id__in=employers, is_active=True, user__is_active=True
    )
