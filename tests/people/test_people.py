"""The employer's people: added, compared and suggested."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from clearwork.audit.actions import Action
from clearwork.database import scope
from clearwork.people import queries
from clearwork.people.actions import add_employee
from clearwork.people.models import Employee
from clearwork.people.rules import KEY_LENGTH, NumberTaken, name_keys
from tests import cast as people
from tests.cast import Cast
from tests.conftest import SignIn
from tests.exchange.records import events, kept

SUGGEST = reverse("people:suggest")
names = st.text(max_size=100)


def add(cast: Cast, first: str = "Ana", last: str = "Ruiz", number: str = "") -> Employee:
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        return add_employee(
            by=cast.alice.viewer,
            first_name=first,
            last_name=last,
            date_of_birth=date(1990, 1, 2),
            worksite=cast.plant,
            employee_number=number,
        )


@given(names, names)
def test_any_two_names_have_keys_that_fit(first: str, last: str) -> None:
    keys = name_keys(first, last)
    assert len(keys["name_key"]) <= KEY_LENGTH and len(keys["name_key_reversed"]) <= KEY_LENGTH


def test_the_keys_are_both_orders() -> None:
    assert name_keys("José", "NÚÑEZ") == {
        "name_key": "jose nunez",
        "name_key_reversed": "nunez jose",
    }


def test_adding_is_one_row_and_one_event_of_ids(cast: Cast) -> None:
    before = kept()
    added = add(cast)
    assert kept() - before == {"employees": 1, "events": 1}
    (event,) = events(Action.EMPLOYEE_ADDED)
    assert (event.subject_id, event.actor_id) == (added.pk, cast.alice.user.pk)
    assert event.detail == {}


def test_without_its_audit_event_nobody_is_added(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cannot(*_: object, **__: object) -> None:
        raise DatabaseError("full")

    before = kept()
    with monkeypatch.context() as broken, pytest.raises(DatabaseError):  # noqa: PT012
        broken.setattr("clearwork.audit.models.AuditEvent.save", cannot)
        add(cast)
    assert kept() - before == {}


def test_an_employee_number_is_one_persons_within_the_employer(cast: Cast) -> None:
    add(cast, number="S-1")  # Southport's Maria has it too
    with pytest.raises(NumberTaken):
        add(cast, number="N-1")
    assert add(cast).pk != add(cast).pk  # without a number there may be many


def test_nobody_is_added_to_another_employer(cast: Cast) -> None:
    with pytest.raises(DatabaseError), scope.acting_as(scope.employer(cast.southport.pk)):
        add_employee(
            by=cast.alice.viewer,
            first_name="Ana",
            last_name="Ruiz",
            date_of_birth=date(1990, 1, 2),
            worksite=cast.plant,
        )


def suggested(client: Client, typed: str) -> str:
    answer = client.get(SUGGEST, {"employee_search": typed})
    assert answer.status_code == 200
    return answer.content.decode()


def test_people_are_suggested_as_one_types(cast: Cast, sign_in: SignIn) -> None:
    alice = sign_in(cast.alice)
    for typed in ("m", "Mar", "garcía", "GARCIA, maria", "maria g"):
        text = suggested(alice, typed)
        assert str(cast.maria.pk) in text and str(cast.wei.pk) not in text, typed
    assert str(cast.wei.pk) in suggested(alice, "王小明")
    assert "No employee" in suggested(alice, "xyz")
    assert "No employee" in suggested(alice, "aria")  # starts only
    for nothing in ("", "  ", "\0"):
        assert "radio" not in suggested(alice, nothing)


def test_another_employers_people_are_never_suggested(cast: Cast, sign_in: SignIn) -> None:
    text = suggested(sign_in(cast.bob), "maria")
    assert str(cast.other_maria.pk) in text and str(cast.maria.pk) not in text


def test_what_was_typed_is_shown_as_text(cast: Cast, sign_in: SignIn) -> None:
    text = suggested(sign_in(cast.alice), "<script>alert(1)</script>")
    assert "<script>" not in text and "&lt;script&gt;" in text


def test_only_the_first_few_are_suggested(cast: Cast) -> None:
    with scope.acting_as(scope.OPERATOR):
        for index in range(20):
            people.employee(cast.plant, f"Ana{index:02}", "Ruiz")
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        found = queries.suggestions(cast.alice.viewer, "ana")
    assert [e.first_name for e in found] == [f"Ana{i:02}" for i in range(queries.SUGGESTIONS)]


def test_suggesting_needs_a_signed_in_person(cast: Cast) -> None:
    answer = Client().get(SUGGEST, {"employee_search": "m"}, headers={"HX-Request": "true"})
    assert answer.status_code == 204 and "/sign-in/" in answer["HX-Redirect"]
