"""What one writes down about an employee."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from clearwork.access.decide import Viewer
from clearwork.employers import queries as employers
from clearwork.employers.models import Worksite
from clearwork.foundation import clock
from clearwork.foundation.text import is_phone
from clearwork.people import queries
from clearwork.people.actions import FACTS, Facts, seen
from clearwork.people.models import Employee
from clearwork.people.rules import Language, why_not_born, why_not_hired
from clearwork.ui.filters import Options
from clearwork.ui.inputs import date_input
from clearwork.ui.prepared import PreparedForm


def worksite_options(viewer: Viewer) -> Options:
    """For a list's filter: closed ones too, as far as the viewer sees them."""
    granted = viewer.grants.worksites
    named = employers.worksite_names(viewer.employer_id)
    seen = [(pk, name) for pk, name in named if granted is None or pk in granted]
    return Options(seen, any_of_them="Any worksite")


class EmployeeForm(PreparedForm):
    """`anyway`: it is not the one warned of."""

    anyway = forms.BooleanField(required=False, widget=forms.HiddenInput)
    first_name = forms.CharField(max_length=100)
    last_name = forms.CharField(max_length=100)
    date_of_birth = forms.DateField(
        widget=date_input(),
        help_text="Tells people of the same name apart, and finds their results.",
    )
    employee_number = forms.CharField(
        required=False, max_length=40, help_text="As in your own HR system, if you have one."
    )
    worksite = forms.ModelChoiceField(Worksite.objects.none(), empty_label="Choose a worksite")
    job_title = forms.CharField(required=False, max_length=100)
    hire_date = forms.DateField(required=False, widget=date_input())
    is_dot_driver = forms.BooleanField(
        required=False,
        label="DOT driver",
        help_text="Drives a commercial vehicle under the Department of Transportation's rules.",
    )
    phone = forms.CharField(
        required=False,
        max_length=40,
        label="Mobile phone",
        widget=forms.TextInput(attrs={"type": "tel"}),
    )
    email = forms.EmailField(required=False)
    language = forms.ChoiceField(
        choices=Language.choices,
        initial=Language.ENGLISH,
        help_text="Of what is sent to the employee.",
    )

    def __init__(
        self, data: QueryDict | None = None, *, viewer: Viewer, employee: Employee | None = None
    ) -> None:
        super().__init__(data, initial=_initial(employee))
        self.viewer, self.employee = viewer, employee
        sites = queries.worksites(viewer)
        if employee is not None:  # who works at a closed one may stay there
            sites |= queries.all_worksites(viewer).filter(pk=employee.worksite_id)
        worksite = self.fields["worksite"]
        assert isinstance(worksite, forms.ModelChoiceField)  # noqa: S101 - narrows the type
        worksite.queryset = sites

    def clean_date_of_birth(self) -> date:
        born: date = self.cleaned_data["date_of_birth"]
        if problem := why_not_born(born, today=clock.today()):
            raise ValidationError(problem)
        return born

    def clean_phone(self) -> str:
        typed: str = self.cleaned_data["phone"]
        if typed and not is_phone(typed):
            raise ValidationError("Enter a phone number such as 214-555-0100.")
        return typed

    def clean(self) -> dict[str, Any]:
        born, hired = (self.cleaned_data.get(name) for name in ("date_of_birth", "hire_date"))
        if hired and (problem := why_not_hired(hired, born=born, today=clock.today())):
            self.add_error("hire_date", problem)
        return self.cleaned_data

    def facts(self) -> Facts:
        return cast("Facts", {name: self.cleaned_data[name] for name in FACTS})

    def namesakes(self) -> list[Employee]:
        """Who may be this very person, unless the page already asked (or nothing changed)."""
        who = ("first_name", "last_name", "date_of_birth")
        if self.cleaned_data["anyway"] or (self.employee and not {*who} & {*self.changed_data}):
            return []
        found = queries.namesakes(self.viewer, *(self.cleaned_data[name] for name in who))
        return list(found.exclude(pk=self.employee.pk) if self.employee else found)

    def theirs(self, employee: Employee) -> dict[str, str]:
        """What stands now of them and was sent otherwise, in words."""
        sent, now = self.cleaned_data, {name: getattr(employee, name) for name in FACTS}
        return {name: _said(now[name]) for name in FACTS if sent.get(name, now[name]) != now[name]}


def _initial(employee: Employee | None) -> dict[str, Any]:
    if employee is None:
        return {}
    now = {name: getattr(employee, name) for name in FACTS}
    return {**now, "worksite": employee.worksite_id, "shown": seen(employee)}


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value or "(empty)")
