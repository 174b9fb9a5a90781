"""What one fills in to ask for access, and to come in by an invitation."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError

from clearwork.accounts.actions import normal_email
from clearwork.accounts.models import AccessRequest, Role, User
from clearwork.accounts.passwords import LengthBySecondFactor

_ROLE_HELP = (
    "Admin Users see all visits and results, manage the company's information and other "
    "users. View Only Users create authorizations, and see what an Admin User grants them."
)
_LABELS = {
    "account_number": "Account number",
    "company": "Company",
    "first_name": "First name",
    "last_name": "Last name",
    "email": "Work email",
    "phone": "Phone",
    "needs": "What do you need to see?",
}
_HELP = {
    "account_number": "On your invoices. You need an existing account with us.",
    "email": "It becomes your user name.",
    "needs": "For example: DOT physical results for Plant 4. Do not name an employee.",
}
_AUTOCOMPLETE = {
    "company": "organization",
    "first_name": "given-name",
    "last_name": "family-name",
    "email": "email",
    "phone": "tel",
}


class RequestForm(forms.ModelForm):  # type: ignore[type-arg]
    role = forms.ChoiceField(
        label="Role", choices=Role.choices, widget=forms.RadioSelect, help_text=_ROLE_HELP
    )

    class Meta:
        model = AccessRequest
        fields = (*_LABELS, "role")
        labels = _LABELS
        help_texts = _HELP
        widgets = {"needs": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, value in _AUTOCOMPLETE.items():
            self.fields[name].widget.attrs["autocomplete"] = value

    def clean_email(self) -> str:
        """In plain letters: an "о" that is not an "o" would pass for another's address."""
        email = normal_email(self.cleaned_data["email"])
        if not email.isascii():
            raise ValidationError("Use the letters a to z, digits and signs of a plain address.")
        return email


class JoinForm(forms.Form):
    """A new person's name and password. `email` lets password managers know whose it is."""

    email = forms.EmailField(
        disabled=True,
        label="User name",
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )
    name = forms.CharField(
        max_length=200,
        label="Your name",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password = forms.CharField(
        strip=False,
        max_length=200,
        label="Password",
        help_text=LengthBySecondFactor().get_help_text(),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        person = User(email=self.initial["email"], name=self.data.get("name", ""))
        password_validation.validate_password(password, person)
        return password
