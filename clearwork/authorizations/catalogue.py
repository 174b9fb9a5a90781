"""What the form reads of the network's catalogue and of what the employer ordered before."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from clearwork.access.decide import Viewer
from clearwork.authorizations import queries
from clearwork.authorizations.models import Authorization, DotTestOrder
from clearwork.centers import queries as centers
from clearwork.centers.models import MedicalCenter, Service
from clearwork.centers.rules import Category, Kind
from clearwork.database import fast

_OFFERED = """
    SELECT service_id FROM centers_medicalcenter_services
    WHERE medicalcenter_id = %s AND service_id = ANY (%s)
"""


def orderable_services(ids: Collection[UUID]) -> list[Service]:
    """Those of these services that are on offer, by name."""
    return fast.find(Service, "is_active AND id = ANY (%s) ORDER BY name", [list(ids)])


def center(pk: UUID) -> MedicalCenter:
    """Any center, one that closed included. Raises DoesNotExist."""
    for found in fast.find(MedicalCenter, "id = %s", [pk]):
        return found
    raise MedicalCenter.DoesNotExist


def not_offered(center: MedicalCenter, services: Collection[Service]) -> list[Service]:
    """Which of these the center does not offer."""
    rows = fast.execute(_OFFERED, [center.pk, [service.pk for service in services]])
    offered = {pk for (pk,) in rows}
    return [service for service in services if service.pk not in offered]


def submitted(viewer: Viewer, submission: UUID) -> Authorization | None:
    """What the form with this id made."""
    return queries.authorizations(viewer).filter(submission=submission).first()


def last_of(viewer: Viewer) -> Authorization | None:
    """The newest authorization this person made."""
    own = queries.authorizations(viewer).filter(created_by=viewer.user_id)
    return own.order_by("-created_at", "-id").first()


def last_dot_test(viewer: Viewer) -> DotTestOrder | None:
    """The employer's newest DOT test: whom to call, which laboratory."""
    return DotTestOrder.objects.filter(employer_id=viewer.employer_id).order_by("-id").first()


def first_care(modality: str) -> Service | None:
    """What an injury usually begins with, of what can be done in this way."""
    return usual_care(centers.services_fitting(Kind.INJURY, modality))


def usual_care(services: Iterable[Service]) -> Service | None:
    """The injury care that is given in the most ways: a first visit, not an X-ray."""
    care = [one for one in services if one.category == Category.INJURY_CARE]
    return min(care, key=lambda one: (-len(one.modalities), one.code), default=None)
