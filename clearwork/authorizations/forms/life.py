"""What one fills in to extend or to cancel; for one authorization and for many."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms

from clearwork.authorizations.rules import (
    LONGEST_EXTENSION_DAYS,
    VALID_DAYS,
    CancelReason,
    why_not_until,
)
from clearwork.foundation import clock
from clearwork.ui.inputs import date_input


class ExtendForm(forms.Form):
    """`expires` is the last day of the one that is extended; None for many at once."""

    until = forms.DateField(label="Valid until", widget=date_input())

    def __init__(self, *args: Any, expires: date | None = None, **options: Any) -> None:
        today = clock.today()
        first = max(today, expires + timedelta(days=1)) if expires else today
        usual = max(today, expires or today) + timedelta(days=VALID_DAYS)
        last = today + timedelta(days=LONGEST_EXTENSION_DAYS)
        super().__init__(*args, **options)
        self.initial = {"until": min(usual, last), **self.initial}
        self.expires = expires
        self.fields["until"].widget.attrs |= {"min": f"{first}", "max": f"{last}"}

    def clean_until(self) -> date:
        until: date = self.cleaned_data["until"]
        before = self.expires or clock.today() - timedelta(days=1)
        if problem := why_not_until(until, expires=before, today=clock.today()):
            raise forms.ValidationError(problem)
        return until


class CancelForm(forms.Form):
    reason = forms.ChoiceField(
        choices=CancelReason.choices(), widget=forms.RadioSelect, initial=CancelReason.NOT_NEEDED
    )
    note = forms.CharField(
        required=False, max_length=200, label="Anything the medical center should know"
    )

    def in_words(self) -> str:
        """The reason and the note, as the timeline and the center read them."""
        reason = CancelReason(self.cleaned_data["reason"]).label
        return ". ".join(filter(None, [reason, self.cleaned_data["note"].strip()]))
