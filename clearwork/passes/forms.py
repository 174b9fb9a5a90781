"""What one fills in to send a pass, and what its reader types to open it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format

from clearwork.access.decide import Viewer
from clearwork.access.permissions import Permission
from clearwork.foundation import clock
from clearwork.messaging.texts import can_text
from clearwork.passes.actions import Addressee
from clearwork.passes.rules import Channel, birth_date, mobile_number
from clearwork.passes.words import Words
from clearwork.people.models import Employee

_NO_NUMBER = "Enter a mobile number with its area code, such as 214-555-0100."
_NEEDED = {"aria-required": "true"}


class SendForm(forms.Form):
    """Where a link goes: by email, or by text message where the network sends them."""

    channel = forms.ChoiceField(
        choices=Channel.choices(), widget=forms.RadioSelect, initial=Channel.EMAIL, label="Send by"
    )
    email = forms.EmailField(required=False, max_length=254, widget=forms.EmailInput(_NEEDED))
    mobile = forms.CharField(
        required=False,
        max_length=40,
        label="Mobile number",
        widget=forms.TextInput({"type": "tel", **_NEEDED}),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if not can_text():
            self.fields["channel"].widget = forms.HiddenInput()
            del self.fields["mobile"]

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).strip().lower()

    def clean_mobile(self) -> str:
        typed = self.cleaned_data["mobile"]
        if not typed or self.data.get("channel") != Channel.TEXT:
            return ""
        number = mobile_number(typed)
        if number is None:
            raise ValidationError(_NO_NUMBER)
        return number

    def clean_channel(self) -> str:
        chosen = str(self.cleaned_data["channel"])
        if chosen == Channel.TEXT and not can_text():
            raise ValidationError("This network sends no text messages.")
        return chosen

    def clean(self) -> None:
        name = self._field()
        is_asked = "channel" in self.cleaned_data and name not in self.errors
        if is_asked and not self.cleaned_data.get(name):
            self.add_error(name, "Enter an email address." if name == "email" else _NO_NUMBER)

    def to(self) -> Addressee:
        cleaned = self.cleaned_data
        return Addressee(channel=Channel(cleaned["channel"]), address=cleaned[self._field()])

    def _field(self) -> str:
        return "mobile" if self.cleaned_data.get("channel") == Channel.TEXT else "email"


class EmployeeForm(SendForm):
    """To the employee, at the address on their record unless another is typed."""

    keep = forms.BooleanField(
        required=False,
        initial=True,
        label="Keep a new address on the employee's record",
        help_text="The next pass goes there, too.",
    )

    def __init__(self, *args: Any, viewer: Viewer, employee: Employee, **options: Any) -> None:
        by_text = can_text() and employee.phone and not employee.email
        initial = {
            "channel": Channel.TEXT if by_text else Channel.EMAIL,
            "email": employee.email,
            "mobile": employee.phone,
        }
        super().__init__(*args, initial=initial, **options)
        if not viewer.may(Permission.EMPLOYEE_EDIT):
            del self.fields["keep"]

    def to_keep(self) -> dict[str, str]:
        """What changes on the employee's record: one fact, or none."""
        name = self._field()
        if not self.cleaned_data.get("keep") or name not in self.changed_data:
            return {}
        return {"phone" if name == "mobile" else "email": self.cleaned_data[name]}


class NamedForm(SendForm):
    """To someone else, who needs it for their work."""

    name = forms.CharField(max_length=120, label="Full name")
    interest = forms.CharField(
        max_length=120,
        label="Business interest",
        help_text="Why they need it for their work, e.g. hiring manager, staffing agency.",
    )
    shows_services = forms.BooleanField(
        required=False,
        label="Also show the services",
        help_text="Without this, they see who goes where and until when, but not the services.",
    )
    confirmed = forms.BooleanField(
        label="This person needs this authorization for the business interest named above",
        error_messages={"required": "Confirm the business interest, or do not send it."},
    )
    field_order = ("name", "interest", "channel", "email", "mobile", "shows_services", "confirmed")

    def to(self) -> Addressee:
        where, cleaned = super().to(), self.cleaned_data
        return Addressee(
            channel=where.channel,
            address=where.address,
            name=cleaned["name"],
            interest=cleaned["interest"],
            shows_services=cleaned["shows_services"],
        )


class BirthDateForm(forms.Form):
    """The employee's date of birth in three fields: no order of day and month to guess."""

    month = forms.TypedChoiceField(coerce=int)
    day = forms.IntegerField(min_value=1, max_value=31)
    year = forms.IntegerField(min_value=0, max_value=9999)

    def __init__(self, *args: Any, words: Words, **options: Any) -> None:
        super().__init__(*args, **options)
        self.words = words
        months = [(number, date_format(date(2000, number, 1), "F")) for number in range(1, 13)]
        field = self.fields["month"]
        field.choices = [("", "–"), *months]  # type: ignore[attr-defined]
        for name in self.fields:
            self.fields[name].label = words[name]
            # Names by which phones fill it in: WCAG 2.2, 1.3.5.
            self.fields[name].widget.attrs["autocomplete"] = f"bday-{name}"

    def born(self) -> date | None:
        """The date typed; None where there is no such date."""
        if not self.is_valid():
            return None
        typed = self.cleaned_data
        return birth_date(typed["year"], typed["month"], typed["day"], clock.today())


class CodeForm(forms.Form):
    code = forms.CharField(max_length=20)

    def typed(self) -> str | None:
        """Six digits, whatever stands between them; None for anything else."""
        if not self.is_valid():
            return None
        digits = "".join(c for c in self.cleaned_data["code"] if c.isdigit() and c.isascii())
        return digits if len(digits) == 6 else None
