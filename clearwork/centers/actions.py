"""Saving what an employer, and each of its users, prefers of the network's catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from clearwork.access.decide import Viewer
from clearwork.audit.actions import Action, record
from clearwork.centers import queries
from clearwork.centers.models import (
    EmployerDefaults,
    FavouriteCenter,
    MedicalCenter,
    PackagedService,
    Service,
    ServicePackage,
    WorksiteDefaults,
)
from clearwork.employers.models import Employer
from clearwork.employers.rules import ChangedMeanwhile, fingerprint


class PackageNameTaken(ValueError):
    """The employer has another package of this name."""


@dataclass(frozen=True)
class Package:
    """What a package says: its name, its services, and what else such an order usually is."""

    name: str
    services: list[Service]
    kind: str = ""
    reason: str = ""
    modality: str = ""


@transaction.atomic
def add_package(package: Package, *, by: Viewer) -> ServicePackage:
    """Raises PackageNameTaken."""
    saved = ServicePackage(employer_id=by.employer_id)
    _save_package(saved, package)
    _audit(Action.PACKAGE_CHANGED, by, saved.pk, change="added", after=_facts(package))
    return saved


@transaction.atomic
def edit_package(saved: ServicePackage, package: Package, *, shown: str, by: Viewer) -> None:
    """`shown` is shown_package(saved) of the page. Raises ChangedMeanwhile, PackageNameTaken.

    Authorizations made with it before stay as they are.
    """
    locked = ServicePackage.objects.select_for_update().get(pk=saved.pk)
    if shown_package(locked) != shown:
        raise ChangedMeanwhile
    before = _facts(_now(locked))
    _save_package(locked, package)
    after = _facts(package)
    if before != after:
        _audit(Action.PACKAGE_CHANGED, by, saved.pk, change="edited", before=before, after=after)


@transaction.atomic
def delete_package(saved: ServicePackage, *, by: Viewer) -> None:
    _audit(Action.PACKAGE_CHANGED, by, saved.pk, change="deleted", before=_facts(_now(saved)))
    saved.delete()


@transaction.atomic
def set_favourite(center: MedicalCenter, wanted: bool, *, by: Viewer) -> None:
    """Star a center for this user, or take the star away; again changes nothing."""
    mine: dict[str, Any] = {"employer_id": by.employer_id, "user_id": by.user_id, "center": center}
    if wanted:
        _, changed = FavouriteCenter.objects.get_or_create(**mine)
    else:
        changed = bool(FavouriteCenter.objects.filter(**mine).delete()[0])
    if changed:
        _audit(Action.FAVOURITE_CHANGED, by, by.user_id, center=str(center.pk), starred=wanted)


@dataclass(frozen=True)
class Defaults:
    """`worksite_centers` by worksite id; a worksite without one uses the employer's."""

    center: MedicalCenter | None = None
    billing_note: str = ""
    worksite_centers: Mapping[UUID, MedicalCenter] = field(default_factory=dict)


@transaction.atomic
def set_defaults(chosen: Defaults, *, shown: str, by: Viewer) -> None:
    """Of the whole employer. `shown` is shown_defaults(by) of the page. Raises ChangedMeanwhile.

    Authorizations made before stay as they are.
    """
    # Two Admin Users at once: one after the other.
    Employer.objects.select_for_update(no_key=True).get(pk=by.employer_id)
    if shown_defaults(by) != shown:
        raise ChangedMeanwhile
    before, after = _defaults_now(by), _defaults_said(chosen)
    if before == after:
        return
    EmployerDefaults.objects.update_or_create(
        employer_id=by.employer_id,
        defaults={"center": chosen.center, "billing_note": chosen.billing_note},
    )
    WorksiteDefaults.objects.filter(employer_id=by.employer_id).delete()
    WorksiteDefaults.objects.bulk_create(
        WorksiteDefaults(employer_id=by.employer_id, worksite_id=worksite, center=center)
        for worksite, center in chosen.worksite_centers.items()
    )
    _audit(Action.DEFAULTS_CHANGED, by, by.employer_id, before=before, after=after)


def shown_package(saved: ServicePackage) -> str:
    """What a form about to be drawn shows of it."""
    return fingerprint(_facts(_now(saved)).values())


def shown_defaults(viewer: Viewer) -> str:
    return fingerprint(_defaults_now(viewer).values())


def _save_package(saved: ServicePackage, package: Package) -> None:
    saved.name, saved.kind = package.name, package.kind
    saved.reason, saved.modality = package.reason, package.modality
    try:
        with transaction.atomic():
            saved.save()
    except IntegrityError as broken:
        if "service_package_name" in str(broken):
            raise PackageNameTaken(package.name) from broken
        raise
    PackagedService.objects.filter(employer_id=saved.employer_id, package=saved).delete()
    PackagedService.objects.bulk_create(
        PackagedService(employer_id=saved.employer_id, package=saved, service=service)
        for service in package.services
    )


def _now(saved: ServicePackage) -> Package:
    fresh = ServicePackage.objects.get(pk=saved.pk)
    services = list(fresh.services.all())
    return Package(fresh.name, services, fresh.kind, fresh.reason, fresh.modality)


def _facts(package: Package) -> dict[str, Any]:
    return {
        "name": package.name,
        "services": sorted(service.code for service in package.services),
        "kind": package.kind,
        "reason": package.reason,
        "modality": package.modality,
    }


def _defaults_now(by: Viewer) -> dict[str, Any]:
    own = queries.employer_defaults(by)
    rows = WorksiteDefaults.objects.filter(employer_id=by.employer_id).select_related("center")
    centers = {row.worksite_id: row.center for row in rows}
    if own is None:
        return _defaults_said(Defaults(worksite_centers=centers))
    return _defaults_said(Defaults(own.center, own.billing_note, centers))


def _defaults_said(chosen: Defaults) -> dict[str, Any]:
    return {
        "center": chosen.center.code if chosen.center else "",
        "billing_note": chosen.billing_note,
        "worksites": {str(w): c.code for w, c in sorted(chosen.worksite_centers.items())},
    }


def _audit(action: Action, by: Viewer, subject_id: UUID, **detail: Any) -> None:
    record(action, by=by.actor, employer_id=by.employer_id, subject_id=subject_id, **detail)
