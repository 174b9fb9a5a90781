"""A list's filters as a form. What makes no sense is said at the field and left out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import BaseRenderer
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

_SELECTED = SafeString(" selected")
_EARLIEST, _LATEST = date(1900, 1, 1), date(2200, 1, 1)


class ListFilters(forms.Form):
    """`folded_fields` are those a phone folds away; `spans` are pairs of first and last day."""

    folded_fields: ClassVar[tuple[str, ...]] = ()
    spans: ClassVar[tuple[tuple[str, str], ...]] = ()
    earliest: ClassVar[date] = _EARLIEST

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for first, last in self.spans:
            self._check_span(data, first, last)
        return data

    def query(self) -> str:
        """The filters that are set and make sense, as a query string in one order."""
        return urlencode({name: _text(value) for name, value in self._set().items()})

    def folded(self) -> int:
        """How many of the filters that a phone folds away are set."""
        return sum(name in self._set() for name in self.folded_fields)

    def unfolded(self) -> list[BoundField]:
        return [field for field in self.visible_fields() if field.name not in self.folded_fields]

    def folding(self) -> list[BoundField]:
        """What a phone folds away."""
        return [self[name] for name in self.folded_fields if name in self.fields]

    def offer(self, name: str, any_of_them: str, choices: Sequence[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - narrows the type
        field.choices = [("", any_of_them), *choices]

    def _check_span(self, data: dict[str, Any], first: str, last: str) -> None:
        for name in (first, last):
            if (day := data.get(name)) and not self.earliest <= day <= _LATEST:
                self.add_error(name, f"Choose a date from {self.earliest.year} on.")
        if (start := data.get(first)) and (end := data.get(last)) and end < start:
            self.add_error(last, "This is before the first day.")

    def _set(self) -> dict[str, Any]:
        known = ((name, self.cleaned_data.get(name)) for name in self.fields)
        return {name: value for name, value in known if value}


class QuickSelect(forms.Select):
    """Draws its options by itself, in no groups: a template each takes hundreds too long."""

    def render(
        self, name: str, value: Any, attrs: Any = None, renderer: BaseRenderer | None = None
    ) -> SafeString:
        chosen = set(self.format_value(value))
        options = format_html_join(
            "\n",
            '<option value="{}"{}>{}</option>',
            ((key, _SELECTED if str(key) in chosen else "", label) for key, label in self.choices),
        )
        own = flatatt({"name": name, **self.build_attrs(self.attrs, attrs)})
        return format_html("<select{}>\n{}\n</select>", own, options)


def day_field(label: str) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(required=False, label=label, widget=widget)


def choice_field(label: str) -> forms.ChoiceField:
    return forms.ChoiceField(required=False, label=label, widget=QuickSelect)


def as_id(chosen: str | None) -> UUID | None:
    return UUID(chosen) if chosen else None


def _text(value: object) -> str:
    return "on" if value is True else str(value)
