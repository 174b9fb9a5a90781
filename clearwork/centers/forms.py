"""What one fills in to find a center, to save a package, and to set the company's defaults."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError

from clearwork.access.decide import Viewer
from clearwork.centers import actions, queries
from clearwork.centers.models import MedicalCenter, Service, ServicePackage
from clearwork.centers.queries import Wanted
from clearwork.centers.rules import Kind, Modality, Reason
from clearwork.centers.zips import Place, UnknownZip, place
from clearwork.employers import queries as employers
from clearwork.ui.prepared import PreparedForm

MILES = (10, 25, 50, 100, 250)
_ANY = [("", "Any")]


class FindCenterForm(forms.Form):
    """Nothing is required. Without a ZIP code, distances are from `around`, where it is known."""

    zip = forms.CharField(
        required=False,
        label="ZIP code",
        max_length=10,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    miles = forms.TypedChoiceField(
        required=False,
        label="Within",
        coerce=int,
        empty_value=None,
        choices=[("", "Any distance"), *((m, f"{m} miles") for m in MILES)],
    )
    state = forms.ChoiceField(required=False, label="State", choices=list)
    city = forms.CharField(required=False, label="City", max_length=80)
    service = forms.ModelChoiceField(
        Service.objects.none(), required=False, label="Offers", empty_label="Any service"
    )
    open_now = forms.BooleanField(required=False, label="Open now")
    telemedicine = forms.BooleanField(required=False, label="Telemedicine")

    def __init__(self, *args: Any, around: Place | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.around = around
        self.fields["state"].choices = [  # type: ignore[attr-defined]
            ("", "Any state"),
            *((state, state) for state in queries.states()),
        ]
        self.fields["service"].queryset = queries.services()  # type: ignore[attr-defined]

    def clean_zip(self) -> Place | None:
        typed: str = self.cleaned_data["zip"]
        try:
            return place(typed) if typed else None
        except UnknownZip as error:
            raise ValidationError(str(error)) from error

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("miles") and not (data.get("zip") or self.around or "zip" in self.errors):
            self.add_error("zip", "Give the ZIP code to measure from.")
        return data

    def wanted(self, services: list[UUID] | None = None) -> Wanted:
        """After is_valid(). `services` are wanted beside the one chosen here."""
        data = self.cleaned_data
        own = [data["service"].pk] if data["service"] else []
        return Wanted(
            state=data["state"],
            city=data["city"],
            near=data["zip"] or self.around,
            miles=data["miles"],
            services=[*own, *(services or ())],
            telemedicine=data["telemedicine"],
            open_now=data["open_now"],
        )


class ServiceBoxes(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Check boxes on the shelves of the catalogue: see PackageForm.shelves."""

    def __init__(self) -> None:
        super().__init__(
            queries.services(),
            label="Services",
            widget=forms.CheckboxSelectMultiple,
            error_messages={"required": "Choose at least one service."},
        )


class PackageForm(PreparedForm):
    name = forms.CharField(max_length=80, help_text="As your people call it, such as New driver.")
    services = ServiceBoxes()
    kind = forms.ChoiceField(
        required=False, label="What is it for?", choices=[*_ANY, *Kind.choices()]
    )
    reason = forms.ChoiceField(required=False, choices=[*_ANY, *Reason.choices()])
    modality = forms.ChoiceField(
        required=False, label="How will they be seen?", choices=[*_ANY, *Modality.choices()]
    )

    def __init__(
        self, data: Any = None, *, viewer: Viewer, saved: ServicePackage | None = None
    ) -> None:
        super().__init__(data, initial=_initial(saved) if saved else None)
        self.viewer, self.saved = viewer, saved

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        others = queries.package_named(self.viewer, name)
        if any(other != self.saved for other in others):
            self.name_is_taken()
        return name

    def name_is_taken(self) -> None:
        self.add_error("name", "Another package has this name. Choose one that tells them apart.")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        chosen, kind, modality = (data.get(n) for n in ("services", "kind", "modality"))
        if chosen and not any(_all_fit(chosen, k, m) for k, m in _orders(kind, modality)):
            self.add_error("services", _why_not(chosen, kind, modality))
        return data

    def package(self) -> actions.Package:
        """After is_valid()."""
        data = self.cleaned_data
        services = list(data["services"])
        return actions.Package(
            data["name"], services, data["kind"], data["reason"], data["modality"]
        )

    def shelves(self) -> list[tuple[str, list[forms.boundfield.BoundWidget]]]:
        """The check boxes by category."""
        boxes = {str(box.data["value"]): box for box in self["services"]}
        return [
            (label, [boxes[str(service.pk)] for service in shelf])
            for label, shelf in queries.by_category(queries.services())
        ]


def _initial(saved: ServicePackage) -> dict[str, Any]:
    services = [service.pk for service in saved.services.all()]
    named = {name: getattr(saved, name) for name in ("name", "kind", "reason", "modality")}
    return {**named, "services": services, "shown": actions.shown_package(saved)}


def _orders(kind: str | None, modality: str | None) -> Iterator[tuple[str, str]]:
    """The kinds of care and ways of giving it that the package may be used for."""
    for k in [kind] if kind else Kind:
        yield from ((k, m) for m in ([modality] if modality else Modality))


def _all_fit(chosen: Iterable[Service], kind: str, modality: str) -> bool:
    return all(service.fits(kind, modality) for service in chosen)


def _why_not(chosen: Iterable[Service], kind: str | None, modality: str | None) -> str:
    """Names the services that do not fit what is chosen, or says that they do not go together."""
    orders = list(_orders(kind, modality))
    alone = [s.name for s in chosen if not any(s.fits(k, m) for k, m in orders)]
    if alone:
        return f"This does not fit what you chose below: {', '.join(alone)}."
    return "No one authorization can hold all of these together. Save two packages instead."


class CenterSelect(forms.ModelChoiceField):  # type: ignore[type-arg]
    def __init__(self, **options: Any) -> None:
        super().__init__(queries.centers(), required=False, **options)

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.state}: {obj.city}, {obj.name}"


class DefaultsForm(PreparedForm):
    """The company's own, and a center for each open worksite."""

    center = CenterSelect(label="Usual medical center", empty_label="None")
    billing_note = forms.CharField(
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Printed on each authorization, such as a cost center. Never a person's name.",
    )

    def __init__(self, data: Any = None, *, viewer: Viewer) -> None:
        now = queries.employer_defaults(viewer)
        initial: dict[str, Any] = {"shown": actions.shown_defaults(viewer)}
        if now:
            initial |= {"center": now.center_id, "billing_note": now.billing_note}
        super().__init__(data, initial=initial)
        self.worksites = list(employers.worksites(viewer.employer_id))
        centers = queries.worksite_centers(viewer)
        for worksite in self.worksites:
            field = CenterSelect(label=str(worksite), empty_label="The company's usual center")
            field.initial = getattr(centers.get(worksite.pk), "pk", None)
            self.fields[f"worksite-{worksite.pk}"] = field

    def of_worksites(self) -> list[forms.BoundField]:
        return [self[f"worksite-{worksite.pk}"] for worksite in self.worksites]

    def defaults(self) -> actions.Defaults:
        """After is_valid()."""
        data = self.cleaned_data
        chosen: dict[UUID, MedicalCenter] = {
            worksite.pk: center
            for worksite in self.worksites
            if (center := data[f"worksite-{worksite.pk}"])
        }
        return actions.Defaults(data["center"], data["billing_note"], chosen)
