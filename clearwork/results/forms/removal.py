from __future__ import annotations

from django import forms

from clearwork.privacy.rules import WORDS_LENGTH


class ReceivedInErrorForm(forms.Form):
    words = forms.CharField(
        required=False,
        max_length=WORDS_LENGTH,
        label="What is wrong with it",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Such as: this person never worked for us. Write nothing about their health.",
    )
