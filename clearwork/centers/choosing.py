"""Choosing a center within another form: the filters, what fits them, and what is chosen."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from clearwork.access.decide import Viewer
from clearwork.centers import queries
from clearwork.centers.forms import FindCenterForm
from clearwork.centers.models import MedicalCenter, Service
from clearwork.centers.queries import Choice
from clearwork.centers.zips import Place, UnknownZip, place
from clearwork.employers import queries as employers
from clearwork.employers.models import Worksite

PREFIX = "center"
SHOWN = 10


@dataclass(frozen=True)
class Choosing:
    """What `centers/_choose.html` draws, as `choosing`.

    `more` is how many further centers fit. `chosen` is the id of the one chosen, and
    `outside` that center where the filters would hide it. `measured_from` is the ZIP code
    or worksite that distances are from, "" for none. `lacking` are the wanted services that
    `outside` does not offer. `site` is the worksite; `is_usual`: its usual center was chosen
    just now.
    """

    form: FindCenterForm
    choices: list[Choice]
    more: int = 0
    chosen: UUID | None = None
    outside: MedicalCenter | None = None
    measured_from: str = ""
    lacking: Sequence[Service] = ()
    site: Worksite | None = None
    is_usual: bool = False


def choosing(
    viewer: Viewer,
    data: Mapping[str, Any],
    *,
    chosen: UUID | None = None,
    services: Collection[UUID] = (),
    telemedicine: bool = False,
    worksite: UUID | None = None,
) -> Choosing:
    """`data` holds the filters as `center-zip` and so on; what is missing does not matter.

    `services`, `telemedicine` and `worksite` are the authorization's own. Distances are from
    the worksite until a ZIP code is given.
    """
    site = _worksite(viewer, worksite)
    form = FindCenterForm(data, prefix=PREFIX, around=_place(site))
    found: list[Choice] = []
    measured_from = str(site) if form.around else ""
    if form.is_valid():
        wanted = form.wanted(list(services))
        found = queries.choices(
            viewer, replace(wanted, telemedicine=wanted.telemedicine or telemedicine)
        )
        measured_from = form.cleaned_data["zip"].zip if form.cleaned_data["zip"] else measured_from
    shown = found[:SHOWN]
    outside = None
    if chosen and all(choice.center.pk != chosen for choice in shown):
        outside = queries.centers().filter(pk=chosen).first()
    return Choosing(
        form=form,
        choices=shown,
        more=len(found) - len(shown),
        chosen=chosen,
        outside=outside,
        measured_from=measured_from,
        lacking=_lacking(outside, services),
        site=site,
    )


def usual_instead(
    viewer: Viewer,
    chosen: UUID | None,
    *,
    before: UUID | None,
    worksite: UUID | None,
    telemedicine: bool,
) -> UUID | None:
    """The usual center of the worksite one turned to, where it takes the place of what is chosen.

    It does where that is the usual one of the worksite `before`: another was chosen by hand.
    """
    if worksite is None or before in (None, worksite):
        return None
    there = queries.defaults(viewer, before).center
    here = queries.defaults(viewer, worksite).center
    if here is None or (telemedicine and not here.offers_telemedicine):
        return None
    is_by_hand = chosen not in (None, there and there.pk)
    return None if is_by_hand or chosen == here.pk else here.pk


def _lacking(center: MedicalCenter | None, services: Collection[UUID]) -> list[Service]:
    if center is None or not services:
        return []
    return queries.not_offered(center, list(queries.services().filter(pk__in=services)))


def _worksite(viewer: Viewer, pk: UUID | None) -> Worksite | None:
    """An open one whose employees the viewer may see."""
    granted = viewer.grants.worksites
    if pk is None or (granted is not None and pk not in granted):
        return None
    return employers.worksites(viewer.employer_id).filter(pk=pk).first()


def _place(site: Worksite | None) -> Place | None:
    """Where the worksite is, as far as its ZIP code tells."""
    try:
        return place(site.postal_code) if site else None
    except UnknownZip:
        return None
