"""What the privacy officer fills in to keep something, and to let its retention count again."""

from __future__ import annotations

import re
from datetime import date
from typing import Any
from uuid import UUID

from django import forms

from clearwork.employers.models import Employer
from clearwork.foundation import clock
from clearwork.privacy.rules import HoldOf
from clearwork.results.models import Report
from clearwork.support.incident_forms import ReasonForm
from clearwork.support.incidents import the_one
from clearwork.support.queries import employer_by_account
from clearwork.ui.inputs import date_input

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_WHO = ("first_name", "last_name", "date_of_birth")
_NO_ACCOUNT = "No employer has this account number."
_NO_PERSON = "Not exactly one employee there has this name and date of birth."
_NO_REPORT = "This employer has no such report, or it was destroyed."


class HoldForm(ReasonForm):
    """Of an employer, of one of its employees, or of one report."""

    of = forms.ChoiceField(
        label="What is to be kept", choices=HoldOf.choices(), widget=forms.RadioSelect
    )
    account_number = forms.CharField(max_length=20, label="Employer's account number")
    first_name = forms.CharField(required=False, max_length=100, label="Employee's first name")
    last_name = forms.CharField(required=False, max_length=100, label="Employee's last name")
    date_of_birth = forms.DateField(required=False, label="Date of birth", widget=date_input())
    report = forms.CharField(
        required=False,
        max_length=300,
        label="The report's address",
        help_text="As the employer sees it in their browser: …/results/ and a long number.",
    )
    employer: Employer | None = None
    subject_id: UUID | None = None
    field_order = ("of", "account_number", *_WHO, "report", "reason")

    def clean(self) -> dict[str, Any] | None:
        data = self.cleaned_data
        self.employer = employer_by_account(data.get("account_number") or "")
        if data.get("account_number") and self.employer is None:
            self.add_error("account_number", _NO_ACCOUNT)
        elif self.employer and data.get("of") == HoldOf.EMPLOYEE:
            self._find_employee(self.employer)
        elif self.employer and data.get("of") == HoldOf.REPORT:
            self._find_report(self.employer)
        return data

    def _find_employee(self, employer: Employer) -> None:
        for name in (missing := [name for name in _WHO if not self.cleaned_data.get(name)]):
            self.add_error(name, "Needed to find the employee.")
        if missing:
            return
        found = the_one(employer, *(self.cleaned_data[name] for name in _WHO))
        if found is None:
            self.add_error("last_name", _NO_PERSON)
        else:
            self.subject_id = found.pk

    def _find_report(self, employer: Employer) -> None:
        typed = _ID.search(self.cleaned_data.get("report") or "")
        there = Report.objects.filter(employer=employer, destroyed_at=None)
        if typed and there.filter(pk=UUID(typed[0])).exists():
            self.subject_id = UUID(typed[0])
        else:
            self.add_error("report", _NO_REPORT)

    @property
    def chosen(self) -> HoldOf:
        """What a valid form keeps."""
        return HoldOf(self.cleaned_data["of"])


class DayForm(forms.Form):
    """By which day one looks."""

    day = forms.DateField(
        label="By the run on",
        widget=date_input(),
    )

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if day < clock.today():
            raise forms.ValidationError("Choose today or a later day.")
        return day
