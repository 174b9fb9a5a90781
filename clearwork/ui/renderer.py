"""How forms look: label, required mark, help, error, and a summary that links to fields."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import DjangoTemplates, Jinja2
from django.template import engines

_WIDGETS = Jinja2()
UNSTYLED = (forms.CheckboxInput, forms.RadioSelect, forms.CheckboxSelectMultiple)


class Field(BoundField):
    """A bound field whose widget carries the class of its look."""

    @property
    def is_checkbox(self) -> bool:
        """Whether the label belongs beside the control, not above it."""
        return isinstance(self.field.widget, forms.CheckboxInput)

    @property
    def is_needed(self) -> bool:
        """Whether the label marks it required.

        A field needed only beside another's value is not `required` by Django; its
        widget says so with `aria-required`.
        """
        return self.field.required or self.field.widget.attrs.get("aria-required") == "true"

    def build_widget_attrs(
        self, attrs: dict[str, Any], widget: forms.Widget | None = None
    ) -> dict[str, Any]:
        """Add `form-control` or `form-select` to what the widget's author gave."""
        widget = widget or self.field.widget
        classes = [_look(widget), widget.attrs.get("class", "")]
        if joined := " ".join(filter(None, classes)):
            attrs = {**attrs, "class": joined}
        return super().build_widget_attrs(attrs, widget)


def _look(widget: forms.Widget) -> str:
    if widget.is_hidden or isinstance(widget, UNSTYLED):
        return ""
    return "form-select" if isinstance(widget, forms.Select) else "form-control"


class FormRenderer(DjangoTemplates):
    """Renders forms with `ui/form.html` and fields with `ui/field.html`.

    Django's own engines for forms find both the built-in widgets and our apps'
    templates, so `django.forms` need not be an installed app. A form has dozens of fields and
    widgets: they are drawn by Jinja (ADR 21), the widgets from Django's own templates for it.
    """

    form_template_name = "ui/form.html"
    field_template_name = "ui/field.html"
    bound_field_class = Field

    def get_template(self, template_name: str) -> Any:
        if template_name == self.field_template_name:
            return engines["jinja"].get_template(template_name)
        if template_name.startswith("django/forms/widgets/"):
            return _WIDGETS.get_template(template_name)
        return super().get_template(template_name)
