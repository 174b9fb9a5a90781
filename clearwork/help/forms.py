"""Reporting a privacy concern."""

from __future__ import annotations

from django import forms

from clearwork.privacy.models import PrivacyConcern
from clearwork.privacy.rules import WORDS_LENGTH

_WORDS = "What happened, when, and where. Do not name an employee or mention anyone's health."


class OwnConcernForm(forms.Form):
    """Of someone signed in: we know who they are."""

    words = forms.CharField(
        max_length=WORDS_LENGTH,
        label="What happened",
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_WORDS,
    )


class ConcernForm(forms.ModelForm):  # type: ignore[type-arg]
    """Of anyone: how we reach them is theirs to say."""

    words = OwnConcernForm.base_fields["words"]

    class Meta:
        model = PrivacyConcern
        fields = ("name", "email", "phone", "words")
        labels = {"name": "Your name", "email": "Email", "phone": "Phone"}
        help_texts = {"email": "With an email or a phone number, we can answer you."}
