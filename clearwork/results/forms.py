from __future__ import annotations

from typing import Any

from django import forms

from clearwork.centers import queries as centers
from clearwork.employers.rules import ReportKind
from clearwork.results.queries import Criteria


class SearchForm(forms.Form):
    """Results and Reports' filters. A value that makes no sense is said so and left out."""

    name = forms.CharField(required=False, max_length=200, label="Employee name")
    date_of_birth = forms.DateField(
        required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    state = forms.ChoiceField(required=False)
    center = forms.ModelChoiceField(
        centers.centers(), required=False, label="Medical center", empty_label="Any center"
    )
    kind = forms.ChoiceField(
        required=False, label="Type of visit", choices=[("", "Any type"), *ReportKind.choices()]
    )
    archived = forms.BooleanField(required=False, label="Archived (older than 90 days)")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        states = sorted({center.state for center in centers.centers()})
        field = self.fields["state"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - narrows the type
        field.choices = [("", "Any state"), *((state, state) for state in states)]

    def criteria(self) -> Criteria:
        self.is_valid()
        data = self.cleaned_data
        center = data.get("center")
        return Criteria(
            name=data.get("name", ""),
            date_of_birth=data.get("date_of_birth"),
            state=data.get("state", ""),
            center=center.pk if center else None,
            kind=data.get("kind", ""),
            archived=data.get("archived", False),
        )
