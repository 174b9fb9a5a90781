"""What support fills in to decide a privacy incident."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from clearwork.people.models import Employee
from clearwork.privacy.rules import REASON_LENGTH, Decision
from clearwork.support.incidents import the_one
from clearwork.support.queries import employer_by_account
from clearwork.ui.inputs import date_input

_CHOICES = [
    (Decision.RELEASED.value, "Release it to whom it belongs"),
    (Decision.RESTORED.value, "Put it back: it is theirs"),
    (Decision.DESTROYED.value, "Destroy it for good: nobody can read it again"),
]
_NO_ACCOUNT = "No employer has this account number."
_NO_PERSON = (
    "Not exactly one employee there has this name and date of birth. Call the medical center, "
    "or have the employer add the person first."
)
_WHOSE = ("account_number", "first_name", "last_name", "date_of_birth")


class ReasonForm(forms.Form):
    reason = forms.CharField(
        max_length=REASON_LENGTH,
        label="Reason",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Kept with the record. Write nothing about anyone's health.",
    )


class DecideForm(ReasonForm):
    """Whose it is, too, where it is released: the employee as their employer knows them."""

    decision = forms.ChoiceField(label="Decision", choices=_CHOICES, widget=forms.RadioSelect)
    account_number = forms.CharField(required=False, max_length=20, label="Account number")
    first_name = forms.CharField(required=False, max_length=100, label="Employee's first name")
    last_name = forms.CharField(required=False, max_length=100, label="Employee's last name")
    date_of_birth = forms.DateField(required=False, label="Date of birth", widget=date_input())
    employee: Employee | None = None
    field_order = ("decision", *_WHOSE, "reason")

    def clean(self) -> dict[str, Any] | None:
        if self.cleaned_data.get("decision") == Decision.RELEASED:
            self._find()
        return self.cleaned_data

    def _find(self) -> None:
        data = self.cleaned_data
        if missing := [name for name in _WHOSE if not data.get(name)]:
            for name in missing:
                self.add_error(name, "Needed to release it.")
            return
        employer = employer_by_account(data["account_number"])
        if employer is None:
            self.add_error("account_number", ValidationError(_NO_ACCOUNT))
            return
        who = (data["first_name"], data["last_name"], data["date_of_birth"])
        self.employee = the_one(employer, *who)
        if self.employee is None:
            self.add_error("last_name", ValidationError(_NO_PERSON))
