"""What rows of long tables and fields of forms are drawn with: Jinja, from `jinja2/` (ADR 21).

They are drawn many times a page. Everything else is a Django template.
"""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from jinja2 import Environment, StrictUndefined

from clearwork.ui.templatetags import ui_tags


def environment(**options: Any) -> Environment:
    """Named by settings.TEMPLATES. What is not there is an error, what is printed is escaped."""
    options |= {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    options.pop("autoescape", None)
    made = Environment(autoescape=True, **options)
    made.globals |= {
        "day": ui_tags.day,
        "drawn_once": ui_tags.drawn_once,
        "icon": ui_tags.icon,
        "moment": ui_tags.moment,
        "status": ui_tags.status,
        "url": _url,
    }
    return made


def _url(name: str, *arguments: object) -> str:
    """`{{ url("roster:employee", row.pk) }}`"""
    return reverse(name, args=arguments)
