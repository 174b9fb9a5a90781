"""The roster's filters."""

from __future__ import annotations

from typing import Any

from clearwork.access.decide import Viewer
from clearwork.people.forms import worksite_options
from clearwork.roster.queries import Criteria, Which
from clearwork.ui.filters import ListFilters, Options, as_id, choice_field, day_field, search_field


class FilterForm(ListFilters):
    """A value that makes no sense is left out."""

    q = search_field("Name or employee number")
    date_of_birth = day_field("Date of birth")
    worksite = choice_field("Worksite")
    which = choice_field("Show", Options(Which.choices()))

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("worksite", worksite_options(viewer))

    def criteria(self) -> Criteria:
        self.is_valid()
        data = self.cleaned_data
        return Criteria(
            typed=data.get("q", ""),
            date_of_birth=data.get("date_of_birth"),
            worksite=as_id(data.get("worksite")),
            which=data.get("which", ""),
        )
