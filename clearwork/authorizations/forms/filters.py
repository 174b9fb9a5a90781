"""The list's filters as a form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms

from clearwork.access.decide import Viewer
from clearwork.access.permissions import Permission
from clearwork.accounts.models import PortalAccess
from clearwork.authorizations.listing import GROUPS, Criteria
from clearwork.authorizations.queries import authorizations
from clearwork.authorizations.rules import State
from clearwork.centers import directory
from clearwork.employers import queries as employers
from clearwork.ui.filters import ListFilters, Options, as_id, choice_field, day_field, search_field


class FilterForm(ListFilters):
    folded_fields = ("worksite", "center", "service", "creator", "made_from", "made_until", "mine")
    spans = (("made_from", "made_until"),)
    earliest = date(1990, 1, 1)

    q = search_field("Employee or number")
    state = forms.ChoiceField(
        required=False,
        choices=[("", "Any"), *GROUPS.items(), *State.choices()],
        widget=forms.HiddenInput,
    )
    employee = forms.UUIDField(required=False, widget=forms.HiddenInput)
    worksite = choice_field("Worksite")
    center = choice_field("Medical center")
    service = choice_field("Service")
    creator = choice_field("Authorized by")
    made_from = day_field("Authorized from")
    made_until = day_field("Authorized until")
    mine = forms.BooleanField(required=False, label="Only mine")

    def __init__(self, data: Mapping[str, Any], *, viewer: Viewer) -> None:
        super().__init__(data)
        self.offer("worksite", _worksites(viewer))
        self.offer("center", directory.places().centers)
        self.offer("service", directory.services())
        if viewer.may(Permission.AUTHORIZATION_READ_ALL):
            self.offer("creator", _creators(viewer))
        else:  # sees no one else's
            del self.fields["creator"], self.fields["mine"]
        self.is_valid()

    def criteria(self) -> Criteria:
        data = self.cleaned_data
        return Criteria(
            text=data.get("q", ""),
            state=data.get("state", ""),
            employee=data.get("employee"),
            worksite=as_id(data.get("worksite")),
            center=as_id(data.get("center")),
            service=as_id(data.get("service")),
            creator=as_id(data.get("creator")),
            mine=data.get("mine", False),
            made_from=data.get("made_from"),
            made_until=data.get("made_until"),
        )


def _worksites(viewer: Viewer) -> Options:
    """Of who was granted a list of worksites those, and where their own orders were for."""
    named, granted = employers.worksite_names(viewer.employer_id), viewer.grants.worksites
    if granted is not None:
        own = authorizations(viewer).order_by().values_list("worksite_id", flat=True)
        seen = granted | set(own.distinct())
        named = [(pk, name) for pk, name in named if pk in seen]
    return Options(named, any_of_them="Any worksite")


def _creators(viewer: Viewer) -> Options:
    """Who has or had portal access: their authorizations stay."""
    people = PortalAccess.objects.filter(employer_id=viewer.employer_id)
    listed = people.order_by("user__name", "user_id").values_list("user_id", "user__name")
    return Options(listed, any_of_them="Anyone")
