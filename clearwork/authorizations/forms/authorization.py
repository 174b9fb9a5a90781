"""The form as a whole: its sections checked together, and the order they make."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from functools import cached_property
from itertools import chain
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import BooleanField, Field, HiddenInput, IntegerField, UUIDField
from django.http import QueryDict

from clearwork.access.decide import Viewer
from clearwork.authorizations import catalogue, instructions, ordering
from clearwork.authorizations.actions import Order
from clearwork.authorizations.forms.fields import (
    CenterField,
    ServicesField,
    WorksiteField,
    between_1900_and,
)
from clearwork.authorizations.forms.parts import (
    NEW,
    CarePart,
    DotPart,
    PersonPart,
    PlacePart,
    dot_test,
)
from clearwork.authorizations.models import Authorization
from clearwork.authorizations.ordering import Injury, Unfinished
from clearwork.authorizations.rules import CENTRALIZED, Kind, Modality, Reason
from clearwork.authorizations.telling import Difference, differences
from clearwork.centers import queries as centers
from clearwork.centers.models import MedicalCenter, Service
from clearwork.foundation import clock
from clearwork.foundation.ids import read_uuid, read_uuids, uuid7
from clearwork.people import actions as people
from clearwork.people import queries as employees
from clearwork.people.many import known
from clearwork.people.models import Employee

_NAMESAKE = (
    "Someone of this name and date of birth is on your list. Choose “An employee on the list”,"
    " or say that this is another person."
)
_LEFT = (
    "Someone of this name and date of birth has left. Have them put back on the list, or say that"
    " this is another person."
)
_WHERE = ("modality", "center")
_MORE = ("valid_from", "expires", "claim_number", "insurer", "center_note", "billing_note")
_INJURY = tuple(Injury.__dataclass_fields__)


class AuthorizationForm(PersonPart, CarePart, PlacePart, DotPart):
    """Bound by what was posted; unbound, it begins with `initial` (see prefill)."""

    # As the page has them: errors are listed above it in this order.
    field_order = ("kind", *PersonPart.base_fields, *CarePart.base_fields)
    submission = UUIDField(widget=HiddenInput, initial=uuid7)
    send_pass = BooleanField(
        required=False,
        label="Send the employee their pass at once",
        help_text="To the email or mobile number on their record. You can also do it later.",
    )

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.viewer = viewer
        self.named = catalogue.Named()
        self.namesakes: list[Employee] = []
        self._field("worksite", WorksiteField).offer(viewer)

    def _field[F: Field](self, name: str, kind: type[F]) -> F:
        field = self.fields[name]
        assert isinstance(field, kind)  # noqa: S101 - narrows the type
        return field

    def full_clean(self) -> None:
        if self.is_bound:
            self._look_up()
        super().full_clean()

    def _look_up(self) -> None:
        self.named = catalogue.named(
            self.viewer,
            employee=self._posted_id("employee"),
            worksite=self._posted_id("worksite"),
            center=self._posted_id("center"),
            services=read_uuids(self["services"].data or ()),
        )
        self._field("worksite", WorksiteField).known = self.named.worksite
        self._field("center", CenterField).known = self.named.center
        self._field("services", ServicesField).known = self.named.services

    def _posted_id(self, name: str) -> UUID | None:
        return read_uuid(self[name].data) if name in self.fields else None

    def clean_employee(self) -> Employee | None:
        if self.cleaned_data.get("employee") is None:
            return None
        found = self.named.employee
        if found is None:
            raise ValidationError("That employee is not on your list. Search again.")
        if not found.is_active:
            raise ValidationError(f"{found} has left. Put them back on the list first.")
        return found

    def clean_date_of_birth(self) -> date | None:
        born: date | None = self.cleaned_data["date_of_birth"]
        return between_1900_and(clock.today(), born, "date of birth")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        self._check_who(data)
        if data.get("modality") in CENTRALIZED:
            data["center"] = None  # one chosen before the modality changed is no mistake
        wanted = self._wanted(data)
        today = ordering.problems_today(wanted, clock.today(), since=self.agreed_start())
        for field, text in chain(ordering.problems(wanted), today, self._not_offered(data)):
            if field not in self.errors:
                self.add_error(field, text)
        return data

    def _not_offered(self, data: dict[str, Any]) -> Iterator[ordering.Problem]:
        center, services = data.get("center"), data.get("services")
        missing = [one.name for one in services or () if one.pk not in self.named.offered]
        if center and missing:
            names = ", ".join(missing)
            yield "center", f"{center.name} does not offer: {names}. Choose another center."

    def agreed_start(self) -> date | None:
        """The first day agreed on before, which may be past by now."""
        return None

    def _check_who(self, data: dict[str, Any]) -> None:
        if data.get("who") != NEW:
            if not data.get("employee") and "employee" not in self.errors:
                self.add_error("employee", "Search for the employee and choose one.")
            return
        for name in ("first_name", "last_name", "date_of_birth"):
            if not data.get(name) and name not in self.errors:
                self.add_error(name, "This field is required.")
        self._check_namesakes(data)
        number = data.get("employee_number")
        # At any worksite: one that this viewer may not see takes the number, too.
        if number and known(self.viewer.employer_id, {number}, set()):
            self.add_error("employee_number", "Another employee already has this number.")

    def _check_namesakes(self, data: dict[str, Any]) -> None:
        """Results of someone with two records find neither."""
        first, last = data.get("first_name"), data.get("last_name")
        born = data.get("date_of_birth")
        if not (first and last and born) or data.get("is_namesake"):
            return
        self.namesakes = list(employees.namesakes(self.viewer, first, last, born))
        if self.namesakes:
            is_there = any(one.is_active for one in self.namesakes)
            self.add_error("is_namesake", _NAMESAKE if is_there else _LEFT)

    def _wanted(self, data: dict[str, Any]) -> Unfinished:
        kind, services = data.get("kind"), data.get("services") or []
        facts = {name: data[name] for name in _INJURY if data.get(name)}
        wanted = Unfinished(
            modality=Modality(data["modality"]) if data.get("modality") else None,
            kind=Kind(kind) if kind else None,
            reason=Reason(data["reason"]) if data.get("reason") else None,
            center=data.get("center"),
            services=services,
            valid_from=data.get("valid_from"),
            expires=data.get("expires"),
            injury=Injury(**facts) if kind == Kind.INJURY else Injury(),
        )
        if not ordering.is_dot(services):
            return wanted
        number, for_drugs = self._employee_number(data), ordering.for_drugs(services)
        return replace(wanted, dot=dot_test(data, donor_id=number, for_drugs=for_drugs))

    def _employee_number(self, data: dict[str, Any]) -> str:
        if data.get("who") == NEW:
            return data.get("employee_number") or ""
        employee: Employee | None = data.get("employee")
        return employee.employee_number if employee else ""

    def order(self) -> Order:
        """The order, after is_valid(); adds the new employee where there is one."""
        data = self.cleaned_data
        wanted = self._wanted(data)
        return Order(
            employee=self._employee_of(data),
            worksite=data["worksite"],
            modality=Modality(data["modality"]),
            center=data["center"],
            kind=Kind(data["kind"]),
            reason=Reason(data["reason"]),
            services=data["services"],
            valid_from=data["valid_from"],
            expires=data["expires"],
            injury=wanted.injury,
            dot=wanted.dot,
            billing_note=data["billing_note"],
            center_note=data["center_note"],
            submission=data["submission"],
        )

    def _employee_of(self, data: dict[str, Any]) -> Employee:
        chosen: Employee = self._add_employee() if data["who"] == NEW else data["employee"]
        return chosen

    def _add_employee(self) -> Employee:
        data = self.cleaned_data
        return people.add_employee(
            by=self.viewer,
            first_name=data["first_name"],
            last_name=data["last_name"],
            date_of_birth=data["date_of_birth"],
            worksite=data["worksite"],
            employee_number=data["employee_number"],
            phone=data["phone"],
        )

    # What the page shows

    @cached_property
    def chosen_services(self) -> frozenset[UUID]:
        return frozenset(read_uuids(self["services"].value() or ()))

    @cached_property
    def shelves(self) -> list[tuple[str, list[Service], bool]]:
        """Each shelf of the catalogue: its name, its services, whether one of them is chosen."""
        return [
            (name, services, any(one.pk in self.chosen_services for one in services))
            for name, services in centers.by_category(self.on_offer())
        ]

    def on_offer(self) -> QuerySet[Service]:
        return centers.services()

    def chosen_employee(self) -> list[Employee]:
        """The one chosen, for the list of suggestions; else who may be meant by a new one."""
        if chosen := read_uuid(self["employee"].value()):
            return list(employees.employees(self.viewer).filter(pk=chosen))
        return [one for one in self.namesakes if one.is_active]

    @cached_property
    def first_care(self) -> UUID | None:
        """What an injury usually begins with."""
        found = catalogue.usual_care(one for _, those, _ in self.shelves for one in those)
        return found.pk if found else None

    @cached_property
    def chosen_center(self) -> MedicalCenter | None:
        chosen = read_uuid(self["center"].value())
        return centers.centers().filter(pk=chosen).first() if chosen else None

    # What is filled in already, and of an injury what can wait, is folded away: it is told of
    # in a minute. Unless something in it is wrong.

    def where_is_open(self) -> bool:
        return self._is_wrong(_WHERE) or not self.chosen_center

    def services_is_open(self) -> bool:
        filled = bool(self.chosen_services) and self._is_injury()
        return self._is_wrong(("services", "reason")) or not filled

    def more_is_open(self) -> bool:
        return self._is_wrong(_MORE) or not self._is_injury()

    def _is_injury(self) -> bool:
        return bool(self["kind"].value() == Kind.INJURY)

    def _is_wrong(self, names: Iterable[str]) -> bool:
        return any(name in self.errors for name in names)

    def remotes(self) -> list[tuple[str, instructions.Remote]]:
        """How centralized care is reached."""
        found = [(modality.value, instructions.remote(modality)) for modality in Modality]
        return [(modality, remote) for modality, remote in found if remote]

    def valid_days(self) -> str:
        """JSON: for how many days an authorization of each modality usually holds."""
        return json.dumps({one.value: instructions.valid_days(one) for one in Modality})


class ChangeForm(AuthorizationForm):
    """The same for an order that is there; another employee needs another authorization.

    What it names stays, though it be offered no more: a retired service, a closed worksite.
    `revision` is the one its editor saw.
    """

    revision = IntegerField(min_value=0, widget=HiddenInput)

    def __init__(self, *args: Any, authorization: Authorization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.authorization = authorization
        self.changed_meanwhile: list[Difference] = []
        for name in PersonPart.base_fields.keys() - {"worksite"}:
            del self.fields[name]
        if not authorization.worksite.is_active:
            self._field("worksite", WorksiteField).offer(self.viewer, authorization.worksite)

    def _look_up(self) -> None:
        super()._look_up()
        own, posted = self.authorization, {str(pk) for pk in self["services"].data or ()}
        if self._posted_id("worksite") == own.worksite_id:
            self._field("worksite", WorksiteField).known = own.worksite
        kept = (one for one in own.services.all() if not one.is_active and str(one.pk) in posted)
        self._field("services", ServicesField).known = (*self.named.services, *kept)

    def on_offer(self) -> QuerySet[Service]:
        return super().on_offer() | Service.objects.filter(pk__in=self.authorization.services.all())

    def agreed_start(self) -> date:
        return self.authorization.valid_from

    def refuse(self, problem: str, *, now: Authorization) -> None:
        """Say why it was not saved, and what is saved now beside what was typed here.

        Sent again it replaces what is there: whoever sends it has seen both.
        """
        self.changed_meanwhile = differences(now, self.order())
        posted = QueryDict(mutable=True)
        posted.update(self.data)
        posted["revision"] = str(now.revision)
        self.data = posted
        self.add_error(None, problem)

    def _check_who(self, data: dict[str, Any]) -> None:
        """Nobody else's."""

    def _employee_number(self, data: dict[str, Any]) -> str:
        return self._employee_of(data).employee_number

    def _employee_of(self, data: dict[str, Any]) -> Employee:
        employee: Employee = self.authorization.employee
        return employee
