"""The filters of visits and of the work status board."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms

from clearwork.access.decide import Viewer
from clearwork.centers import directory
from clearwork.employers.rules import ReportKind
from clearwork.people.forms import worksite_options
from clearwork.ui.filters import ListFilters, Options, as_id, choice_field, day_field, search_field
from clearwork.visits.queries import Criteria, Show


class VisitFilters(ListFilters):
    folded_fields = ("worksite", "center", "kind", "first", "last")
    spans: ClassVar[tuple[tuple[str, str], ...]] = (("first", "last"),)

    name = search_field("Employee name")
    employee = forms.UUIDField(required=False, widget=forms.HiddenInput)
    worksite = choice_field("Worksite")
    center = choice_field("Medical center")
    kind = choice_field("Type of visit", Options(ReportKind.choices(), any_of_them="Any type"))
    first = day_field("Visits from")
    last = day_field("Visits until")

    def __init__(self, data: Mapping[str, Any], *, viewer: Viewer) -> None:
        super().__init__(data)
        self.offer("worksite", worksite_options(viewer))
        self.offer("center", directory.places().centers)
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
    name = search_field("Employee name")
    worksite = choice_field("Worksite")

    def __init__(self, data: Mapping[str, Any], *, viewer: Viewer) -> None:
        super().__init__(data)
        self.offer("worksite", worksite_options(viewer))
        self.is_valid()
