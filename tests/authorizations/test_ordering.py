"""What makes an order complete, told from plain values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest

from clearwork.authorizations import dot
from clearwork.authorizations.dot import DotTest
from clearwork.authorizations.ordering import (
    IncompleteOrder,
    Injury,
    Unfinished,
    problems,
    problems_today,
    require_dot_data,
)
from clearwork.authorizations.rules import Kind, Modality, Reason

TODAY = date(2026, 3, 2)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Service:
    name: str = "Physical"
    dot_test: str = ""
    kind: str = "non_injury"
    ways: tuple[str, ...] = ("in_center",)

    def fits(self, kind: str, modality: str) -> bool:
        return kind == self.kind and modality in self.ways


@dataclass(frozen=True)
class Center:
    name: str = "Dallas"
    is_active: bool = True
    offers_telemedicine: bool = False


DRUGS, ALCOHOL = Service("DOT drug test", "drug"), Service("DOT alcohol test", "alcohol")
ORDER = Unfinished(
    modality=Modality.IN_CENTER,
    kind=Kind.NON_INJURY,
    reason=Reason.RANDOM,
    center=Center(),
    services=[Service()],
    valid_from=TODAY,
    expires=TODAY + 30 * DAY,
)
TEST = DotTest(
    donor_id="N-1",
    agency="fmcsa",
    specimen="urine",
    observed=False,
    der_name="Dana",
    der_phone="1",
    laboratory_name="Lab",
    laboratory_address="1 Main Street",
    mro_name="Dr. Reyes",
    mro_address="2 Main Street",
    mro_phone="2",
)


def wrong(**changes: Any) -> dict[str, str]:
    order = replace(ORDER, **changes)
    return dict([*problems(order), *problems_today(order, TODAY)])


def test_a_complete_order_has_no_problem() -> None:
    assert wrong() == {}


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"services": []}, "services", "at least one"),
        ({"services": [Service(kind="injury")]}, "services", "Physical"),
        ({"modality": Modality.CENTER_TELEMEDICINE}, "services", "Telemedicine at a center"),
        ({"modality": Modality.TELEMED}, "center", "without a medical center"),
        ({"center": None}, "center", "Choose"),
        ({"center": Center(is_active=False)}, "center", "Dallas takes no orders any more"),
        (
            {
                "modality": Modality.CENTER_TELEMEDICINE,
                "services": [Service(ways=("center_telemedicine",))],
            },
            "center",
            "Dallas offers no telemedicine",
        ),
        ({"expires": TODAY - DAY}, "expires", "before the first valid day"),
        ({"expires": TODAY + 400 * DAY}, "expires", "365 days at most"),
        ({"valid_from": TODAY - DAY}, "valid_from", "today or a later"),
        (
            {"valid_from": TODAY + 400 * DAY, "expires": TODAY + 401 * DAY},
            "valid_from",
            "within the next",
        ),
        ({"valid_from": TODAY - 9 * DAY, "expires": TODAY - DAY}, "expires", "today or a later"),
    ],
)
def test_each_problem_is_told_at_its_field(changes: dict[str, Any], field: str, words: str) -> None:
    assert words in wrong(**changes)[field]


def test_a_first_day_agreed_on_before_may_be_past() -> None:
    order = replace(ORDER, valid_from=TODAY - 9 * DAY)
    assert list(problems_today(order, TODAY, since=order.valid_from)) == []


def test_an_injury_is_told_of_shortly() -> None:
    injury = {"kind": Kind.INJURY, "services": [Service(kind="injury")]}
    assert set(wrong(**injury)) == {"injury_date", "body_part", "what_happened"}
    blank = Injury(injury_date=TODAY, body_part=" ", what_happened="\n")
    assert set(wrong(**injury, injury=blank)) == {"body_part", "what_happened"}
    tomorrow = Injury(injury_date=TODAY + DAY, body_part="hand", what_happened="Cut")
    assert set(wrong(**injury, injury=tomorrow)) == {"injury_date"}


# DOT tests (49 CFR 40.14)


def test_a_dot_test_names_all_that_is_missing() -> None:
    found = wrong(services=[DRUGS])
    assert set(found) == {f"dot_{name}" for name in (*dot.NEEDED, *dot.NEEDED_FOR_DRUGS)}
    assert found["dot_mro_name"] == "A DOT test needs the name of the medical review officer (MRO)."


def test_a_complete_dot_test_may_be_ordered() -> None:
    assert wrong(services=[DRUGS, Service()], dot=TEST) == {}


@pytest.mark.parametrize("name", [*dot.NEEDED, *dot.NEEDED_FOR_DRUGS])
def test_each_datum_alone_is_missed(name: str) -> None:
    lacking = replace(TEST, **{name: None if name == "observed" else ""})  # type: ignore[arg-type]
    assert set(wrong(services=[DRUGS], dot=lacking)) == {f"dot_{name}"}


def test_alcohol_alone_needs_no_laboratory() -> None:
    test = DotTest(donor_id="N-1", agency="fra", der_name="Dana", der_phone="1")
    assert wrong(services=[ALCOHOL], dot=test) == {}
    assert "dot_specimen" in wrong(services=[ALCOHOL, DRUGS], dot=test)


@pytest.mark.parametrize("reason", [Reason.RETURN_TO_DUTY, Reason.FOLLOW_UP])
def test_return_to_duty_and_follow_up_are_observed(reason: Reason) -> None:
    assert set(wrong(services=[DRUGS], dot=TEST, reason=reason)) == {"dot_observed"}
    observed = replace(TEST, observed=True)
    assert wrong(services=[DRUGS], dot=observed, reason=reason) == {}


@pytest.mark.parametrize("reason", [Reason.PERIODIC, Reason.OTHER])
def test_dot_knows_no_other_reasons(reason: Reason) -> None:
    assert set(wrong(services=[DRUGS], dot=TEST, reason=reason)) == {"reason"}


@pytest.mark.parametrize("donor", ["123-45-6789", "123 45 6789"])
def test_the_social_security_number_is_not_taken(donor: str) -> None:
    assert (
        "social security"
        in wrong(services=[DRUGS], dot=replace(TEST, donor_id=donor))["dot_donor_id"]
    )


def test_whoever_orders_it_an_incomplete_dot_test_is_refused() -> None:
    require_dot_data(replace(ORDER, services=[DRUGS], dot=TEST))
    for order in (
        replace(ORDER, services=[DRUGS]),
        replace(ORDER, services=[DRUGS], dot=replace(TEST, der_phone="")),
        replace(ORDER, dot=TEST),
    ):
        with pytest.raises(IncompleteOrder) as caught:
            require_dot_data(order)
        assert "Dana" not in str(caught.value)
