"""What the form reads of the network's catalogue and of what the employer ordered before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from clearwork.access.decide import Viewer
from clearwork.authorizations import queries
from clearwork.authorizations.models import Authorization, DotTestOrder
from clearwork.centers import queries as centers
from clearwork.centers.models import MedicalCenter, Service
from clearwork.centers.rules import Category, Kind
from clearwork.database import fast
from clearwork.employers.models import Worksite
from clearwork.people import queries as people
from clearwork.people.models import Employee

_OFFERED = """
    SELECT service_id FROM centers_medicalcenter_services
    WHERE medicalcenter_id = %s AND service_id = ANY (%s)
"""


@dataclass(frozen=True)
class Named:
    """What a form names by id, as far as it is there and its sender may name it.

    The center may have closed. The services are those on offer, by name; `offered` are
    those of them that the center offers.
    """

    employee: Employee | None = None
    worksite: Worksite | None = None
    center: MedicalCenter | None = None
    services: tuple[Service, ...] = ()
    offered: frozenset[UUID] = frozenset()


def named(
    viewer: Viewer,
    *,
    employee: UUID | None,
    worksite: UUID | None,
    center: UUID | None,
    services: list[UUID],
) -> Named:
    """All of it in one trip to the database."""
    with fast.together():
        found_employee = people.employee(viewer, employee)
        found_worksite = people.worksite(viewer, worksite)
        found_center = fast.ask(MedicalCenter, "id = %s", [center])
        on_offer = fast.ask(Service, "is_active AND id = ANY (%s) ORDER BY name", [services])
        offered = fast.execute(_OFFERED, [center, services])
    return Named(
        next(found_employee, None),
        next(found_worksite, None),
        next(found_center, None),
        tuple(on_offer),
        frozenset(pk for (pk,) in offered),
    )


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
