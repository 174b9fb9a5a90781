"""Short ways to say what a story about access needs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from clearwork.accounts.actions import VisitActivity, activity_of, grant
from clearwork.accounts.models import PortalAccess
from clearwork.audit.models import AuditEvent
from clearwork.database import scope
from tests.cast import Cast, Person


@contextmanager
def northwind(cast: Cast) -> Iterator[None]:
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        yield


def access_of(someone: Person) -> PortalAccess:
    with scope.acting_as(scope.OPERATOR):
        return PortalAccess.objects.select_related("contact").get(user=someone.user)


def contact_id(someone: Person) -> UUID:
    return UUID(str(access_of(someone).contact_id))


def events(action: str) -> list[AuditEvent]:
    with scope.acting_as(scope.OPERATOR):
        return list(AuditEvent.objects.filter(action=action).order_by("at", "id"))


def let_see(cast: Cast, someone: Person, activity: VisitActivity) -> None:
    with northwind(cast):
        access = access_of(someone)
        shown = activity_of(access).seen
        grant(by=cast.alice.viewer.actor, access=access, activity=activity, shown=shown)


def granted_now(contact: UUID) -> str:
    """What the form of this contact's grants would show; "" without access."""
    with scope.acting_as(scope.OPERATOR):
        access = PortalAccess.objects.filter(contact=contact).first()
        return activity_of(access).seen if access else ""
