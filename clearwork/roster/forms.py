"""The roster's filters."""

from __future__ import annotations

from typing import Any

from django import forms

from clearwork.access.decide import Viewer
from clearwork.employers.models import Worksite
from clearwork.people.queries import all_worksites
from clearwork.roster.queries import Criteria, Which
from clearwork.ui.filters import ListFilters


class FilterForm(ListFilters):
    """A value that makes no sense is left out."""

    q = forms.CharField(
        required=False,
        max_length=200,
        label="Name or employee number",
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    date_of_birth = forms.DateField(
        required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    worksite = forms.ModelChoiceField(
        Worksite.objects.none(), required=False, empty_label="Any worksite"
    )
    which = forms.ChoiceField(required=False, choices=Which.choices, label="Show")

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        worksite = self.fields["worksite"]
        assert isinstance(worksite, forms.ModelChoiceField)  # noqa: S101 - narrows the type
        worksite.queryset = all_worksites(viewer)

    def criteria(self) -> Criteria:
        self.is_valid()
        data = self.cleaned_data
        worksite = data.get("worksite")
        return Criteria(
            typed=data.get("q", ""),
            date_of_birth=data.get("date_of_birth"),
            worksite=worksite.pk if worksite else None,
            which=data.get("which", ""),
        )
