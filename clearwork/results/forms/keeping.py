"""What one says to restore or to hold a report."""

from __future__ import annotations

from django import forms


class ReasonForm(forms.Form):
    why = forms.CharField(
        label="Reason",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Kept with the report and shown to your Admin Users.",
    )
