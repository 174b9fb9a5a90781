"""An Admin User finds out who receives which report, and changes it, in a browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect

from clearwork.database import scope
from clearwork.employers.models import Contact, Worksite
from tests.cast import Cast
from tests.conftest import SignIn
from tests.journeys.processes import Portal
from tests.journeys.steps import Visitor

pytestmark = pytest.mark.journey
DESK, PHONE = 1280, 390

type Sit = Callable[[int], Visitor]


@pytest.fixture
def portal(committed_cast: Cast, open_portal: Callable[..., Portal]) -> Portal:
    """Northwind has 60 contacts at 40 worksites."""
    with scope.acting_as(scope.OPERATOR):
        northwind = committed_cast.northwind
        Worksite.objects.bulk_create(
            Worksite(employer=northwind, name=f"Plant {number}") for number in range(5, 44)
        )
        Contact.objects.bulk_create(
            Contact(employer=northwind, first_name=f"Carla-{number}", last_name="Diaz")
            for number in range(58)
        )
    return open_portal("web")


@pytest.fixture
def session(committed_cast: Cast, portal: Portal) -> str:
    """Alice is signed in already: tests of signing in are elsewhere."""
    return SignIn()(committed_cast.alice).cookies["sessionid"].value


@pytest.fixture
def alice_at(portal: Portal, session: str, browser: Browser) -> Iterator[Sit]:
    visitors: list[Visitor] = []

    def go(width: int) -> Visitor:
        visitor = Visitor.with_browser(browser, portal.address, width)
        visitors.append(visitor)
        cookie = {"name": "sessionid", "value": session, "url": portal.address}
        visitor.context.add_cookies([cookie])  # type: ignore[list-item]
        visitor.page.goto(f"{portal.address}/account/reports/?kind=non_injury")
        return visitor

    yield go
    for visitor in visitors:
        visitor.context.close()


def test_at_a_desk_several_are_chosen_in_the_matrix_previewed_and_saved(alice_at: Sit) -> None:
    alice = alice_at(DESK)
    page = alice.page
    alice.look_around()
    for name in ("Carla-3 Diaz", "Carla-7 Diaz"):
        page.get_by_label(f"Select {name}").check()
    expect(page.locator("[data-selected-count]")).to_have_text("2")
    page.get_by_role("button", name="Change what they receive").click()
    alice.look_around()
    page.get_by_label("Audiogram").check()
    places = page.locator("[data-choices]", has=page.get_by_role("heading", name="Places"))
    places.get_by_label("Find").fill("plant 1")
    places.get_by_role("button", name="All").click()
    expect(places.get_by_text("10 of 40 chosen")).to_be_visible()
    page.get_by_role("button", name="Show what will change").click()
    expect(page.get_by_text("This adds 20 and removes 0, for 2 contacts.")).to_be_visible()
    alice.look_around()
    page.get_by_role("button", name="Save these changes").click()
    expect(page.get_by_text("Saved: 20 added, 0 removed.")).to_be_visible()
    page.goto(f"{page.url.split('?')[0]}?type=audiogram")
    expect(page.get_by_role("link", name="Carla-3 Diaz, Audiogram: 10 of 40 sites")).to_be_visible()
    assert alice.complaints == []


def test_names_and_types_stay_in_sight_while_the_matrix_scrolls_in_its_box(alice_at: Sit) -> None:
    alice = alice_at(DESK)
    alice.page.goto(f"{alice.address}/account/reports/?kind=all")
    box = alice.page.locator(".cw-matrix-box")
    frame = box.bounding_box()
    box.evaluate("box => box.scrollTo(900, 700)")
    corner = alice.page.locator(".cw-matrix thead th").first.bounding_box()
    name = alice.page.locator(".cw-matrix tbody tr:nth-child(30) th").bounding_box()
    assert frame and corner and name
    assert abs(corner["x"] - frame["x"]) <= 2
    assert abs(corner["y"] - frame["y"]) <= 2
    assert abs(name["x"] - frame["x"]) <= 2


def test_on_a_phone_one_goes_by_contact(alice_at: Sit) -> None:
    alice = alice_at(PHONE)
    page = alice.page
    alice.look_around()
    expect(page.locator(".cw-matrix")).to_be_hidden()
    page.get_by_role("link", name=re.compile("^Carla-12 Diaz")).click()
    alice.look_around()
    page.get_by_role("link", name="Not received : Audiogram").click()
    alice.look_around()
    page.get_by_role("button", name="All").click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Carla-12 Diaz: Audiogram is saved.")).to_be_visible()
    expect(page.get_by_role("link", name="All sites : Audiogram")).to_be_visible()
    page.goto(f"{alice.address}/account/reports/who/")
    page.get_by_role("combobox", name="Report type").select_option("audiogram")
    page.get_by_role("combobox", name="Worksite").select_option(label="Plant 4")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("1 contact receives Audiogram of Plant 4")).to_be_visible()
    alice.look_around()
    assert alice.complaints == []


@pytest.mark.parametrize("width", [DESK, PHONE])
def test_every_page_of_account_information_can_be_used_by_everyone(
    width: int, alice_at: Sit
) -> None:
    alice = alice_at(width)
    pages = ("", "company/", "worksites/", "worksites/new/", "reports/change/", "releases/")
    for page in (*pages, "notifications/"):
        alice.page.goto(f"{alice.address}/account/{page}")
        alice.look_around()
    alice.page.goto(f"{alice.address}/account/reports/?type=mer_long_form&q=alice")
    alice.page.get_by_role("link", name=re.compile("Alice Example")).last.click()
    alice.look_around()
