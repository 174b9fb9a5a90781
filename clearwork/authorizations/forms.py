"""What one fills in to authorize care."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from clearwork.access.decide import Viewer
from clearwork.authorizations.actions import Injury, Order
from clearwork.authorizations.rules import CENTRALIZED, VALID_DAYS, Kind, Modality, Reason
from clearwork.centers import queries as centers
from clearwork.employers import queries as employers
from clearwork.employers.models import Worksite
from clearwork.foundation import clock
from clearwork.foundation.ids import uuid7
from clearwork.people import actions as people
from clearwork.people import queries as employees
from clearwork.people.models import Employee

# Required only beside another choice; clean() sees to it.
_NEEDED_AT_TIMES = (
    "first_name",
    "last_name",
    "date_of_birth",
    "injury_date",
    "body_part",
    "what_happened",
    "injury_services",
    "non_injury_services",
    "center",
)
_OLDEST_BIRTH = date(1900, 1, 1)
_NEW = "new"


def _date_input() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class CenterSelect(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Centers grouped by state."""

    def __init__(self) -> None:
        super().__init__(centers.centers(), required=False, label="Medical center")

    def grouped(self) -> list[tuple[str, list[tuple[Any, str]]]]:
        found = [(center.state, center) for center in self.queryset or ()]
        return [
            (state, [(center.pk, str(center)) for _, center in group])
            for state, group in groupby(found, key=lambda pair: pair[0])
        ]


