"""What one fills in to begin a batch: the order all rows share, and the people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django import forms

from clearwork.access.decide import Viewer
from clearwork.authorizations.forms import AuthorizationForm
from clearwork.authorizations.forms.parts import PersonPart
from clearwork.authorizations.rules import Kind, Modality, Reason
from clearwork.bulk.rules import fields_of
from clearwork.bulk.terms import Terms
from clearwork.employers.models import Worksite
from clearwork.foundation import clock
from clearwork.foundation.ids import read_uuids, uuid7
from clearwork.people import queries as people
from clearwork.sheets.headers import match
from clearwork.sheets.reading import MOST_FILE_BYTES, TOO_LARGE, read_file, read_pasted
from clearwork.sheets.table import MOST_ROWS, Table, Unreadable, clean
from clearwork.ui.inputs import date_input

_MOST_PASTED = 900_000  # characters: more comes as a file
_TOO_MUCH = "These are too many rows to paste. Save the sheet as CSV or XLSX and choose that file."
_INJURY = ("injury_date", "injury_time", "body_part", "what_happened", "claim_number", "insurer")
_EACH_ROWS_OWN = "-"


class TablePart(forms.Form):
    """A file, or pasted rows; `table` after is_valid(). `submission` names the form, as sent."""

    submission = forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid7)
    file = forms.FileField(
        required=False,
        label="CSV or Excel file",
        help_text=f"Up to {MOST_ROWS:,} rows. Columns in any order; the first row names them.",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
    )
    pasted = forms.CharField(
        required=False,
        strip=False,
        label="Or paste rows copied from a spreadsheet",
        help_text="Include the row with the column names.",
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false", "autocomplete": "off"}),
    )
    table: Table | None = None

    def clean_pasted(self) -> str:
        """Counted here alone: a browser that counts leaves the last rows out without a word."""
        pasted: str = self.cleaned_data["pasted"]
        if len(pasted) > _MOST_PASTED:
            raise forms.ValidationError(_TOO_MUCH)
        return pasted

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        file, pasted = data.get("file"), data.get("pasted")
        field = "file" if file else "pasted"
        if file and (pasted or "").strip():
            self.add_error("pasted", "A file was chosen, too. Send one of them at a time.")
            return data
        if not file and not (pasted or "").strip():
            if not self.errors.keys() & {"file", "pasted"}:
                self.add_error("file", "Choose a file, or paste rows below.")
            return data
        if file and file.size > MOST_FILE_BYTES:
            self.add_error("file", TOO_LARGE)
            return data
        try:
            self.table = read_file(file.read()) if file else read_pasted(pasted or "")
        except Unreadable as problem:
            self.add_error(field, str(problem))
        return data

    @property
    def title(self) -> str:
        file = self.cleaned_data.get("file")
        return file.name if file else "Pasted rows"


class OrderForm(TablePart, AuthorizationForm):
    """The authorization's form without a person: injuries are authorized one by one."""

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, viewer=viewer, **kwargs)
        for name in (*PersonPart.base_fields.keys() - {"worksite"}, *_INJURY, "send_pass"):
            del self.fields[name]
        del self.fields["dot_donor_id"]
        self.fields["kind"].widget = forms.HiddenInput()
        self.initial["kind"] = Kind.NON_INJURY
        worksite = self.fields["worksite"]
        worksite.label = "Worksite for rows without one"

    def clean_kind(self) -> str:
        return Kind.NON_INJURY

    def _check_who(self, data: dict[str, Any]) -> None:
        """Each row says."""

    def _employee_number(self, data: dict[str, Any]) -> str:
        return _EACH_ROWS_OWN

    def terms(self) -> Terms:
        """After is_valid()."""
        data, wanted = self.cleaned_data, self._wanted(self.cleaned_data)
        return Terms(
            modality=Modality(data["modality"]),
            reason=Reason(data["reason"]),
            services=data["services"],
            center=data["center"],
            valid_from=data["valid_from"],
            expires=data["expires"],
            worksite=data["worksite"].pk,
            billing_note=data["billing_note"],
            center_note=data["center_note"],
            dot=wanted.dot,
        )


class RosterForm(TablePart):
    worksite = forms.ModelChoiceField(
        Worksite.objects.none(),
        required=False,
        empty_label="Each row names its own",
        label="Worksite for rows without one",
    )

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        worksite = self.fields["worksite"]
        assert isinstance(worksite, forms.ModelChoiceField)  # noqa: S101 - narrows the type
        worksite.queryset = people.worksites(viewer)

    def order(self) -> dict[str, Any]:
        chosen = self.cleaned_data["worksite"]
        return {"worksite": str(chosen.pk) if chosen else None}


class ColumnsForm(forms.Form):
    """What each column of the file holds; a field for each column, named `column-<place>`."""

    def __init__(
        self, *args: Any, what: str, headers: list[str], columns: list[str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "Nothing: skip this column"), *((f.key, f.label) for f in fields_of(what))]
        for place, (header, key) in enumerate(zip(headers, columns, strict=True)):
            self.fields[f"column-{place}"] = forms.ChoiceField(
                choices=choices,
                initial=key,
                required=False,
                label=header or f"Column {place + 1}",
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        taken: set[str] = set()
        for name, key in list(data.items()):
            if key and key in taken:
                self.add_error(name, "Another column holds this already.")
            taken.add(key)
        return data

    def columns(self) -> list[str]:
        return [self.cleaned_data.get(name, "") for name in self.fields]


def guessed_columns(
    headers: Sequence[str], columns: Sequence[str], what: str
) -> list[tuple[str, str]]:
    """The columns whose name is only like one that is known, and what they are taken for."""
    found, labels = match(headers, fields_of(what)), {f.key: f.label for f in fields_of(what)}
    kept = [place for place in sorted(found.guessed) if found.keys[place] == columns[place]]
    return [(headers[place], labels[columns[place]]) for place in kept]


class UntilForm(forms.Form):
    until = forms.DateField(
        label="New last day",
        widget=date_input(),
    )

    def clean_until(self) -> date:
        until: date = self.cleaned_data["until"]
        if until < clock.today():
            raise forms.ValidationError("Choose today or a later date.")
        return until


class PassesForm(forms.Form):
    send_passes = forms.BooleanField(
        required=False,
        label="Send each person their pass at once",
        help_text="To the email or mobile number on their record. You can also do it later.",
    )


class ReasonForm(forms.Form):
    reason = forms.CharField(
        required=False,
        max_length=300,
        label="Why (the medical center is told)",
        help_text="Leave out anything private.",
    )


def fixes_of(posted: Mapping[str, str], what: str, texts: Mapping[str, str]) -> dict[str, str]:
    """The fields of a row that were typed over."""
    keys = [field.key for field in fields_of(what)]
    typed = {key: clean(posted[key])[:500] for key in keys if key in posted}
    return {key: text for key, text in typed.items() if text != texts.get(key, "")}


def selected(posted: Any) -> list[UUID]:
    """The ids posted as `ids`; what is none is passed over."""
    return read_uuids(posted.getlist("ids"))
