"""What support fills in to decide."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from clearwork.accounts.models import Role
from clearwork.accounts.rules import IdentityCheck
from clearwork.employers.models import Employer
from clearwork.employers.rules import RELEASE_DAYS
from clearwork.foundation import clock
from clearwork.support.queries import employer_by_account
from clearwork.ui.inputs import date_input

_NO_ACCOUNT = "No employer has this account number. Look it up, or decline with a reason."


class ApproveForm(forms.Form):
    """The employer confirmed by its account number, and the role."""

    account_number = forms.CharField(
        max_length=20,
        label="Account number",
        help_text="Correct it if they mistyped it. The person will see this employer's data.",
    )
    role = forms.ChoiceField(label="Role", choices=Role.choices, widget=forms.RadioSelect)

    def clean_account_number(self) -> str:
        number: str = self.cleaned_data["account_number"]
        self.employer = employer_by_account(number)
        if self.employer is None:
            raise ValidationError(_NO_ACCOUNT)
        return number

    def chosen(self) -> tuple[Employer, Role]:
        """The employer and role of a valid form."""
        if self.employer is None:
            raise ValidationError(_NO_ACCOUNT)
        return self.employer, Role(self.cleaned_data["role"])


class DeclineForm(forms.Form):
    reason = forms.CharField(
        max_length=500,
        label="Reason",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="They read this. Write nothing about anyone's health, and not what we know.",
    )


class ReleaseForm(forms.Form):
    expires = forms.DateField(
        label="Approved until",
        widget=date_input(),
        help_text="At most a year from today; then the need is documented again.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = clock.today()
        last = today + timedelta(days=RELEASE_DAYS)
        self.fields["expires"].widget.attrs |= {"min": today.isoformat(), "max": last.isoformat()}
        self.fields["expires"].initial = last


class ResetForm(forms.Form):
    """How support made sure who the person is, and why they need it."""

    identity_check = forms.ChoiceField(
        choices=IdentityCheck.choices,
        widget=forms.RadioSelect,
        label="How did you make sure who they are?",
        help_text="A call that came in, an email or a date of birth is no proof.",
    )
    reason = forms.CharField(
        min_length=10,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What happened, and whom you spoke to. Write nothing about anyone's health.",
    )
