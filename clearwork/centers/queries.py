"""Reading the network's catalogue, and what each employer prefers of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet

from clearwork.access.decide import Viewer
from clearwork.centers.models import (
    EmployerDefaults,
    FavouriteCenter,
    MedicalCenter,
    PackagedService,
    Service,
    ServicePackage,
    WorksiteDefaults,
)
from clearwork.centers.rules import Category, Kind, miles_between
from clearwork.centers.zips import Place
from clearwork.database import fast

_SENDERS = """
    SELECT hl7_application, hl7_facility, id, name
    FROM unnest(%s::text[], %s::text[]) AS asked (application, facility)
    JOIN centers_medicalcenter
        ON hl7_application = asked.application AND hl7_facility = asked.facility
"""


def centers() -> QuerySet[MedicalCenter]:
    """Those that can be chosen: a closed one is seen on what named it before, nowhere else."""
    return MedicalCenter.objects.filter(is_active=True)


def services() -> QuerySet[Service]:
    return Service.objects.filter(is_active=True)


def services_fitting(kind: str, modality: str) -> QuerySet[Service]:
    """What can be authorized for this kind of care in this way: Service.fits, as SQL."""
    of_kind = Q(kind=kind) | (Q(with_injury=True) if kind == Kind.INJURY else Q())
    return services().filter(of_kind, modalities__contains=[modality])


def by_category(found: QuerySet[Service]) -> list[tuple[str, list[Service]]]:
    """Services on their shelves (the category's label), by name."""
    shelves: dict[str, list[Service]] = {category.value: [] for category in Category}
    for service in found.order_by("name"):
        shelves[service.category].append(service)
    return [(Category(name).label, shelf) for name, shelf in shelves.items() if shelf]


def offered_by(center: MedicalCenter) -> QuerySet[Service]:
    return services().filter(centers=center)


def not_offered(center: MedicalCenter, wanted: Collection[Service]) -> list[Service]:
    """Which of these the center does not offer."""
    offered = set(offered_by(center).values_list("pk", flat=True))
    return [service for service in wanted if service.pk not in offered]


@dataclass(frozen=True)
class Wanted:
    """How one narrows down the centers; what is left empty does not matter.

    `miles` is from `near`. `services`: all of them, by id.
    """

    state: str = ""
    city: str = ""
    near: Place | None = None
    miles: int | None = None
    services: Sequence[UUID] = ()
    telemedicine: bool = False
    open_now: bool = False


@dataclass(frozen=True)
class Choice:
    """A center one may choose; `miles` where both places are known."""

    center: MedicalCenter
    is_favourite: bool
    miles: float | None = None


def choices(viewer: Viewer, wanted: Wanted) -> list[Choice]:
    """Open centers as wanted: favorites first, then the nearest or by place and name. One query.

    Distance and opening hours are reckoned here: a network has hundreds of centers, not more.
    """
    found = _as_wanted(with_favourites(viewer, centers()), wanted)
    chosen = [_choice(center, wanted.near) for center in found]
    if wanted.near and wanted.miles is not None:
        chosen = [c for c in chosen if c.miles is not None and c.miles <= wanted.miles]
    if wanted.open_now:
        chosen = [c for c in chosen if c.center.is_open_now]
    return sorted(chosen, key=_nearest_favourite) if wanted.near else chosen


def with_favourites(viewer: Viewer, found: QuerySet[MedicalCenter]) -> QuerySet[MedicalCenter]:
    """Each with `is_favourite`, the viewer's own first."""
    mine = FavouriteCenter.objects.filter(
        employer_id=viewer.employer_id, user_id=viewer.user_id, center=OuterRef("pk")
    )
    marked = found.annotate(is_favourite=Exists(mine))
    return marked.order_by(F("is_favourite").desc(), "state", "city", "name")


def states() -> list[str]:
    """Those with a center."""
    return list(centers().order_by("state").values_list("state", flat=True).distinct())


def _as_wanted(found: QuerySet[MedicalCenter], wanted: Wanted) -> QuerySet[MedicalCenter]:
    if wanted.state:
        found = found.filter(state=wanted.state)
    if wanted.city:
        found = found.filter(city__istartswith=wanted.city)
    if wanted.telemedicine:
        found = found.filter(offers_telemedicine=True)
    for service in wanted.services:
        found = found.filter(services=service)
    return found


def _choice(center: MedicalCenter, near: Place | None) -> Choice:
    favourite: bool = center.is_favourite  # type: ignore[attr-defined]
    return Choice(center, favourite, miles_to(center, near) if near else None)


def miles_to(center: MedicalCenter, near: Place) -> float | None:
    """None where the center's own place is not known."""
    if center.latitude is None or center.longitude is None:
        return None
    there = (center.latitude, center.longitude)
    return miles_between((near.latitude, near.longitude), there)


def _nearest_favourite(choice: Choice) -> tuple[bool, bool, float]:
    return not choice.is_favourite, choice.miles is None, choice.miles or 0


def packages(viewer: Viewer) -> QuerySet[ServicePackage]:
    """The employer's own, each with those of its services that are still offered."""
    own = ServicePackage.objects.filter(employer_id=viewer.employer_id)
    return own.prefetch_related(Prefetch("services", services()))


def packaged(package: ServicePackage) -> QuerySet[Service]:
    """All that it was made of, what is not offered any more too."""
    own = PackagedService.objects.filter(employer_id=package.employer_id, package=package)
    return Service.objects.filter(pk__in=own.values("service"))


def package_named(viewer: Viewer, name: str) -> QuerySet[ServicePackage]:
    """However it is capitalized."""
    return ServicePackage.objects.filter(employer_id=viewer.employer_id, name__iexact=name)


@dataclass(frozen=True)
class Defaults:
    """What a new authorization begins with. A center that closed is none."""

    center: MedicalCenter | None = None
    billing_note: str = ""


def defaults(viewer: Viewer, worksite_id: UUID | None = None) -> Defaults:
    """The worksite's own center where one is set, else the employer's."""
    own = employer_defaults(viewer)
    of_worksite = worksite_centers(viewer).get(worksite_id) if worksite_id else None
    center = of_worksite or (own.center if own else None)
    note = own.billing_note if own else ""
    return Defaults(center if center and center.is_active else None, note)


def employer_defaults(viewer: Viewer) -> EmployerDefaults | None:
    saved = EmployerDefaults.objects.filter(employer_id=viewer.employer_id)
    return saved.select_related("center").first()


def worksite_centers(viewer: Viewer) -> dict[UUID, MedicalCenter]:
    """By worksite id, open centers alone."""
    saved = WorksiteDefaults.objects.filter(employer_id=viewer.employer_id, center__is_active=True)
    return {row.worksite_id: row.center for row in saved.select_related("center")}


type Sender = tuple[str, str]
"""How a center's system signs its messages: application and facility (MSH-3, MSH-4)."""


def senders(pairs: Collection[Sender]) -> dict[Sender, MedicalCenter]:
    """The centers behind these signatures, as far as they are known; id and name only.

    Closed ones too: a laboratory's result, or a correction, comes days after the last visit.
    """
    applications, facilities = [a for a, _ in pairs], [f for _, f in pairs]
    found = fast.execute(_SENDERS, [applications, facilities])
    return {
        (application, facility): fast.made(MedicalCenter, ("id", "name"), center)
        for application, facility, *center in found
    }
