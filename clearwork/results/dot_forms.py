from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from clearwork.access.decide import Viewer
from clearwork.people.forms import worksite_options
from clearwork.results.dot_queries import Criteria, Show
from clearwork.ui.filters import ListFilters, as_id, choice_field, search_field


class DotFilters(ListFilters):
    """The filters of DOT cards."""

    show = forms.ChoiceField(required=False, choices=Show.choices(), widget=forms.HiddenInput)
    name = search_field("Driver's name")
    worksite = choice_field("Worksite")

    def __init__(self, data: Mapping[str, Any], *, viewer: Viewer) -> None:
        super().__init__(data)
        self.offer("worksite", worksite_options(viewer))
        self.is_valid()

    def criteria(self) -> Criteria:
        data = self.cleaned_data
        return Criteria(name=data.get("name", ""), worksite=as_id(data.get("worksite")))

    def show_only(self) -> str:
        return str(self.cleaned_data.get("show", ""))
