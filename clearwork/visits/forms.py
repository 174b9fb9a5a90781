"""The filters of visits and of the work status board."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms

from clearwork.access.decide import Viewer
from clearwork.centers import queries as centers
from clearwork.employers.rules import ReportKind
from clearwork.people import queries as people
from clearwork.ui.filters import ListFilters, as_id, choice_field, day_field
from clearwork.visits.queries import Criteria, Show


def _name() -> forms.CharField:
    typed = forms.TextInput(attrs={"type": "search", "autocomplete": "off"})
    return forms.CharField(required=False, max_length=200, label="Employee name", widget=typed)


class VisitFilters(ListFilters):
    folded_fields = ("worksite", "center", "kind", "first", "last")
    spans: ClassVar[tuple[tuple[str, str], ...]] = (("first", "last"),)

    name = _name()
    employee = forms.UUIDField(required=False, widget=forms.HiddenInput)
    worksite = choice_field("Worksite")
    center = choice_field("Medical center")
    kind = forms.ChoiceField(
        required=False, label="Type of visit", choices=[("", "Any type"), *ReportKind.choices()]
    )
    first = day_field("Visits from")
    last = day_field("Visits until")

    def __init__(self, data: Mapping[str, Any], *, viewer: Viewer) -> None:
        super().__init__(data)
        self.offer("worksite", "Any worksite", _worksites(viewer))
        listed = centers.centers().values_list("pk", "name", "city", "state")
        named = [(str(pk), f"{name} ({city}, {state})") for pk, name, city, state in listed]
        self.offer("center", "Any center", named)
        self.is_valid()

    def criteria(self) -> Criteria:
        data = self.cleaned_data
        return Criteria(
            name=data.get("name", ""),
            employee=data.get("employee"),
            worksite=as_id(data.get("worksite")),
            center=as_id(data.get("center")),
            kind=data.get("kind", ""),
            first=data.get("first"),
            last=data.get("last"),
        )


class BoardFilters(ListFilters):
    show = forms.ChoiceField(required=False, choices=Show.choices(), widget=forms.HiddenInput)
    name = _name()
    worksite = choice_field("Worksite")

    def __init__(self, data: Mapping[str, Any], *, viewer: Viewer) -> None:
        super().__init__(data)
        self.offer("worksite", "Any worksite", _worksites(viewer))
        self.is_valid()


def _worksites(viewer: Viewer) -> list[tuple[str, str]]:
    listed = people.all_worksites(viewer).values_list("pk", "name")
    return [(str(pk), name) for pk, name in listed]
