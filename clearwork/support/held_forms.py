"""What support fills in to settle a result that no one could file."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from clearwork.authorizations.models import Authorization
from clearwork.authorizations.rules import NUMBER_PREFIX
from clearwork.employers.rules import ReportType
from clearwork.exchange.models import Outcome
from clearwork.foundation.ids import read_number
from clearwork.people.models import Employee
from clearwork.support.incident_forms import ReasonForm
from clearwork.support.incidents import the_one
from clearwork.support.queries import employer_by_account
from clearwork.ui.inputs import date_input

_CHOICES = [
    (Outcome.FILED.value, "File it"),
    (Outcome.RETURNED.value, "Return it to the center: they send it anew"),
    (Outcome.DUPLICATE.value, "It is there already"),
]
_WHOSE = ("account_number", "first_name", "last_name", "date_of_birth")


class SettleForm(ReasonForm):
    """Filed for an authorization by its number, else with the one employee who fits."""

    outcome = forms.ChoiceField(label="What to do", choices=_CHOICES, widget=forms.RadioSelect)
    report_type = forms.ChoiceField(
        required=False, label="Type of report", choices=[("", "Choose"), *ReportType.choices()]
    )
    number = forms.CharField(required=False, max_length=40, label="Authorization number")
    account_number = forms.CharField(required=False, max_length=199, label="Account number")
    first_name = forms.CharField(required=False, max_length=200, label="Employee's first name")
    last_name = forms.CharField(required=False, max_length=200, label="Employee's last name")
    date_of_birth = forms.DateField(
        required=False,
        label="Date of birth",
        widget=date_input(),
    )
    authorization: Authorization | None = None
    employee: Employee | None = None
    field_order = ("outcome", "report_type", "number", *_WHOSE, "reason")

    def clean(self) -> dict[str, Any] | None:
        data = self.cleaned_data
        if data.get("outcome") == Outcome.FILED:
            if not data.get("report_type"):
                self.add_error("report_type", "Say what it is.")
            self._for_authorization() if data.get("number") else self._with_employee()
        return data

    def _for_authorization(self) -> None:
        number = read_number(NUMBER_PREFIX, self.cleaned_data["number"])
        found = Authorization.objects.filter(number=number).select_related("employee").first()
        if found is None:
            self.add_error("number", ValidationError("No authorization has this number."))
            return
        self.authorization, self.employee = found, found.employee

    def _with_employee(self) -> None:
        data = self.cleaned_data
        for name in (missing := [name for name in _WHOSE if not data.get(name)]):
            self.add_error(name, "Needed where no authorization is named.")
        employer = employer_by_account(data.get("account_number") or "")
        if missing:
            return
        if employer is None:
            self.add_error("account_number", "No employer has this account number.")
            return
        who = (data["first_name"], data["last_name"], data["date_of_birth"])
        self.employee = the_one(employer, *who)
        if self.employee is None:
            self.add_error("last_name", "Not exactly one employee there fits.")
