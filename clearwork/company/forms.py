"""What one fills in about the company, its worksites and who receives which report."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet

from clearwork.access.decide import Viewer
from clearwork.access.forms import WorksiteBoxes
from clearwork.accounts.models import PortalAccess
from clearwork.company import queries, rules
from clearwork.documents.inspect import NotAPdf, inspect_pdf
from clearwork.employers import portals
from clearwork.employers import queries as employers
from clearwork.employers.models import Contact, Worksite
from clearwork.employers.rules import CHANGES_AT_ONCE, ReportKind
from clearwork.foundation.text import is_phone
from clearwork.ui.prepared import PreparedForm

MAX_PDF_BYTES = 10 * 1024 * 1024
_POSTAL_CODE = re.compile(r"\d{5}(-\d{4})?")
_STATE = re.compile(r"[A-Z]{2}")


def _clean_phone(typed: str) -> str:
    if typed and not is_phone(typed):
        raise ValidationError("Enter a phone number such as 214-555-0100.")
    return typed


class AddressForm(PreparedForm):
    """An address and a phone."""

    street = forms.CharField(required=False, max_length=120)
    city = forms.CharField(required=False, max_length=80)
    state = forms.CharField(
        required=False, max_length=2, help_text="Two letters, such as TX.", strip=True
    )
    postal_code = forms.CharField(required=False, max_length=10, label="ZIP code")
    phone = forms.CharField(
        required=False, max_length=40, widget=forms.TextInput(attrs={"type": "tel"})
    )

    def clean_state(self) -> str:
        typed: str = self.cleaned_data["state"].upper()
        if typed and not _STATE.fullmatch(typed):
            raise ValidationError("Enter the state's two letters, such as TX.")
        return typed

    def clean_postal_code(self) -> str:
        typed: str = self.cleaned_data["postal_code"]
        if typed and not _POSTAL_CODE.fullmatch(typed):
            raise ValidationError("Enter a ZIP code such as 75201 or 75201-1234.")
        return typed

    def clean_phone(self) -> str:
        return _clean_phone(self.cleaned_data["phone"])

    def values(self, names: Iterable[str]) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in names}


class LikeWorksite(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return f"The same people as {obj}"


class Colleague(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return _last_name_first(obj)


class CompanyForm(AddressForm):
    legal_name = forms.CharField(max_length=200)
    billing_address = forms.CharField(
        required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 3})
    )
    billing_phone = forms.CharField(
        required=False, max_length=40, widget=forms.TextInput(attrs={"type": "tel"})
    )

    drug_screen_portals = forms.CharField(
        required=False,
        max_length=6000,
        label="Portals",
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text="One per line: the name, then the address, such as"
        " Acme Lab https://results.acmelab.example",
    )

    def clean_drug_screen_portals(self) -> str:
        try:
            return portals.written(portals.read(self.cleaned_data["drug_screen_portals"]))
        except portals.BadPortals as problem:
            raise forms.ValidationError(str(problem)) from problem

    def clean_billing_phone(self) -> str:
        return _clean_phone(self.cleaned_data["billing_phone"])

    def clean_billing_address(self) -> str:
        typed: str = self.cleaned_data["billing_address"]
        return typed.replace("\r\n", "\n")


class WorksiteForm(AddressForm):
    name = forms.CharField(max_length=120, help_text="As your people call it, such as Plant 4.")


class NewWorksiteForm(WorksiteForm):
    like = LikeWorksite(
        Worksite.objects.none(),
        required=False,
        label="Who receives its reports?",
        empty_label="Nobody yet: I will choose later",
        help_text="A new worksite starts with nobody receiving its reports,"
        " or with the same people as another one.",
    )

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _model_field(self, "like").queryset = employers.worksites(viewer.employer_id)


class MatrixForm(forms.Form):
    """The matrix's filters. A value that makes no sense is left out."""

    q = forms.CharField(required=False, max_length=200, label="Contact")
    kind = forms.ChoiceField(
        required=False,
        label="Reports of",
        choices=[*ReportKind.choices(), ("all", "All types")],
        initial=ReportKind.INJURY,
    )
    type = forms.ChoiceField(
        required=False, label="Report type", choices=[("", "Any type"), *rules.grouped_types()]
    )
    worksite = forms.ModelChoiceField(
        Worksite.objects.none(), required=False, empty_label="All worksites"
    )

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _model_field(self, "worksite").queryset = employers.worksites(viewer.employer_id)

    def filters(self) -> dict[str, Any]:
        self.is_valid()
        data = self.cleaned_data
        kind = data.get("kind") or ReportKind.INJURY
        return {
            "q": data.get("q", ""),
            "types": rules.types_of("" if kind == "all" else kind, data.get("type", "")),
            "worksite": data.get("worksite"),
        }


