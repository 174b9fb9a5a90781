"""Invented data for the style guide: nobody here exists."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django import forms

from clearwork.ui.inputs import date_input
from clearwork.ui.templatetags.ui_tags import LOOKS

NOW = datetime(2025, 11, 23, 15, 20, tzinfo=UTC)
PEOPLE = (
    ("Maria Guadalupe Hernández-Villanueva de la Cruz", date(1987, 3, 4)),
    ("Thomas Okafor", date(1990, 12, 30)),
    ("王小明", date(1979, 7, 15)),
    ("Bartholomew Featherstonehaugh-Cholmondeley III", date(1964, 1, 9)),
    ("Ana Li", date(2001, 5, 21)),
)


class SampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label="Employee", help_text="Start typing a name, or add a new one.")
    born = forms.DateField(label="Date of birth", widget=date_input())
    kind = forms.ChoiceField(
        label="Kind of visit",
        choices=[("non_injury", "Non-injury"), ("injury", "Injury")],
        widget=forms.RadioSelect,
        help_text="An injury asks for what happened.",
    )
    center = forms.ChoiceField(
        label="Medical center",
        choices=[("", "Choose a center"), ("1", "Dallas Stemmons, 2 mi"), ("2", "Fort Worth")],
    )
    services = forms.MultipleChoiceField(
        label="Services",
        choices=[("dot", "DOT physical"), ("audio", "Audiogram"), ("fit", "Fit test")],
        widget=forms.CheckboxSelectMultiple,
    )
    note = forms.CharField(
        label="Note to the center", required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    notify = forms.BooleanField(label="Email the employee the pass", required=False)


WRONG_INPUT = {"name": "", "born": "31/31/2020", "kind": "", "center": "9", "note": "Gate 4."}
ROWS = [
    {
        "number": f"CW-4K7M-{index}QX9",
        "name": PEOPLE[index % len(PEOPLE)][0],
        "born": PEOPLE[index % len(PEOPLE)][1],
        "center": "Dallas Stemmons Medical Center",
        "service": "DOT physical, Audiogram",
        "at": NOW - timedelta(hours=7 * index),
        "state": state,
    }
    for index, state in enumerate(LOOKS)
]


def _event(state: str, hours: int, actor: str, **own: str) -> dict[str, Any]:
    return {"state": state, "at": NOW + timedelta(hours=hours), "actor": actor, **own}


CENTER = "Dallas Stemmons Medical Center"
EVENTS = [
    _event("submitted", 0, "Alice Ferreira"),
    _event("delivered", 1, "Clearwork", note="Answered at once."),
    _event("accepted", 2, CENTER),
    _event("checked_in", 26, CENTER),
    _event("", 27, CENTER, label="Employee called", icon="phone"),
]
_CLOCK = {"holder": CENTER, "since": NOW, "target": "Results in 72 hours"}
CLOCKS: list[dict[str, Any]] = [
    {**_CLOCK, "due": NOW + timedelta(hours=72), "over": False},
    {**_CLOCK, "due": NOW - timedelta(hours=2), "over": True},
    {"holder": "Clearwork", "since": NOW, "target": "", "due": None, "over": None},
]