class AuthorizationForm(forms.Form):
    submission = forms.UUIDField(widget=forms.HiddenInput, initial=uuid7)
    who = forms.ChoiceField(
        choices=[("existing", "An employee on the list"), (_NEW, "A new employee")],
        widget=forms.RadioSelect,
        initial="existing",
        label="Who needs care?",
    )
    employee = forms.UUIDField(
        required=False,
        label="Employee",
        error_messages={"invalid": "Choose an employee from the list."},
    )
    first_name = forms.CharField(required=False, max_length=100)
    last_name = forms.CharField(required=False, max_length=100)
    date_of_birth = forms.DateField(required=False, widget=_date_input())
    employee_number = forms.CharField(required=False, max_length=40, label="Employee number")
    phone = forms.CharField(
        required=False, max_length=40, widget=forms.TextInput(attrs={"type": "tel"})
    )
    worksite = forms.ModelChoiceField(Worksite.objects.none(), empty_label=None)
    kind = forms.ChoiceField(
        choices=Kind.choices,
        widget=forms.RadioSelect,
        initial=Kind.NON_INJURY,
        label="What is it for?",
    )
    reason = forms.ChoiceField(choices=Reason.choices, initial=Reason.PRE_PLACEMENT)
    injury_services = forms.ModelMultipleChoiceField(
        centers.services().filter(kind=Kind.INJURY),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label="Services",
    )
    non_injury_services = forms.ModelMultipleChoiceField(
        centers.services().filter(kind=Kind.NON_INJURY),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label="Services",
    )
    injury_date = forms.DateField(required=False, widget=_date_input(), label="Date of injury")
    injury_time = forms.TimeField(
        required=False, widget=forms.TimeInput(attrs={"type": "time"}), label="Time of injury"
    )
    body_part = forms.CharField(required=False, max_length=120)
    what_happened = forms.CharField(
        required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    claim_number = forms.CharField(required=False, max_length=60)
    insurer = forms.CharField(required=False, max_length=120)
    modality = forms.ChoiceField(
        choices=Modality.choices,
        widget=forms.RadioSelect,
        initial=Modality.IN_CENTER,
        label="How will they be seen?",
    )
    center = CenterSelect()
    valid_from = forms.DateField(widget=_date_input(), initial=clock.today, label="Valid from")
    expires = forms.DateField(
        widget=_date_input(), initial=lambda: clock.today() + timedelta(days=VALID_DAYS)
    )
    center_note = forms.CharField(
        required=False,
        max_length=500,
        label="Note to the center",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    billing_note = forms.CharField(required=False, max_length=500)

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.viewer = viewer
        for name in _NEEDED_AT_TIMES:
            self.fields[name].widget.attrs["aria-required"] = "true"
        self.fields["worksite"].queryset = employers.worksites(viewer.employer_id)  # type: ignore[attr-defined]
        center = self.fields["center"]
        assert isinstance(center, CenterSelect)  # noqa: S101 - narrows the type
        center.widget.choices = [("", "Choose a medical center"), *center.grouped()]

    def clean_employee(self) -> Employee | None:
        chosen = self.cleaned_data.get("employee")
        if chosen is None:
            return None
        found = employees.employees(self.viewer).filter(pk=chosen).first()
        if found is None:
            raise ValidationError("That employee is not on your list. Search again.")
        return found

    def clean_date_of_birth(self) -> date | None:
        born: date | None = self.cleaned_data["date_of_birth"]
        if born and not _OLDEST_BIRTH <= born <= clock.today():
            raise ValidationError("Enter a date of birth between 1900 and today.")
        return born

    def clean_injury_date(self) -> date | None:
        happened: date | None = self.cleaned_data["injury_date"]
        if happened and not _OLDEST_BIRTH <= happened <= clock.today():
            raise ValidationError("Enter a date of injury between 1900 and today.")
        return happened

    def clean_valid_from(self) -> date:
        start: date = self.cleaned_data["valid_from"]
        if start < clock.today():
            raise ValidationError("Choose today or a later date.")
        return start

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        self._check_who(data)
        self._check_kind(data)
        self._check_place(data)
        if data.get("valid_from") and data.get("expires") and data["expires"] < data["valid_from"]:
            self.add_error("expires", "This is before the first valid day.")
        return data

    def _check_who(self, data: dict[str, Any]) -> None:
        if data.get("who") == _NEW:
            self._require("first_name", "last_name", "date_of_birth")
            number = data.get("employee_number")
            known = employees.employees(self.viewer).filter(employee_number=number)
            if number and known.exists():
                self.add_error("employee_number", "Another employee already has this number.")
        else:
            self._require("employee", text="Search for the employee and choose one.")

    def _check_kind(self, data: dict[str, Any]) -> None:
        if data.get("kind") == Kind.INJURY:
            self._require("injury_date", "body_part", "what_happened")
        if not data.get("kind"):
            return  # which services are meant is open
        chosen = f"{data['kind']}_services"
        self._require(chosen, text="Choose at least one service.")
        data["services"] = list(data.get(chosen) or ())

    def _check_place(self, data: dict[str, Any]) -> None:
        if data.get("modality") in CENTRALIZED:
            data["center"] = None
        else:
            self._require("center", text="Choose the medical center.")

    def _require(self, *names: str, text: str = "This field is required.") -> None:
        for name in names:
            if not self.cleaned_data.get(name) and name not in self.errors:
                self.add_error(name, text)

    def order(self) -> Order:
        """The order, after is_valid(); adds the new employee where there is one."""
        data = self.cleaned_data
        injury = {name: data[name] for name in Injury.__dataclass_fields__}
        return Order(
            employee=data["employee"] if data["who"] != _NEW else self._add_employee(),
            worksite=data["worksite"],
            modality=Modality(data["modality"]),
            center=data["center"],
            kind=Kind(data["kind"]),
            reason=Reason(data["reason"]),
            services=data["services"],
            valid_from=data["valid_from"],
            expires=data["expires"],
            injury=Injury(**injury) if data["kind"] == Kind.INJURY else Injury(),
            billing_note=data["billing_note"],
            center_note=data["center_note"],
            submission=data["submission"],
        )

    def _add_employee(self) -> Employee:
        data = self.cleaned_data
        return people.add_employee(
            by=self.viewer,
            first_name=data["first_name"],
            last_name=data["last_name"],
            date_of_birth=data["date_of_birth"],
            worksite=data["worksite"],
            employee_number=data["employee_number"],
            phone=data["phone"],
        )
