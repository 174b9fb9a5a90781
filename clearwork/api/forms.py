"""What one fills in for a new token."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms

from clearwork.api import rules
from clearwork.api.rules import LONGEST_DAYS, USUAL_DAYS, Scope
from clearwork.foundation import clock
from clearwork.ui.inputs import date_input


class TokenForm(forms.Form):
    name = forms.CharField(
        max_length=80, help_text="The system that will use it, such as “Payroll”."
    )
    scopes = forms.MultipleChoiceField(
        choices=Scope.choices(),
        widget=forms.CheckboxSelectMultiple,
        label="What it may do",
        help_text="Choose as little as it needs. Results and visits are health information.",
    )
    expires = forms.DateField(
        label="Valid until",
        widget=date_input(),
        help_text="The last day it works: two years from today at most.",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial["expires"] = clock.today() + timedelta(days=USUAL_DAYS)

    def clean_expires(self) -> date:
        day: date = self.cleaned_data["expires"]
        today = clock.today()
        if not today <= day <= today + timedelta(days=LONGEST_DAYS):
            raise forms.ValidationError("Choose a day between today and two years from today.")
        return day

    def scopes_chosen(self) -> list[Scope]:
        return rules.in_order(self.cleaned_data["scopes"])
