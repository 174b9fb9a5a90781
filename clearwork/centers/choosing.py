"""Choosing a center within another form: the filters, what fits them, and what is chosen."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from clearwork.access.decide import Viewer
from clearwork.centers import queries
from clearwork.centers.forms import FindCenterForm
from clearwork.centers.models import MedicalCenter
from clearwork.centers.queries import Choice

PREFIX = "center"
SHOWN = 10


@dataclass(frozen=True)
class Choosing:
    """What `centers/_choose.html` draws, as `choosing`.

    `more` is how many further centers fit. `chosen` is the id of the one chosen, and
    `outside` that center where the filters would hide it.
    """

    form: FindCenterForm
    choices: list[Choice]
    more: int = 0
    chosen: UUID | None = None
    outside: MedicalCenter | None = None


def choosing(
    viewer: Viewer,
    data: Mapping[str, Any],
    *,
    chosen: UUID | None = None,
    services: Collection[UUID] = (),
    telemedicine: bool = False,
) -> Choosing:
    """`data` holds the filters as `center-zip` and so on; what is missing does not matter.

    `services` and `telemedicine` are wanted by the authorization itself.
    """
    form = FindCenterForm(data, prefix=PREFIX)
    found: list[Choice] = []
    if form.is_valid():
        wanted = form.wanted(list(services))
        if telemedicine:
            wanted = replace(wanted, telemedicine=True)
        found = queries.choices(viewer, wanted)
    shown = found[:SHOWN]
    outside = None
    if chosen and all(choice.center.pk != chosen for choice in shown):
        outside = queries.centers().filter(pk=chosen).first()
    return Choosing(form, shown, len(found) - len(shown), chosen, outside)
