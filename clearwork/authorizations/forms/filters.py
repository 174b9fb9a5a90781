"""The list's filters as a form. What makes no sense is said at the field and left out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms

from clearwork.access.decide import Viewer
from clearwork.access.permissions import Permission
from clearwork.accounts.models import PortalAccess
from clearwork.authorizations.listing import GROUPS, Criteria
from clearwork.authorizations.rules import State
from clearwork.centers import queries as centers
from clearwork.employers import queries as employers

_EARLIEST, _LATEST = date(1990, 1, 1), date(2200, 1, 1)
_FOLDED = ("worksite", "center", "service", "creator", "made_from", "made_until", "mine")


def _day(label: str) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(required=False, label=label, widget=widget)


def _choice(label: str) -> forms.ChoiceField:
    return forms.ChoiceField(required=False, label=label)


class FilterForm(forms.Form):
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
    worksite = _choice("Worksite")
    center = _choice("Medical center")
    service = _choice("Service")
    creator = _choice("Authorized by")
    made_from = _day("Authorized from")
    made_until = _day("Authorized until")
    mine = forms.BooleanField(required=False, label="Only mine")

    def __init__(self, data: Mapping[str, Any], *, viewer: Viewer) -> None:
        super().__init__(data)
        self._offer("worksite", "Any worksite", _worksites(viewer))
        self._offer("center", "Any center", _centers())
        self._offer("service", "Any service", _services())
        if viewer.may(Permission.AUTHORIZATION_READ_ALL):
            self._offer("creator", "Anyone", _creators(viewer))
        else:  # sees no one else's
            del self.fields["creator"], self.fields["mine"]
        self.is_valid()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for name in ("made_from", "made_until"):
            if (day := data.get(name)) and not _EARLIEST <= day <= _LATEST:
                self.add_error(name, "Choose a date from 1990 on.")
        if (start := data.get("made_from")) and (end := data.get("made_until")) and end < start:
            self.add_error("made_until", "This is before the first day.")
        return data

    def criteria(self) -> Criteria:
        data = self.cleaned_data
        return Criteria(
            text=data.get("q", ""),
            state=data.get("state", ""),
            employee=data.get("employee"),
            worksite=_id(data.get("worksite")),
            center=_id(data.get("center")),
            service=_id(data.get("service")),
            creator=_id(data.get("creator")),
            mine=data.get("mine", False),
            made_from=data.get("made_from"),
            made_until=data.get("made_until"),
        )

    def query(self) -> str:
        """The filters that are set and make sense, as a query string in one order."""
        return urlencode({name: _text(value) for name, value in self._set().items()})

    def folded(self) -> int:
        """How many of the filters that a phone folds away are set."""
        return sum(name in self._set() for name in _FOLDED)

    def _set(self) -> dict[str, Any]:
        known = ((name, self.cleaned_data.get(name)) for name in self.fields)
        return {name: value for name, value in known if value}

    def _offer(self, name: str, any_of_them: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - narrows the type
        field.choices = [("", any_of_them), *choices]


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


def _id(chosen: str | None) -> UUID | None:
    return UUID(chosen) if chosen else None


def _text(value: object) -> str:
    return "on" if value is True else str(value)
