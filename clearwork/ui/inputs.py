"""Widgets that forms of several apps have in common."""

from __future__ import annotations

from django import forms


def date_input() -> forms.DateInput:
    """The browser's own, which reads and shows ISO dates alone."""
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
