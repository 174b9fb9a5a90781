"""What makes an order complete: asked of the form, of each row of a file, and of every order made.

Pure, so that ten thousand rows are checked as fast as one. Problems name the form's fields.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Protocol

from clearwork.authorizations import dot
from clearwork.authorizations.rules import CENTRALIZED, Kind, Modality, Reason

LONGEST_VALID_DAYS = 365
_OLDEST = date(1900, 1, 1)
_DRUG = "drug"

type Problem = tuple[str, str]
"""A field's name, and what is wrong in words for whoever fills it in."""


class Service(Protocol):
    """What is asked of a service of the catalogue."""

    @property
    def name(self) -> str: ...
    @property
    def dot_test(self) -> str: ...
    def fits(self, kind: str, modality: str) -> bool: ...


class Center(Protocol):
    """What is asked of a medical center."""

    @property
    def name(self) -> str: ...
    @property
    def is_active(self) -> bool: ...
    @property
    def offers_telemedicine(self) -> bool: ...


@dataclass(frozen=True)
class Injury:
    injury_date: date | None = None
    injury_time: time | None = None
    body_part: str = ""
    what_happened: str = ""
    claim_number: str = ""
    insurer: str = ""


class Wanted(Protocol):
    """An order, as far as it is filled in: None for what is still open."""

    @property
    def modality(self) -> Modality | None: ...
    @property
    def kind(self) -> Kind | None: ...
    @property
    def reason(self) -> Reason | None: ...
    @property
    def center(self) -> Center | None: ...
    @property
    def services(self) -> Sequence[Service]: ...
    @property
    def valid_from(self) -> date | None: ...
    @property
    def expires(self) -> date | None: ...
    @property
    def injury(self) -> Injury: ...
    @property
    def dot(self) -> dot.DotTest | None: ...


@dataclass(frozen=True)
class Unfinished:
    """A Wanted of plain values, for a form or a row with gaps."""

    modality: Modality | None = None
    kind: Kind | None = None
    reason: Reason | None = None
    center: Center | None = None
    services: Sequence[Service] = ()
    valid_from: date | None = None
    expires: date | None = None
    injury: Injury = Injury()
    dot: dot.DotTest | None = None


class IncompleteOrder(ValueError):
    """The order cannot be authorized; `problems` says why. Names fields, never what is in them."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(", ".join(field for field, _ in problems))
        self.problems = list(problems)


def problems(order: Wanted) -> Iterator[Problem]:
    """All that stands in the way, whatever the day; see also problems_today."""
    yield from _of_services(order)
    yield from _of_center(order)
    if order.kind == Kind.INJURY:
        yield from _of_injury(order.injury)
    yield from _of_days(order)
    yield from _of_dot(order)


def problems_today(order: Wanted, today: date, *, since: date | None = None) -> Iterator[Problem]:
    """What is impossible on this day. `since`: a first day agreed on before, which may be past."""
    start, end = order.valid_from, order.expires
    if start and start < today and start != since:
        yield "valid_from", "Choose today or a later date."
    if start and start > today + timedelta(days=LONGEST_VALID_DAYS):
        yield "valid_from", f"Choose a day within the next {LONGEST_VALID_DAYS} days."
    if end and end < today and not (start and end < start):
        yield "expires", "Choose today or a later date."
    happened = order.injury.injury_date
    if order.kind == Kind.INJURY and happened and not _OLDEST <= happened <= today:
        yield "injury_date", "Enter a date of injury between 1900 and today."


def require_dot_data(order: Wanted) -> None:
    """Raise IncompleteOrder for a DOT test that may not be ordered yet, whoever orders it."""
    if found := list(_of_dot(order)):
        raise IncompleteOrder(found)


def is_dot(services: Sequence[Service]) -> bool:
    """Whether a test under 49 CFR part 40 is among them, which needs the data of 40.14."""
    return any(service.dot_test for service in services)


def for_drugs(services: Sequence[Service]) -> bool:
    """Whether a specimen is collected, a laboratory and an MRO needed: not alcohol alone."""
    return any(service.dot_test == _DRUG for service in services)


def _of_services(order: Wanted) -> Iterator[Problem]:
    if not order.services:
        yield "services", "Choose at least one service."
    if order.kind is None or order.modality is None:
        return
    wrong = [one.name for one in order.services if not one.fits(order.kind, order.modality)]
    if wrong:
        care = f"{order.kind.label.lower()} care, {order.modality.label}"
        yield "services", f"Not possible with {care}: {', '.join(wrong)}."


def _of_center(order: Wanted) -> Iterator[Problem]:
    if order.modality is None:
        return
    if order.modality in CENTRALIZED:
        if order.center is not None:
            yield "center", f"{order.modality.label} is given without a medical center."
        return
    if order.center is None:
        yield "center", "Choose the medical center."
    elif not order.center.is_active:
        yield "center", f"{order.center.name} takes no orders any more. Choose another center."
    elif order.modality == Modality.CENTER_TELEMEDICINE and not order.center.offers_telemedicine:
        yield "center", f"{order.center.name} offers no telemedicine. Choose another center."


def _of_injury(injury: Injury) -> Iterator[Problem]:
    if injury.injury_date is None:
        yield "injury_date", "Enter the date of injury."
    if not injury.body_part.strip():
        yield "body_part", "Enter what is hurt, such as “left hand”."
    if not injury.what_happened.strip():
        yield "what_happened", "Say in a few words what happened."


def _of_days(order: Wanted) -> Iterator[Problem]:
    start, end = order.valid_from, order.expires
    if start is None or end is None:
        return
    if end < start:
        yield "expires", "This is before the first valid day."
    elif end - start > timedelta(days=LONGEST_VALID_DAYS):
        yield "expires", f"An authorization holds {LONGEST_VALID_DAYS} days at most."


def _of_dot(order: Wanted) -> Iterator[Problem]:
    if not is_dot(order.services):
        if order.dot is not None:
            yield "services", "None of these services is a DOT drug or alcohol test."
        return
    test = order.dot or dot.DotTest()
    found = dot.problems(test, reason=order.reason, for_drugs=for_drugs(order.services))
    for field, text in found:
        yield (field if field == "reason" else f"dot_{field}"), text
