"""The form's own fields: dates, and choices from the catalogue."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError

from clearwork.access.decide import Viewer
from clearwork.authorizations import catalogue
from clearwork.centers.models import MedicalCenter, Service
from clearwork.employers.models import Worksite
from clearwork.people import queries as people


def date_input() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def phone_input() -> forms.TextInput:
    return forms.TextInput(attrs={"type": "tel", "autocomplete": "off"})


def required_beside(field: forms.Field) -> forms.Field:
    """Marked as needed, though Django does not ask for it: other choices decide."""
    field.required = False
    field.widget.attrs["aria-required"] = "true"
    return field


class ServicesField(forms.Field):
    """The services with these ids, each once, in the catalogue's order; [] for none."""

    widget = forms.CheckboxSelectMultiple

    def to_python(self, value: Any) -> list[Service]:
        try:
            wanted = {UUID(str(one)) for one in value or ()}
        except ValueError as error:
            raise ValidationError("Choose services from the list.", "invalid_choice") from error
        found = catalogue.orderable_services(wanted) if wanted else []
        if len(found) < len(wanted):
            raise ValidationError(
                "One of these services is not offered any more. Choose again.", "invalid_choice"
            )
        return found


class CenterField(forms.Field):
    """The medical center with this id, even a closed one: the order's rules say so."""

    def to_python(self, value: Any) -> MedicalCenter | None:
        if value in self.empty_values:
            return None
        try:
            return catalogue.center(UUID(str(value)))
        except (ValueError, MedicalCenter.DoesNotExist) as error:
            raise ValidationError("Choose a medical center.", "invalid_choice") from error


class WorksiteField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A worksite whose employees the viewer may see; offer() says whose."""

    def __init__(self) -> None:
        super().__init__(Worksite.objects.none(), empty_label=None)

    def offer(self, viewer: Viewer) -> None:
        self.viewer = viewer
        self.queryset = people.worksites(viewer)

    def to_python(self, value: Any) -> Worksite | None:
        if value in self.empty_values:
            return None
        try:
            found = people.worksite(self.viewer, UUID(str(value)))
        except ValueError:
            found = None
        if found is None:
            raise ValidationError(self.error_messages["invalid_choice"], "invalid_choice")
        return found


def between_1900_and(today: date, day: date | None, name: str) -> date | None:
    if day and not date(1900, 1, 1) <= day <= today:
        raise ValidationError(f"Enter a {name} between 1900 and today.")
    return day
