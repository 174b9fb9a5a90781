"""A list's filters as a form. What makes no sense is said at the field and left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import BaseRenderer
from django.forms.utils import flatatt
from django.utils.choices import BaseChoiceIterator
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from clearwork.ui import drawn
from clearwork.ui.inputs import date_input

_EARLIEST, _LATEST = date(1900, 1, 1), date(2200, 1, 1)


class Options(BaseChoiceIterator):
    """A field's choices, in no groups: pairs of a value and its words. They never change.

    Kept by whoever offers the same to everyone, they are drawn once.
    """

    def __init__(self, choices: Iterable[tuple[object, str]], *, any_of_them: str = "") -> None:
        first = [("", any_of_them)] if any_of_them else []
        self.pairs = (*first, *((str(value), words) for value, words in choices))

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.pairs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Options) and self.pairs == other.pairs

    def __hash__(self) -> int:
        return hash(self.pairs)

    def __copy__(self) -> Options:
        """Django copies a field's choices for every form."""
        return self

    def __deepcopy__(self, memo: object) -> Options:
        return self

    def as_options(self, chosen: str) -> SafeString:
        return _marked(self._drawn, chosen)

    def choose(self, drawn: SafeString, chosen: str, *, instead_of: str) -> SafeString:
        """A field drawn with one of them chosen, now with another."""
        was, plain = _option(instead_of, " selected"), _option(instead_of)
        return _marked(SafeString(drawn.replace(was, plain, 1)), chosen)

    @cached_property
    def _drawn(self) -> SafeString:
        return format_html_join("\n", '<option value="{}">{}</option>', self.pairs)


def _marked(drawn: SafeString, chosen: str) -> SafeString:
    return SafeString(drawn.replace(_option(chosen), _option(chosen, " selected"), 1))


def _option(value: str, selected: str = "") -> SafeString:
    return format_html('<option value="{}"{}>', value, selected)


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

    def unfolded(self) -> list[SafeString]:
        """The fields that a phone shows, drawn."""
        fields = [field for field in self.visible_fields() if field.name not in self.folded_fields]
        return [self._drawn(field) for field in fields]

    def folding(self) -> list[SafeString]:
        """What a phone folds away, drawn."""
        return [self._drawn(self[name]) for name in self.folded_fields if name in self.fields]

    def _drawn(self, bound: BoundField) -> SafeString:
        """Most are empty, and then look like last time."""
        choices = getattr(bound.field, "choices", None)
        if isinstance(choices, Options) and not bound.errors:
            return self._with_chosen(bound, choices)
        if bound.data or bound.errors or choices is not None:
            return bound.as_field_group()
        return drawn.once((type(self), bound.name, None), bound.as_field_group)

    def _with_chosen(self, bound: BoundField, options: Options) -> SafeString:
        """Drawn once with nothing chosen, which then only changes its mark."""
        chosen = bound.data or ""
        nothing = drawn.once(
            (type(self), bound.name, options),
            lambda: options.choose(bound.as_field_group(), "", instead_of=chosen),
        )
        return options.choose(nothing, chosen, instead_of="")

    def offer(self, name: str, options: Options) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - narrows the type
        field.choices = options

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
    """Of Options, drawn by themselves: a template each takes hundreds too long."""

    def render(
        self, name: str, value: Any, attrs: Any = None, renderer: BaseRenderer | None = None
    ) -> SafeString:
        assert isinstance(self.choices, Options)  # noqa: S101 - narrows the type
        own = flatatt({"name": name, **self.build_attrs(self.attrs, attrs)})
        options = self.choices.as_options(self.format_value(value)[0])
        return format_html("<select{}>\n{}\n</select>", own, options)


def search_field(label: str) -> forms.CharField:
    """What is typed to find someone by; browsers keep none of it."""
    typed = forms.TextInput(attrs={"type": "search", "autocomplete": "off"})
    return forms.CharField(required=False, max_length=200, label=label, widget=typed)


def day_field(label: str) -> forms.DateField:
    return forms.DateField(required=False, label=label, widget=date_input())


def choice_field(label: str, options: Options | None = None) -> forms.ChoiceField:
    """Without `options`, they are offered by the form, see ListFilters.offer()."""
    chosen: Any = options or ()
    return forms.ChoiceField(required=False, label=label, widget=QuickSelect, choices=chosen)


def as_id(chosen: str | None) -> UUID | None:
    return UUID(chosen) if chosen else None


def _text(value: object) -> str:
    return "on" if value is True else str(value)
