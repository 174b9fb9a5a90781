"""What one fills in about contacts and their access."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Q

from clearwork.access.decide import Viewer
from clearwork.access.queries import Which
from clearwork.accounts.actions import VisitActivity
from clearwork.accounts.models import Role
from clearwork.employers import queries as employers
from clearwork.employers.actions import CONTACT_FIELDS, ContactFacts
from clearwork.employers.models import Worksite
from clearwork.employers.rules import ReportKind
from clearwork.ui.filters import ListFilters, Options, choice_field, search_field
from clearwork.ui.prepared import PreparedForm

_USERNAME = "The work email is the person's user name."
_ALL_REPORTS, _RESTRICTIONS = "All results and reports", "Restrictions only: work status reports"
_ALL_WORKSITES = "All worksites"
_PHONE = forms.TextInput(attrs={"type": "tel"})


class FilterForm(ListFilters):
    """The list of contacts. A value that makes no sense is left out."""

    q = search_field("Name")
    which = choice_field("Portal access", Options(Which.choices()))

    def criteria(self) -> dict[str, str]:
        """What queries.listed() asks for."""
        self.is_valid()
        data = self.cleaned_data
        return {"which": data.get("which", ""), "typed": data.get("q", "")}


class ContactForm(PreparedForm):
    first_name = forms.CharField(max_length=100)
    last_name = forms.CharField(max_length=100)
    email = forms.EmailField(
        required=False,
        label="Work email",
        help_text="Needed for portal access. Someone who signs in already keeps their own"
        " user name until they change it themselves.",
    )
    phone = forms.CharField(required=False, max_length=40, widget=_PHONE)
    title = forms.CharField(required=False, max_length=100, help_text="E.g. Safety manager")

    def facts(self) -> ContactFacts:
        return ContactFacts(**{name: self.cleaned_data[name] for name in CONTACT_FIELDS})


class RoleForm(forms.Form):
    role = forms.ChoiceField(
        choices=Role.choices,
        widget=forms.RadioSelect,
        label="Portal role",
        help_text="An Admin User sees all authorizations and results, and manages contacts and"
        " access. A View Only User creates and follows their own authorizations, and sees the"
        " results you grant.",
    )


class InviteForm(RoleForm):
    email = forms.EmailField(
        label="Work email",
        help_text=_USERNAME,
        error_messages={"required": f"Give a work email first. {_USERNAME}"},
    )
    field_order = ("email", "role")


class WorksiteBoxes(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Check boxes; a closed worksite says so."""

    def __init__(self, **options: Any) -> None:
        super().__init__(Worksite.objects.none(), widget=forms.CheckboxSelectMultiple, **options)

    def label_from_instance(self, obj: Any) -> str:
        return str(obj) if obj.is_active else f"{obj} (closed)"


class ActivityForm(PreparedForm):
    """Which visit activity a View Only User sees: `granted` are the worksites they see now."""

    kinds = forms.MultipleChoiceField(
        choices=[(kind.value, f"{kind.label} visits") for kind in ReportKind],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        label="Which visits?",
        help_text="With none chosen, this person sees no results.",
    )
    how_much = forms.ChoiceField(
        choices=[("all", _ALL_REPORTS), ("restrictions", _RESTRICTIONS)],
        widget=forms.RadioSelect,
        label="How much of a visit?",
    )
    where = forms.ChoiceField(
        choices=[("all", _ALL_WORKSITES), ("some", "Only some worksites")],
        widget=forms.RadioSelect,
        label="Of which employees?",
    )
    worksites = WorksiteBoxes(required=False, label="Employees of these worksites")

    def __init__(
        self, *args: Any, viewer: Viewer, granted: Sequence[Worksite], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["worksites"]
        assert isinstance(field, WorksiteBoxes)  # noqa: S101 - narrows the type
        shown = Q(is_active=True) | Q(pk__in=[site.pk for site in granted])
        field.queryset = employers.all_worksites(viewer.employer_id).filter(shown)

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("where") == "some" and not data.get("worksites") and "worksites" in data:
            self.add_error("worksites", "Choose at least one worksite.")
        return data

    def activity(self) -> VisitActivity:
        data = self.cleaned_data
        some = data["where"] == "some"
        return VisitActivity(
            injury=ReportKind.INJURY in data["kinds"],
            non_injury=ReportKind.NON_INJURY in data["kinds"],
            restrictions_only=data["how_much"] == "restrictions",
            worksites=tuple(data["worksites"]) if some else None,
        )

    def theirs(self, now: VisitActivity) -> dict[str, str]:
        """What is granted now and was sent otherwise, in words."""
        sent = _in_words(self.activity())
        return {name: words for name, words in _in_words(now).items() if sent[name] != words}


def activity_initial(activity: VisitActivity) -> dict[str, Any]:
    """The form's first values for what is granted now."""
    return {
        "shown": activity.seen,
        "kinds": [kind.value for kind in _kinds(activity)],
        "how_much": "restrictions" if activity.restrictions_only else "all",
        "where": "all" if activity.worksites is None else "some",
        "worksites": [site.pk for site in activity.worksites or ()],
    }


def _kinds(activity: VisitActivity) -> list[ReportKind]:
    granted = {ReportKind.INJURY: activity.injury, ReportKind.NON_INJURY: activity.non_injury}
    return [kind for kind, seen in granted.items() if seen]


def _in_words(activity: VisitActivity) -> dict[str, str]:
    """By field; the worksites with the choice of some, as they show only where it is made."""
    sites = activity.worksites
    return {
        "kinds": ", ".join(kind.label for kind in _kinds(activity)) or "(none)",
        "how_much": _RESTRICTIONS if activity.restrictions_only else _ALL_REPORTS,
        "where": _ALL_WORKSITES if sites is None else ", ".join(sorted(map(str, sites))),
    }
