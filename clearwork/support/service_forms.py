"""What one says of a service of the catalogue."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import RegexValidator

from clearwork.centers import queries, services
from clearwork.centers.models import MedicalCenter, Service
from clearwork.centers.rules import CENTRALIZED, Category, DotTest, Kind, Modality
from clearwork.ui.prepared import PreparedForm

_CODE = RegexValidator(r"^[A-Z0-9][A-Z0-9._-]*$", "Use capital letters, digits, dots and dashes.")
_A_LINE_EACH = "One on each line. A photo ID and the pass are always named."


def _text(label: str, help_text: str = "", *, rows: int = 3, longest: int = 500) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(
        required=False, max_length=longest, label=label, help_text=help_text, widget=area
    )


class ServiceForm(PreparedForm):
    """Of a new service; of one that is there (`saved`) without what is settled."""

    code = forms.CharField(
        max_length=20,
        validators=[_CODE],
        help_text="What medical centers' systems call it in orders. It cannot be changed later.",
    )
    name = forms.CharField(
        max_length=120,
        label="Name in English",
        help_text="Authorizations of this service that were made before show it, too.",
    )
    name_es = forms.CharField(max_length=120, label="Name in Spanish")
    category = forms.ChoiceField(choices=Category.choices(), label="Shelf")
    kind = forms.ChoiceField(choices=Kind.choices(), label="Kind of care", initial=Kind.NON_INJURY)
    with_injury = forms.BooleanField(
        required=False, label="Also ordered together with the care for an injury"
    )
    dot_test = forms.ChoiceField(
        required=False,
        choices=[("", "No"), *DotTest.choices()],
        label="A test under 49 CFR part 40?",
        help_text="Then it is only ordered with the data of 40.14.",
    )
    modalities = forms.MultipleChoiceField(
        choices=Modality.choices(),
        widget=forms.CheckboxSelectMultiple,
        initial=[Modality.IN_CENTER],
        label="How it can be given",
    )
    where = forms.ChoiceField(
        choices=[("all", "Every medical center that is open today"), ("some", "Only these")],
        widget=forms.RadioSelect,
        initial="all",
        label="Offered by",
    )
    centers = forms.ModelMultipleChoiceField(
        MedicalCenter.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label="Medical centers",
    )
    description = _text("What it is", "For whoever orders it.", rows=2, longest=300)
    bring = _text("What to bring", _A_LINE_EACH, longest=1000)
    bring_es = _text("The same in Spanish", longest=1000)
    prepare = _text("How to prepare")
    prepare_es = _text("The same in Spanish")

    def __init__(self, data: Any = None, *, saved: Service | None = None) -> None:
        super().__init__(data, initial=_initial(saved) if saved else None)
        self.saved = saved
        centers = self.fields["centers"]
        assert isinstance(centers, forms.ModelMultipleChoiceField)  # noqa: S101 - narrows the type
        centers.queryset = queries.centers()
        for name in services.SETTLED if saved else ():
            del self.fields[name]

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"])
        if Service.objects.filter(code__iexact=code).exists():
            self.add_error("code", "Another service, perhaps a retired one, has this code.")
        return code

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        others = queries.services().filter(name__iexact=name)
        if any(other != self.saved for other in others):
            self.add_error("name", "Another service has this name. Tell them apart.")
        return name

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        given = set(data.get("modalities", ()))
        if given - CENTRALIZED and data.get("where") == "some" and not data.get("centers"):
            self.add_error("centers", "Choose where it is offered, or nobody could order it.")
        is_dot = self.saved.dot_test if self.saved else data.get("dot_test")
        if is_dot and given - {Modality.IN_CENTER}:
            self.add_error("modalities", "A DOT test is taken at a collection site: in center.")
        for name in ("bring", "prepare"):
            if bool(data.get(name)) != bool(data.get(f"{name}_es")):
                empty = f"{name}_es" if data.get(name) else name
                self.add_error(empty, "Say it in both languages, or in neither.")
        return data

    def facts(self) -> dict[str, Any]:
        """After is_valid()."""
        own = (*services.SETTLED, *services.CHANGEABLE)
        return {name: self.cleaned_data[name] for name in own if name in self.fields}

    def offering(self) -> list[MedicalCenter]:
        """After is_valid(): the centers that offer it."""
        chosen = self.cleaned_data["centers"]
        return list(queries.centers() if self.cleaned_data["where"] == "all" else chosen)


def _initial(saved: Service) -> dict[str, Any]:
    offering = set(saved.centers.filter(is_active=True).values_list("pk", flat=True))
    everywhere = not queries.centers().exclude(pk__in=offering).exists()
    return {
        **{name: getattr(saved, name) for name in services.CHANGEABLE},
        "where": "all" if everywhere else "some",
        "centers": offering,
        "shown": services.shown_service(saved),
    }
