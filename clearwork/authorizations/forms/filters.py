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
from clearwork.authorizations.rules import State
from clearwork.centers import queries as centers
from clearwork.employers import queries as employers
from clearwork.ui.filters import ListFilters, as_id, choice_field, day_field


class FilterForm(ListFilters):
    folded_fields = ("worksite", "center", "service", "creator", "made_from", "made_until", "mine")
    spans = (("made_from", "made_until"),)
    earliest = date(1990, 1, 1)

    q = forms.CharField(
        required=False,
        max_length=200,
        label="Employee or number",
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
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
        self.offer("worksite", "Any worksite", _worksites(viewer))
        self.offer("center", "Any center", _centers())
        self.offer("service", "Any service", _services())
        if viewer.may(Permission.AUTHORIZATION_READ_ALL):
            self.offer("creator", "Anyone", _creators(viewer))
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


def _worksites(viewer: Viewer) -> list[tuple[str, str]]:
    listed = employers.all_worksites(viewer.employer_id).values_list("pk", "name")
    return [(str(pk), name) for pk, name in listed]


def _centers() -> list[tuple[str, str]]:
    listed = centers.centers().values_list("pk", "name", "city", "state")
    return [(str(pk), f"{name} ({city}, {state})") for pk, name, city, state in listed]


def _services() -> list[tuple[str, str]]:
    return [(str(pk), name) for pk, name in centers.services().values_list("pk", "name")]


def _creators(viewer: Viewer) -> list[tuple[str, str]]:
    """Who has or had portal access: their authorizations stay."""
    people = PortalAccess.objects.filter(employer_id=viewer.employer_id)
    listed = people.order_by("user__name", "user_id").values_list("user_id", "user__name")
    return [(str(pk), name) for pk, name in listed]
