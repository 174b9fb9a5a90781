"""Support keeps the catalogue: services are added, changed, retired and offered again.

None is ever deleted, and what an order of the past says of one stays: its code, what kind of care
it is, and whether it is a DOT test are settled when it is added.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from clearwork.audit.actions import Action, Actor, record
from clearwork.centers.models import MedicalCenter, Service
from clearwork.employers.rules import ChangedMeanwhile, fingerprint

SETTLED = ("code", "kind", "dot_test")
CHANGEABLE = (
    "name",
    "name_es",
    "category",
    "with_injury",
    "modalities",
    "description",
    "bring",
    "bring_es",
    "prepare",
    "prepare_es",
)


@transaction.atomic
def add_service(
    facts: Mapping[str, Any], centers: Iterable[MedicalCenter], *, by: Actor
) -> Service:
    """`facts` of SETTLED and CHANGEABLE, `centers` that offer it."""
    added = Service(**facts)
    added.save(force_insert=True)
    added.centers.set(centers)
    record(Action.SERVICE_ADDED, by=by, subject_id=added.pk, code=added.code)
    return added


@transaction.atomic
def change_service(
    saved: Service,
    facts: Mapping[str, Any],
    centers: Iterable[MedicalCenter],
    *,
    shown: str,
    by: Actor,
) -> None:
    """`shown` is shown_service(saved) of the page. Raises ChangedMeanwhile.

    Centers that closed keep what they offered.
    """
    fresh = Service.objects.select_for_update(no_key=True).get(pk=saved.pk)
    if shown_service(fresh) != shown:
        raise ChangedMeanwhile
    before = _said(fresh)
    for name in CHANGEABLE:
        setattr(fresh, name, facts[name])
    fresh.save(update_fields=CHANGEABLE)
    fresh.centers.set([*centers, *fresh.centers.filter(is_active=False)])
    after = _said(fresh)
    if changed := {
        name: [before[name], after[name]] for name in after if before[name] != after[name]
    }:
        record(Action.SERVICE_CHANGED, by=by, subject_id=fresh.pk, code=fresh.code, changed=changed)


@transaction.atomic
def offer_service(saved: Service, *, offered: bool, by: Actor) -> bool:
    """Retire it, or offer it again; False where it is so already."""
    own = Service.objects.filter(pk=saved.pk, is_active=not offered)
    if not own.update(is_active=offered):
        return False
    action = Action.SERVICE_OFFERED if offered else Action.SERVICE_RETIRED
    record(action, by=by, subject_id=saved.pk, code=saved.code)
    return True


def shown_service(saved: Service) -> str:
    """What a form about to be drawn shows of it."""
    return fingerprint(map(str, _said(saved).values()))


def _said(saved: Service) -> dict[str, Any]:
    offering = saved.centers.order_by("code").values_list("code", flat=True)
    return {name: getattr(saved, name) for name in CHANGEABLE} | {"centers": list(offering)}
