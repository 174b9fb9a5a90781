"""The form's own fields: dates, and choices from the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError

from clearwork.access.decide import Viewer
from clearwork.centers.models import MedicalCenter, Service
from clearwork.employers.models import Worksite
from clearwork.people import queries as people


def phone_input() -> forms.TextInput:
    return forms.TextInput(attrs={"type": "tel", "autocomplete": "off"})


def required_beside(field: forms.Field) -> forms.Field:
    """Marked as needed, though Django does not ask for it: other choices decide."""
    field.required = False
    field.widget.attrs["aria-required"] = "true"
    return field


class ServicesField(forms.Field):
    """The services with these ids, each once, in the catalogue's order; [] for none.

    As the fields below: `known` is what the form found of the ids that were posted.
    """

    widget = forms.CheckboxSelectMultiple
    known: Sequence[Service] = ()

    def to_python(self, value: Any) -> list[Service]:
        try:
            wanted = {UUID(str(one)) for one in value or ()}
        except ValueError as error:
            raise ValidationError("Choose services from the list.", "invalid_choice") from error
        found = [service for service in self.known if service.pk in wanted]
        if len(found) < len(wanted):
            raise ValidationError(
                "One of these services is not offered any more. Choose again.", "invalid_choice"
            )
        return found


class CenterField(forms.Field):
    """The medical center with this id, even a closed one: the order's rules say so."""

    known: MedicalCenter | None = None

    def to_python(self, value: Any) -> MedicalCenter | None:
        if value in self.empty_values:
            return None
        if self.known is None:
            raise ValidationError("Choose a medical center.", "invalid_choice")
        return self.known


class WorksiteField(forms.Field):
    """A worksite whose employees the viewer may see; offer() says whose."""

    widget = forms.Select
    default_error_messages = forms.ModelChoiceField.default_error_messages
    known: Worksite | None = None

    def offer(self, viewer: Viewer, *also: Worksite) -> None:
        """They are asked for where the field is drawn."""
        chosen: Any = self.widget
        chosen.choices = lambda: [
            (site.pk, str(site)) for site in dict.fromkeys([*also, *people.worksites(viewer)])
        ]

    def prepare_value(self, value: Any) -> Any:
        return value.pk if isinstance(value, Worksite) else value

    def to_python(self, value: Any) -> Worksite | None:
        if value in self.empty_values:
            return None
        if self.known is None:
            raise ValidationError(self.error_messages["invalid_choice"], "invalid_choice")
        return self.known


def between_1900_and(today: date, day: date | None, name: str) -> date | None:
    if day and not date(1900, 1, 1) <= day <= today:
        raise ValidationError(f"Enter a {name} between 1900 and today.")
    return day
