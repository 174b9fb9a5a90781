"""The form's sections: whom it is for, what care, where and when, and a DOT test's data."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from django import forms

from clearwork.authorizations import dot
from clearwork.authorizations.forms.fields import (
    CenterField,
    ServicesField,
    WorksiteField,
    phone_input,
    required_beside,
)
from clearwork.authorizations.rules import Kind, Modality, Reason
from clearwork.foundation import clock
from clearwork.ui.filters import Options
from clearwork.ui.inputs import date_input

NEW = "new"


class PersonPart(forms.Form):
    who = forms.ChoiceField(
        choices=Options([("existing", "An employee on the list"), (NEW, "A new employee")]),
        widget=forms.RadioSelect,
        initial="existing",
        label="Who needs care?",
    )
    employee = forms.UUIDField(
        required=False,
        label="Employee",
        error_messages={"invalid": "Choose an employee from the list."},
    )
    first_name = required_beside(forms.CharField(max_length=100))
    last_name = required_beside(forms.CharField(max_length=100))
    date_of_birth = required_beside(forms.DateField(widget=date_input()))
    employee_number = forms.CharField(required=False, max_length=40, label="Employee number")
    phone = forms.CharField(required=False, max_length=40, widget=phone_input())
    is_namesake = forms.BooleanField(
        required=False, label="This is another person of the same name and date of birth"
    )
    worksite = WorksiteField()


class CarePart(forms.Form):
    kind = forms.ChoiceField(
        choices=Options(
            [(Kind.INJURY, "A work injury"), (Kind.NON_INJURY, "A physical, test or vaccine")]
        ),
        widget=forms.RadioSelect,
        initial=Kind.NON_INJURY,
        label="What is it for?",
    )
    reason = forms.ChoiceField(choices=Options(Reason.choices()), initial=Reason.PRE_PLACEMENT)
    services = required_beside(ServicesField(label="Services"))
    injury_date = required_beside(forms.DateField(widget=date_input(), label="Date of injury"))
    injury_time = forms.TimeField(
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        label="Time of injury",
    )
    body_part = required_beside(
        forms.CharField(max_length=120, label="What is hurt?", help_text="Such as “left hand”.")
    )
    what_happened = required_beside(
        forms.CharField(
            max_length=2000, widget=forms.Textarea(attrs={"rows": 3}), label="What happened?"
        )
    )
    claim_number = forms.CharField(required=False, max_length=60)
    insurer = forms.CharField(required=False, max_length=120)


class PlacePart(forms.Form):
    modality = forms.ChoiceField(
        choices=Options(Modality.choices()),
        widget=forms.RadioSelect,
        initial=Modality.IN_CENTER,
        label="How will they be seen?",
    )
    center = required_beside(CenterField(label="Medical center"))
    valid_from = forms.DateField(widget=date_input(), initial=clock.today, label="Valid from")
    expires = forms.DateField(widget=date_input(), help_text="The last day it is good for.")
    center_note = forms.CharField(
        required=False,
        max_length=500,
        label="Note to the center",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    billing_note = forms.CharField(required=False, max_length=500)


def _line(label: str, length: int = 120, **options: Any) -> forms.Field:
    return required_beside(forms.CharField(max_length=length, label=label, **options))


class DotPart(forms.Form):
    """Fields named `dot_…` are those of dot.DotTest."""

    dot_agency = required_beside(
        forms.ChoiceField(
            choices=Options(dot.Agency.choices(), any_of_them="Choose"), label="DOT agency"
        )
    )
    dot_donor_id = forms.CharField(
        required=False,
        max_length=40,
        label="Employee ID",
        help_text="Your own number for the employee, never the social security number. "
        "Empty: the employee number on file.",
    )
    dot_specimen = required_beside(
        forms.ChoiceField(
            choices=Options(dot.Specimen.choices()), widget=forms.RadioSelect, label="Specimen"
        )
    )
    dot_observed = required_beside(
        forms.TypedChoiceField(
            choices=Options([("no", "No"), ("yes", "Yes")]),
            coerce=lambda value: value == "yes",
            empty_value=None,
            widget=forms.RadioSelect,
            label="Directly observed collection?",
            help_text="Must be Yes for return to duty and follow-up. Else only where the "
            "medical review officer directs it.",
        )
    )
    dot_der_name = _line("Designated employer representative (DER)")
    dot_der_phone = _line("DER's phone", 40, widget=phone_input())
    dot_laboratory_name = _line("Laboratory")
    dot_laboratory_address = _line("Laboratory's address", 200)
    dot_mro_name = _line("Medical review officer (MRO)")
    dot_mro_address = _line("MRO's address", 200)
    dot_mro_phone = _line("MRO's phone", 40, widget=phone_input())
    dot_mro_fax = forms.CharField(
        required=False, max_length=40, label="MRO's fax", widget=phone_input()
    )
    dot_ctpa_name = forms.CharField(
        required=False,
        max_length=120,
        label="Consortium or third-party administrator (C/TPA)",
        help_text="Where you use one.",
    )
    dot_ctpa_address = forms.CharField(required=False, max_length=200, label="C/TPA's address")
    dot_ctpa_phone = forms.CharField(
        required=False, max_length=40, label="C/TPA's phone", widget=phone_input()
    )


def dot_test(data: dict[str, Any], *, donor_id: str, for_drugs: bool) -> dot.DotTest:
    """What these cleaned data say of a DOT test."""
    own = {field.name: data.get(f"dot_{field.name}") for field in fields(dot.DotTest)}
    observed = own.pop("observed")
    given = {name: value or "" for name, value in own.items()}
    given["donor_id"] = given["donor_id"] or donor_id
    if not for_drugs:
        given = {name: "" if name in dot.OF_DRUG_TESTS else given[name] for name in given}
    return dot.DotTest(**given, observed=observed if for_drugs else None)
