"""The list: filters in any combination, counts, one's own views, and what was looked at last."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from clearwork.authorizations import listing, saved_views
from clearwork.authorizations.actions import authorize
from clearwork.authorizations.listing import Criteria
from clearwork.authorizations.models import Authorization, SavedView
from clearwork.authorizations.rules import NUMBER_PREFIX, OPEN, Modality, State
from clearwork.database import scope
from clearwork.employers.models import Worksite
from clearwork.foundation import clock
from clearwork.foundation.ids import read_number
from tests.access.story import contact_id
from tests.cast import Cast, Person, employee
from tests.conftest import SignIn

VIEWS = saved_views.SavedViews("authorizations")
LIST = "/authorizations/"
QUERIES = 4


def made(cast: Cast, by: Person | None = None, **order: Any) -> Authorization:
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        return authorize(cast.order(**order), by=(by or cast.alice).viewer)


def set_to(authorization: Authorization, **facts: object) -> None:
    with scope.acting_as(scope.OPERATOR):
        Authorization.objects.filter(pk=authorization.pk).update(**facts)


def found(cast: Cast, by: Person | None = None, **criteria: Any) -> set[Authorization]:
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        return set(listing.found((by or cast.alice).viewer, Criteria(**criteria)))


def shown(client: Client, *numbers: Authorization, **query: str) -> set[Authorization]:
    text = client.get(LIST, query, follow=True).content.decode()
    return {each for each in numbers if each.number in text}


# Finding


@pytest.mark.parametrize("name", ["Samantha", "Isabella", "Catalina"])
def test_a_name_that_could_be_a_number_is_found_as_a_name(cast: Cast, name: str) -> None:
    assert read_number(NUMBER_PREFIX, name)
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        person = employee(cast.plant, name, "Osei")
    hers = made(cast, employee=person)
    made(cast)
    for typed in (name, hers.number.lower().replace("-", " ")):
        assert found(cast, text=typed) == {hers}


def test_an_order_without_a_center_is_listed_by_its_modality(cast: Cast, sign_in: SignIn) -> None:
    made(cast)
    without = made(cast)
    set_to(without, center=None, modality=Modality.TELEMED)
    text = sign_in(cast.alice).get(LIST, {"all": "1"}).content.decode()
    assert (
        without.number in text
        and text.count(f'<td data-label="Center">{Modality.TELEMED.label}</td>') == 1
    )


def test_each_filter_finds_its_own_and_they_combine(cast: Cast) -> None:
    with scope.acting_as(scope.OPERATOR):
        depot = Worksite.objects.create(employer=cast.northwind, name="Depot", state="AZ")
    usual = made(cast)
    other = made(
        cast,
        by=cast.victor,
        employee=cast.wei,
        worksite=depot,
        center=cast.mesa,
        services=[cast.audiogram, cast.dot_physical],
    )
    set_to(other, state=State.COMPLETED)
    each: list[dict[str, Any]] = [
        {"state": "completed"},
        {"employee": cast.wei.pk},
        {"worksite": depot.pk},
        {"center": cast.mesa.pk},
        {"service": cast.audiogram.pk},
        {"creator": cast.victor.user.pk},
        {"text": "王"},
    ]
    for one in each:
        assert found(cast, **one) == {other}, one
        for two in each:
            assert found(cast, **one, **{k: v for k, v in two.items() if k not in one}) == {other}
    assert found(cast, mine=True) == {usual}
    assert found(cast, mine=True, worksite=depot.pk) == set()
    assert found(cast, service=cast.dot_physical.pk) == {usual, other}


def test_days_are_the_networks_and_both_ends_count(cast: Cast) -> None:
    hers = made(cast)
    today, day = clock.today(), timedelta(days=1)
    assert found(cast, made_from=today, made_until=today) == {hers}
    assert found(cast, made_until=today - day) == set()
    assert found(cast, made_from=today + day) == set()


@pytest.mark.parametrize(
    ("group", "states"),
    [
        ("open", {State.SUBMITTED, State.DELIVERED, State.ACCEPTED, State.CHECKED_IN}),
        ("lapsed", {State.EXPIRED, State.NO_SHOW}),
        ("ending", {State.SUBMITTED, State.DELIVERED, State.ACCEPTED}),
    ],
)
def test_states_are_looked_for_together(cast: Cast, group: str, states: set[State]) -> None:
    of_each = {state: made(cast) for state in State}
    for state, each in of_each.items():
        set_to(each, state=state, expires=clock.today() + timedelta(days=2))
    assert found(cast, state=group) == {of_each[state] for state in states}


def test_a_view_only_user_sees_their_own_whatever_they_ask(cast: Cast, sign_in: SignIn) -> None:
    hers, his = made(cast), made(cast, by=cast.victor)
    victor = sign_in(cast.victor)
    for query in ({}, {"creator": str(cast.alice.user.pk)}, {"mine": ""}, {"q": "maria"}):
        assert shown(victor, hers, his, **query) == {his}
    assert found(cast, by=cast.victor, text=hers.number) == set()
    assert found(cast, by=cast.victor, creator=cast.alice.user.pk) == set()


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"made_from": "2026-02-31"}, "Enter a valid date"),
        ({"made_from": "0001-01-01"}, "Choose a date from 1990 on."),
        ({"made_from": "2026-05-02", "made_until": "2026-05-01"}, "before the first day"),
        ({"worksite": "junk"}, "Select a valid choice"),
    ],
)
def test_a_filter_that_makes_no_sense_says_so_and_is_left_out(
    alice: Client, cast: Cast, query: dict[str, str], says: str
) -> None:
    hers = made(cast)
    page = alice.get(LIST, query)
    assert page.status_code == 200
    assert says in page.content.decode() and hers.number in page.content.decode()


def test_nothing_at_all_and_nothing_that_fits_say_what_to_do(alice: Client, cast: Cast) -> None:
    assert "No authorizations yet" in alice.get(LIST).content.decode()
    made(cast)
    page = alice.get(LIST, {"q": "nobody"}).content.decode()
    assert "Nothing matches" in page and "?all=1" in page


# Counting


def test_the_counts_are_of_what_one_may_see(cast: Cast) -> None:
    for by in (cast.alice, cast.alice, cast.victor):
        made(cast, by=by)
    set_to(made(cast), state=State.COMPLETED)

    def counted(by: Person, *, mine: bool = False) -> tuple[str, str]:
        with scope.acting_as(scope.employer(cast.northwind.pk)):
            of = listing.counts(by.viewer, mine=mine)
        return str(of[State.SUBMITTED]), str(of[State.COMPLETED])

    assert counted(cast.alice) == ("3", "1")
    assert counted(cast.alice, mine=True) == ("2", "1")
    assert counted(cast.victor) == ("1", "0")


def test_the_counts_are_of_ones_own_employer_by_themselves(cast: Cast) -> None:
    """As the operator, and where Alice made one at another employer, too."""
    order = cast.order(employee=cast.other_maria, worksite=cast.yard)
    elsewhere = replace(cast.alice.viewer, employer_id=cast.southport.pk)
    made(cast)
    with scope.acting_as(scope.OPERATOR):
        authorize(order, by=elsewhere)
        for mine in (False, True):
            of = listing.counts(cast.alice.viewer, mine=mine)
            assert str(of[State.SUBMITTED]) == "1"


def test_counting_stops_where_it_no_longer_matters(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "OPEN_COUNTED_TO", 2)
    for _ in range(3):
        made(cast)
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        of = listing.counts(cast.alice.viewer, mine=False)
        assert str(of[State.SUBMITTED]) == "2+"
        assert str(listing.together(of, OPEN)) == "2+"


def test_a_page_takes_as_many_queries_however_long(
    cast: Cast, alice: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    made(cast)
    alice.get(LIST, {"all": "1"})  # which is remembered
    with django_assert_num_queries(QUERIES):
        alice.get(LIST, {"all": "1"})
    for _ in range(20):
        made(cast, employee=cast.wei)
    with django_assert_num_queries(QUERIES):
        alice.get(LIST, {"all": "1"})


# Remembering


def test_one_comes_back_to_what_one_looked_at(alice: Client, cast: Cast) -> None:
    alice.get(LIST, {"state": "open", "q": "gar", "after": "", "junk": "1"})
    back = alice.get(LIST)
    assert (back.status_code, back.headers["Location"]) == (302, f"{LIST}?q=gar&state=open")
    alice.get(LIST, {"all": "1"})
    assert alice.get(LIST).status_code == 200


def test_a_preview_leaves_what_one_looked_at_as_it_was(alice: Client, cast: Cast) -> None:
    alice.get(LIST, {"state": "open"})
    alice.post(f"/account/people/{contact_id(cast.victor)}/preview/")
    assert alice.get(LIST, {"state": "lapsed"}).status_code == 200
    alice.post("/account/people/preview/end/")
    assert alice.get(LIST).headers["Location"] == f"{LIST}?state=open"


@pytest.fixture
def save(alice: Client) -> Callable[..., str]:
    def post(name: str, query: str, **more: str) -> str:
        posted = {"name": name, "query": query, **more}
        return alice.post("/authorizations/views/", posted, follow=True).content.decode()

    return post


def test_filters_are_kept_by_a_name_and_the_default_begins(
    alice: Client, cast: Cast, save: Callable[..., str], sign_in: SignIn
) -> None:
    assert "Saved as “Late ones”" in save("  Late   ones ", "state=lapsed&junk=1&q=gar")
    assert "Late ones" in save("To do", "state=open&mine=on", is_default="on")
    with scope.acting_as(scope.OPERATOR):
        kept = dict(SavedView.objects.values_list("name", "query"))
    assert kept == {"Late ones": "q=gar&state=lapsed", "To do": "state=open&mine=on"}
    again = sign_in(cast.alice)
    assert again.get(LIST).headers["Location"] == f"{LIST}?state=open&mine=on"
    save("Late ones", "state=lapsed", is_default="on")  # takes its place, and the default's
    assert sign_in(cast.alice).get(LIST).headers["Location"] == f"{LIST}?state=lapsed"


@pytest.mark.parametrize("name", ["", "   ", "x" * 61])
def test_a_view_needs_a_name(cast: Cast, save: Callable[..., str], name: str) -> None:
    assert "Give the view a name" in save(name, "state=open")
    with scope.acting_as(scope.OPERATOR):
        assert not SavedView.objects.exists()


def test_there_are_only_so_many_views(cast: Cast, save: Callable[..., str]) -> None:
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        for number in range(saved_views.MOST):
            assert not VIEWS.save(f"{number}", "", is_default=False, by=cast.alice.viewer)
    assert "delete one first" in save("One more", "state=open")
    assert "Saved as" in save("7", "state=open")  # in place of one


def test_a_view_gets_another_name_or_is_deleted(alice: Client, cast: Cast) -> None:
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        for name in ("Open", "Lapsed"):
            VIEWS.save(
                name, f"state={name.lower()}", is_default=name == "Open", by=cast.alice.viewer
            )
        opened, lapsed = (VIEWS.of(cast.alice.viewer).get(name=name) for name in ("Open", "Lapsed"))

    def change(view: SavedView, **posted: str) -> str:
        return alice.post(f"{LIST}views/{view.pk}/", posted, follow=True).content.decode()

    assert "Another view is called “Lapsed”" in change(opened, name=" Lapsed ")
    assert "a name of 1 to 60" in change(opened, name="x" * 61)
    assert "Saved as “Too late”" in change(lapsed, name="Too  late", is_default="on")
    with scope.acting_as(scope.OPERATOR):
        views = SavedView.objects.order_by("name").values_list("name", "query", "is_default")
        assert list(views) == [
            ("Open", "state=open", False),
            ("Too late", "state=lapsed", True),
        ]
    page = alice.post(f"{LIST}views/{lapsed.pk}/delete/", follow=True).content.decode()
    assert "“Too late” is deleted" in page and "Saved views (1)" in page


def test_views_are_ones_own(alice: Client, cast: Cast, sign_in: SignIn) -> None:
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        VIEWS.save("Of Victor alone", "state=open", is_default=True, by=cast.victor.viewer)
        his = SavedView.objects.get()
    victor = sign_in(cast.victor)
    pages = [each.get(LIST, follow=True).content.decode() for each in (victor, alice)]
    assert ["Of Victor alone" in page for page in pages] == [True, False]
    address = f"/authorizations/views/{his.pk}/delete/"
    assert alice.post(address).status_code == 404
    assert victor.post(address).status_code == 302
    with scope.acting_as(scope.OPERATOR):
        assert not SavedView.objects.exists()


def test_views_are_of_one_employer_by_themselves(cast: Cast) -> None:
    """As the operator, and where Alice has another at another employer."""
    elsewhere = replace(cast.alice.viewer, employer_id=cast.southport.pk)
    with scope.acting_as(scope.OPERATOR):
        for by, name in ((cast.alice.viewer, "Here"), (elsewhere, "There")):
            VIEWS.save(name, "state=open", is_default=False, by=by)
        assert [view.name for view in VIEWS.listed(cast.alice.viewer)] == ["Here"]
        assert VIEWS.of(cast.alice.viewer).get().name == "Here"