class WhoForm(forms.Form):
    type = forms.ChoiceField(
        label="Report type", choices=[("", "Choose a type"), *rules.grouped_types()]
    )
    worksite = forms.ModelChoiceField(Worksite.objects.none(), empty_label="Choose a worksite")

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _model_field(self, "worksite").queryset = queries.worksites_of(viewer)


class CellForm(forms.Form):
    """The worksites of which one contact receives one type."""

    shown = forms.CharField(max_length=64, widget=forms.HiddenInput)
    worksites = WorksiteBoxes(required=False)

    def __init__(self, *args: Any, choices: QuerySet[Worksite], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _model_field(self, "worksites").queryset = choices


class ChangeForm(forms.Form):
    """Contacts × types × worksites, to add or to remove. `shown`: the previewed plan."""

    shown = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    what = forms.ChoiceField(
        label="What should happen?",
        choices=[("add", "They receive these reports"), ("remove", "They no longer receive them")],
        widget=forms.RadioSelect,
        initial="add",
    )
    contacts = forms.ModelMultipleChoiceField(
        Contact.objects.none(), widget=forms.CheckboxSelectMultiple
    )
    types = forms.MultipleChoiceField(
        label="Report types",
        choices=rules.grouped_types(),
        widget=forms.CheckboxSelectMultiple,
    )
    worksites = WorksiteBoxes()

    def __init__(self, *args: Any, viewer: Viewer, listed: list[Contact], **kwargs: Any) -> None:
        """`listed` are the contacts with a check box; any contact of the employer is valid."""
        super().__init__(*args, **kwargs)
        contacts = _model_field(self, "contacts")
        contacts.queryset = queries.contacts_of(viewer)
        contacts.widget.choices = [(c.pk, _last_name_first(c)) for c in listed]
        _model_field(self, "worksites").queryset = queries.worksites_of(viewer)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.errors:
            return data
        combinations = len(data["contacts"]) * len(data["types"]) * len(data["worksites"])
        if combinations > CHANGES_AT_ONCE:
            self.add_error(
                "contacts",
                f"This would be {combinations:,} changes; make at most {CHANGES_AT_ONCE:,} at"
                " once. Choose fewer contacts.",
            )
        closed = [site for site in data["worksites"] if not site.is_active]
        if closed and data["what"] == "add":
            self.add_error("worksites", f"{closed[0]} is closed: nobody new receives its reports.")
        return data


class CopyForm(forms.Form):
    shown = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    source = Colleague(Contact.objects.none(), label="Copy from", empty_label="Choose a colleague")
    how = forms.ChoiceField(
        label="What about the reports they receive now?",
        choices=[("add", "Keep them, and add"), ("replace", "Replace them: exactly the same")],
        widget=forms.RadioSelect,
        initial="add",
    )

    def __init__(self, *args: Any, choices: QuerySet[Contact], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _model_field(self, "source").queryset = choices


class ReleaseForm(forms.Form):
    """A documented request to receive more than the minimum necessary."""

    reason = forms.CharField(
        max_length=2000,
        label="Why does this person need it?",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Which task needs it, and why the standard report is not enough."
        " Name no employee and no diagnosis.",
    )
    document = forms.FileField(
        label="The signed request",
        help_text="A PDF of at most 10 MB.",
        widget=forms.FileInput(attrs={"accept": "application/pdf,.pdf"}),
    )

    def clean_document(self) -> bytes:
        upload: UploadedFile[Any] = self.cleaned_data["document"]
        if (upload.size or 0) > MAX_PDF_BYTES:
            size = (upload.size or 0) / 1024 / 1024
            raise ValidationError(f"The file has {size:.1f} MB; at most 10 MB are accepted.")
        pdf: bytes = upload.read()
        try:
            facts = inspect_pdf(pdf)
        except NotAPdf as error:
            raise ValidationError(str(error)) from error
        if facts.encrypted:
            raise ValidationError("The PDF is protected. Save it without protection.")
        return pdf


class NotificationsForm(forms.Form):
    notify = forms.ChoiceField(
        label="When a new result is posted",
        choices=PortalAccess.Notify.choices,
        widget=forms.RadioSelect,
    )
    tell_late = forms.BooleanField(
        required=False,
        label="An email when a report is late",
        help_text="Once for each visit: no result 72 hours after it, or no activity status report"
        " after an injury's check-out.",
    )


def _last_name_first(contact: Contact) -> str:
    return f"{contact.last_name}, {contact.first_name}"


def _model_field(form: forms.Form, name: str) -> forms.ModelChoiceField[Any]:
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - narrows the type
    return field
