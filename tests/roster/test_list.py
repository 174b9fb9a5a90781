"""The roster: found by name, number, birth and worksite; paged; of those one may see."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clearwork.database import scope
from clearwork.employers.models import Worksite
from clearwork.people.models import Employee
from clearwork.roster import queries
from clearwork.roster.queries import PAGE_SIZE, Criteria, Which
from tests.cast import BORN, Cast, Person
from tests.conftest import SignIn

LIST = reverse("roster:list")


def shown(client: Client, **query: Any) -> list[str]:
    """The names in the list, in its order."""
    answer = client.get(LIST, query)
    assert answer.status_code == 200
    return re.findall(r'cw-row-link"\s+href="[^"]+">([^<]+)<', answer.content.decode())


def test_the_active_people_are_listed_by_last_name(alice: Client, dora: Employee) -> None:
    assert shown(alice) == ["Maria Garcia", "Dora Núñez", "小明 王"]


@pytest.mark.parametrize("typed", ["dora", "nune", "NÚÑEZ, d", "N-77", " n-77 ", "Dora Nunez"])
def test_a_name_in_either_order_or_a_number_finds_them(
    typed: str, alice: Client, dora: Employee
) -> None:
    assert shown(alice, q=typed) == ["Dora Núñez"]


def test_a_number_is_found_whole(alice: Client, dora: Employee) -> None:
    assert shown(alice, q="N-7") == [] and shown(alice, q="ora") == []


def test_birth_and_worksite_narrow_the_list(alice: Client, dora: Employee, cast: Cast) -> None:
    assert shown(alice, date_of_birth=f"{BORN}") == ["Maria Garcia", "小明 王"]
    assert shown(alice, worksite=dora.worksite_id) == ["Dora Núñez"]
    assert shown(alice, worksite=cast.plant.pk, q="mar") == ["Maria Garcia"]


def test_a_filter_that_makes_no_sense_is_left_out(alice: Client, cast: Cast) -> None:
    everyone = shown(alice)
    for nonsense in (
        {"date_of_birth": "yesterday"},
        {"worksite": "x"},
        {"worksite": cast.yard.pk},
        {"which": "x"},
        {"after": "x"},
        {"after": cast.other_maria.pk},
    ):
        assert shown(alice, **nonsense) == everyone, nonsense
    assert shown(alice, q="\0") in ([], everyone)


def test_who_left_is_found_where_one_asks_for_them(alice: Client, dora: Employee) -> None:
    assert shown(alice, which="drivers") == ["Dora Núñez"]
    with scope.acting_as(scope.OPERATOR):
        Employee.objects.filter(pk=dora.pk).update(is_active=False)
    assert "Dora Núñez" not in shown(alice) + shown(alice, which="drivers")
    assert shown(alice, which="left") == ["Dora Núñez"]
    assert len(shown(alice, which="all")) == 3


def test_another_employers_people_are_not_there(cast: Cast, sign_in: SignIn) -> None:
    text = sign_in(cast.bob).get(LIST).content.decode()
    assert str(cast.other_maria.pk) in text and str(cast.maria.pk) not in text


def test_who_was_granted_one_worksite_sees_its_people_alone(
    dan: Person, dora: Employee, cast: Cast, sign_in: SignIn
) -> None:
    browser = sign_in(dan)
    assert shown(browser) == shown(browser, which="all") == ["Dora Núñez"]
    page = browser.get(LIST).content.decode()
    assert "Plant 4" not in page and "Depot" in page, "nor are other worksites named"
    assert shown(browser, worksite=cast.plant.pk) == ["Dora Núñez"], "no choice of theirs"
    assert shown(browser, q="maria") == []
    assert shown(browser, after=cast.maria.pk) == ["Dora Núñez"]


def test_an_empty_roster_says_what_to_do_next(cast: Cast, sign_in: SignIn) -> None:
    with scope.acting_as(scope.OPERATOR):
        Employee.objects.filter(employer=cast.southport).update(is_active=False)
    bob = sign_in(cast.bob)
    assert "No employees yet" in bob.get(LIST).content.decode()
    assert "Nobody matches" in bob.get(LIST, {"q": "xyz"}).content.decode()


def crowd(site: Worksite, count: int) -> None:
    with scope.acting_as(scope.OPERATOR):
        Employee.objects.bulk_create(
            Employee(
                employer_id=site.employer_id,
                worksite=site,
                first_name="Ana",
                last_name=f"Ruiz{index // 3:05}",  # three of each name: the id decides
                date_of_birth=date(1990, 1, 1),
                name_key=f"ana ruiz{index // 3:05}",
                name_key_reversed=f"ruiz{index // 3:05} ana",
            )
            for index in range(count)
        )


def test_paging_shows_everyone_once(cast: Cast) -> None:
    crowd(cast.plant, 3 * PAGE_SIZE)
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        everyone = queries.listed(cast.alice.viewer, Criteria())
        pages: list[list[Employee]] = []
        after = ""
        while not pages or after:
            page = queries.page(cast.alice.viewer, everyone, after)
            pages.append(page.rows)
            after = page.next
        count = everyone.count()
    rows = [row for page in pages for row in page]
    assert [len(page) for page in pages] == [PAGE_SIZE] * 3 + [2]
    assert len({row.pk for row in rows}) == len(rows) == count
    assert [r.name_key_reversed for r in rows] == sorted(r.name_key_reversed for r in rows)


def test_the_next_page_is_a_link_that_keeps_the_filters(cast: Cast, alice: Client) -> None:
    crowd(cast.plant, PAGE_SIZE + 1)
    text = alice.get(LIST, {"q": "ana"}).content.decode()
    assert "26" in text
    (address,) = re.findall(r'rel="next"\s+href="([^"]+)"', text)
    assert shown(alice, **dict(re.findall(r"(\w+)=([^&]+)", address.replace("&amp;", "&")))) == [
        "Ana Ruiz00008"
    ]


def test_many_are_counted_no_further_than_one_reads(
    cast: Cast, alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "COUNTED", 10)
    crowd(cast.plant, 12)
    assert "More than 10\n" in alice.get(LIST).content.decode()


def asked(client: Client) -> int:
    with CaptureQueriesContext(connection) as context:
        client.get(LIST)
    return len(context)


def test_the_list_asks_the_database_no_more_for_many_than_for_few(
    cast: Cast, alice: Client
) -> None:
    alice.get(LIST)
    few = asked(alice)
    crowd(cast.plant, 60)
    assert asked(alice) == few


def test_each_way_of_looking_uses_an_index(cast: Cast) -> None:
    """Under row-level security a condition that leaks would be asked of every row."""
    crowd(cast.plant, 3000)
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
        for criteria in (
            Criteria(typed="ana ruiz00500"),
            Criteria(typed="N-77"),
            Criteria(date_of_birth=date(1970, 1, 1)),
            Criteria(worksite=cast.plant.pk),
            *(Criteria(which=which) for which in Which),
        ):
            found = queries.listed(cast.alice.viewer, criteria)
            plan = found.order_by("name_key_reversed", "id")[:26].explain()
            reads = re.findall(r"(\w+ Scan)[^\n]* on (?:people_)?employee", plan)
            assert reads and {*reads} <= {"Index Scan", "Heap Scan"}, (criteria, plan)
