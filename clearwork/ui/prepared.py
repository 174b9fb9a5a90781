"""A form that tells what its page showed, so that nobody undoes unseen what a colleague saved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

_CHANGED = "Someone else saved changes while you were editing. Nothing of yours is saved yet."


class PreparedForm(forms.Form):
    """`shown` tells what the page showed when it was drawn."""

    shown = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def changed_meanwhile(self, shown: str, theirs: Mapping[str, str] | None = None) -> None:
        """Name what someone else saved; sending the form again replaces it.

        `shown` is of what stands now; `theirs` is what differs from what was sent, in words, by
        field. What was sent stays in the form.
        """
        hint = "Compare below; save again" if theirs else "Save again"
        other = "" if theirs else ", or go back to see them"
        self.add_error(None, f"{_CHANGED} {hint} to replace theirs{other}.")
        for name, words in (theirs or {}).items():
            self.add_error(name, f"Saved meanwhile: {words or '(empty)'}")
        sent: Any = self.data
        self.data = again = sent.copy()
        again["shown"] = shown

    def differing(self, now: Mapping[str, str]) -> dict[str, str]:
        """What stands `now` and was sent otherwise."""
        sent = self.cleaned_data
        return {name: text for name, text in now.items() if name in sent and sent[name] != text}
