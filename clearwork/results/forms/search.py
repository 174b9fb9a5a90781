"""The filters of Results and Reports."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms

from clearwork.access.decide import Viewer
from clearwork.centers import directory
from clearwork.employers.rules import DRUG_TESTS, ReportKind, ReportType
from clearwork.people.forms import worksite_options
from clearwork.results.queries import Criteria
from clearwork.results.rules import Shelf, Sort
from clearwork.ui.filters import ListFilters, Options, as_id, choice_field, day_field, search_field


class SearchForm(ListFilters):
    """`last_here` is when the viewer signed in the time before; None where it was the first."""

    folded_fields = (
        *("date_of_birth", "report_type", "kind", "state", "center", "worksite"),
        *("received_from", "received_until", "visited_from", "visited_until"),
    )
    spans = (("received_from", "received_until"), ("visited_from", "visited_until"))

    name = search_field("Employee name")
    archived = choice_field("Show", Options(Shelf.choices()))
    sort = choice_field("Sort by", Options(Sort.choices()))
    date_of_birth = day_field("Date of birth")
    report_type = choice_field(
        "Type of report", Options(ReportType.choices(), any_of_them="Any report")
    )
    kind = choice_field("Type of visit", Options(ReportKind.choices(), any_of_them="Any visit"))
    state = choice_field("State")
    center = choice_field("Medical center")
    worksite = choice_field("Worksite")
    received_from = day_field("Received from")
    received_until = day_field("Received until")
    visited_from = day_field("Visit from")
    visited_until = day_field("Visit until")
    new = forms.BooleanField(required=False, label="New since I last signed in")
    unread = forms.BooleanField(required=False, label="Not opened by me")

    def __init__(
        self, data: Mapping[str, Any], *, viewer: Viewer, last_here: datetime | None = None
    ) -> None:
        super().__init__(data)
        self._last_here = last_here
        places = directory.places()
        self.offer("state", places.states)
        self.offer("center", places.centers)
        self.offer("worksite", worksite_options(viewer))
        self.is_valid()

    @property
    def about_drug_tests(self) -> bool:
        return self.cleaned_data.get("report_type") in DRUG_TESTS

    def criteria(self) -> Criteria:
        data = self.cleaned_data
        return Criteria(
            name=data.get("name", ""),
            date_of_birth=data.get("date_of_birth"),
            state=data.get("state", ""),
            center=as_id(data.get("center")),
            worksite=as_id(data.get("worksite")),
            kind=data.get("kind", ""),
            report_type=data.get("report_type", ""),
            received_from=data.get("received_from"),
            received_until=data.get("received_until"),
            visited_from=data.get("visited_from"),
            visited_until=data.get("visited_until"),
            new_since=self._last_here if data.get("new") else None,
            unread=data.get("unread", False),
            shelf=Shelf(data.get("archived", "")),
            sort=Sort(data.get("sort", "")),
        )
