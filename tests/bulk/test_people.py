"""Whom each row speaks of, and what one may know of them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from django.test import Client

from clearwork.access.decide import Grants
from clearwork.authorizations.actions import authorize
from clearwork.bulk.queries import shown as shown_rows
from clearwork.bulk.rules import RowState, What
from clearwork.database import scope
from clearwork.employers.models import Worksite
from clearwork.foundation import clock
from clearwork.people.models import Employee
from tests.bulk.sheets import begin, count, rows, save, sheet, work
from tests.cast import Cast, employee


def test_two_people_of_one_name_and_birth_date_are_told_apart_by_hand(
    alice: Client, cast: Cast
) -> None:
    with scope.acting_as(scope.OPERATOR):
        twin = employee(cast.plant, "Maria", "Garcia", employee_number="N-7")
    batch = begin(cast, "Name,DOB\nMaria Garcia,4/17/1988")
    page = alice.get(f"/many/{batch.pk}/").content.decode()
    assert "2 people on your list" in page and "number N-1" in page and "number N-7" in page
    (row,) = rows(batch)
    save(alice, row, answer=str(cast.other_maria.pk))
    assert rows(batch)[0].state == RowState.WRONG, "nobody of another employer"
    save(alice, row, answer=str(twin.pk))
    assert (rows(batch)[0].state, rows(batch)[0].employee_id) == (RowState.GOOD, twin.pk)
    save(alice, row, answer="new")
    assert (rows(batch)[0].state, rows(batch)[0].employee_id) == (RowState.GOOD, None)


def test_someone_twice_in_the_file_is_seen_and_may_be_accepted(alice: Client, cast: Cast) -> None:
    batch = begin(cast, sheet("N-1,Garcia,Maria,4/17/1988,", ",garcia,MARÍA,1988-04-17,"))
    first, second = rows(batch)
    assert first.state == RowState.GOOD
    assert second.problems == [["duplicate", "The same person as in row 2."]]
    alice.post(f"/many/rows/{first.pk}/leave-out/", {"out": "yes"})
    assert [row.state for row in rows(batch)] == [RowState.LEFT_OUT, RowState.GOOD]
    alice.post(f"/many/rows/{first.pk}/leave-out/", {"out": "no"})
    assert [row.state for row in rows(batch)] == [RowState.GOOD, RowState.WRONG]
    save(alice, second, accepted="1")
    assert rows(batch)[1].state == RowState.GOOD


@pytest.mark.parametrize("what", [What.AUTHORIZE, What.ROSTER])
def test_one_number_for_two_people_is_never_taken_for_one_person(
    alice: Client, cast: Cast, what: What
) -> None:
    batch = begin(cast, sheet("77,Lee,Al,1/2/1990,", "77,Ray,Bo,3/4/1991,"), what=what)
    _, later = rows(batch)
    assert ["employee_number", "Row 2 gives this number to someone else."] in later.problems
    save(alice, later, accepted="1")
    assert rows(batch)[1].state == RowState.WRONG, "an order for Bo would have been Al's"
    save(alice, later, employee_number="78", worksite="Plant 4")
    assert rows(batch)[1].problems == []
    save(alice, later, employee_number="77")
    assert rows(batch)[1].problems, "also where one row alone is checked"


def test_someone_new_with_a_number_in_one_row_only_is_one_person(alice: Client, cast: Cast) -> None:
    lee, swapped = "77,Lee,Al,1/2/1990,", ",Al,Lee,1/2/1990,"
    batch = begin(cast, sheet(lee, ",Lee,Al,1/2/1990,", swapped, "78,Ray,Bo,1/2/1990,"))
    assert [[field for field, _ in row.problems] for row in rows(batch)] == [
        [], ["duplicate"], ["duplicate"], []
    ]  # fmt: skip
    save(alice, rows(batch)[1], accepted="1")
    alice.post(f"/many/{batch.pk}/submit/")
    work(batch)
    with scope.acting_as(scope.OPERATOR):
        assert Employee.objects.filter(name_key="al lee").count() == 1
    assert [row.state for row in rows(batch)].count(RowState.MADE) == 3


def test_rubbish_in_a_row_is_a_problem_at_the_row(alice: Client, cast: Cast) -> None:
    batch = begin(cast, sheet(f"{'9' * 300},Lee,Al,1/2/1990,", ",Ray,Bo,x,"))
    long, other = rows(batch)
    assert long.problems == [["employee_number", "At most 40 characters fit."]]
    typed = {"last_name": "R\0a\x1by", "date_of_birth": "3/4/1991", "answer": "\0"}
    assert save(alice, other, **typed).status_code == 302
    assert rows(batch)[1].fixes["last_name"] == "R a y"
    assert save(alice, other, employee_number="8" * 400).status_code == 302
    assert rows(batch)[1].state == RowState.WRONG
    endless = "9" * 5_000
    assert alice.get(f"/many/{batch.pk}/?row={endless}").status_code == 200
    assert alice.post(f"/many/{batch.pk}/doubts/", {"seen": endless}).status_code == 302


def test_who_has_such_an_authorization_already_is_doubtful(alice: Client, cast: Cast) -> None:
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        there = authorize(cast.order(), by=cast.alice.viewer)
    same = begin(cast, sheet("N-1,,,,"))
    assert there.number in rows(same)[0].problems[0][1]
    victors = begin(cast, sheet("N-1,,,,"), by=cast.victor)
    assert rows(victors)[0].problems == [], "what others authorized is not his to know"
    other = begin(cast, sheet("N-1,,,,"), services=[cast.audiogram])
    assert rows(other)[0].state == RowState.GOOD, "another service is no duplicate"


def test_all_doubts_are_accepted_at_once_and_nothing_worse(alice: Client, cast: Cast) -> None:
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        authorize(cast.order(), by=cast.alice.viewer)
    lees = [",Lee,Al,1/2/1990,Plant 4"] * 3
    batch = begin(cast, sheet("N-1,,,,", "N-1,,,2/30/1990,", *lees, ",Lee,,,Plant 4"))
    url = f"/many/{batch.pk}/"
    page = alice.get(url).content.decode()
    assert "3 may be duplicates" in page and "1 has an authorization" in page
    assert "2 name someone who is in an earlier row" in page
    alice.post(f"{url}doubts/", {"seen": "2"})
    assert [row.state for row in rows(batch)].count(RowState.GOOD) == 1, "there are more by now"
    (accept,) = re.findall(r"<button[^>]*doubts/[^>]*>", page)
    assert 'form="submit-batch"' in accept, "with the tick that is beside it"
    alice.post(f"{url}doubts/", {"seen": "3", "send_passes": "on"})
    good, wrong = RowState.GOOD, RowState.WRONG
    assert [row.state for row in rows(batch)] == [good, wrong, good, good, good, wrong]
    page = alice.get(url).content.decode()
    assert "doubtful" not in page
    assert re.search(r'name="send_passes"[^>]* checked', page), "what was ticked stays so"
    alice.post(f"{url}submit/")
    work(batch)
    alice.post(f"{url}doubts/", {"seen": "0"})
    assert count() == 5 and rows(batch)[1].state == RowState.LEFT_OUT


def test_a_worksite_is_known_by_name_and_a_wrong_one_is_said(cast: Cast) -> None:
    batch = begin(cast, sheet(",Lee,Al,1/2/90, plant  4", ",Lee,Bo,1/2/90,Yard"))
    good, wrong = rows(batch)
    assert good.state == RowState.GOOD
    assert wrong.problems == [["worksite", "You have no worksite called “Yard”."]]


def test_an_employee_elsewhere_than_one_may_see_is_not_shown(cast: Cast, victor: Client) -> None:

    with scope.acting_as(scope.OPERATOR):
        depot = Worksite.objects.create(employer=cast.northwind, name="Depot")
    viewer = replace(cast.victor.viewer, granted=Grants(worksites=frozenset({depot.pk})))
    limited = replace(cast.victor, viewer=viewer)
    elsewhere = [["worksite", "This person works at a worksite you may not use."]]
    guessed = "N-1,Smith,Ann,1/1/1999,"
    batch = begin(cast, sheet("N-1,,,,", guessed, ",Lee,Al,1/2/1990,Depot"), by=limited)
    hidden, named, fine = rows(batch)
    assert hidden.problems == elsewhere and fine.state == RowState.GOOD
    assert [one for one in named.problems if one[0] != "duplicate"] == elsewhere
    namesakes = begin(cast, sheet("X-1,Garcia,Maria,4/17/1988,"), by=limited)
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        (shown,) = shown_rows(namesakes, rows(namesakes), viewer)
    assert shown.row.problems[0][0] == "answer" and shown.candidates == []


def test_numbers_that_speak_of_someone_else_are_a_problem(cast: Cast) -> None:
    batch = begin(
        cast,
        sheet("N-1,Smith,Ann,4/17/1988,", "N-1,Garcia,Maria,4/18/1988,", "N-99,,,,", ",Lee,,,"),
    )
    said = [[field for field, _ in row.problems] for row in rows(batch)]
    assert said[0][0] == "employee_number" and said[1][0] == "date_of_birth"
    assert said[2] == ["employee_number"] and said[3] == ["first_name", "date_of_birth"]


def test_a_hire_date_is_held_to_what_the_employees_page_takes(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also on a leap day, of which there is none the year after."""
    monkeypatch.setattr(clock, "today", lambda: date(2028, 2, 29))
    head = "Employee number,Last name,First name,DOB,Worksite,Hire date"
    hired = ("04/16/1988", "02/28/2029", "03/02/2029", "02/28/29")
    lines = (f"N-{n},Lee,Al{n},4/17/1988,Plant 4,{day}" for n, day in enumerate(hired, start=50))
    batch = begin(cast, "\n".join([head, *lines]), what=What.ROSTER)
    seen = [[key for key, _ in row.problems] for row in rows(batch)]
    assert seen == [["hire_date"], [], ["hire_date"], []]
    known = begin(cast, f"Employee number,Hire date\nN-1,{hired[0]}", what=What.ROSTER)
    assert [key for key, _ in rows(known)[0].problems] == ["hire_date"]
