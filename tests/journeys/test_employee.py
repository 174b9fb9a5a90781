"""From a new name on the roster to the results on that person's page, in a browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.cast import Cast
from tests.conftest import SignIn
from tests.journeys.processes import Portal
from tests.journeys.steps import Visitor, choose_center, choose_service

pytestmark = pytest.mark.journey
PHONE = 390
_LOOP = 40_000  # milliseconds until the clinic has sent what it found
NUMBER = re.compile(r"CW-[0-9A-Z]{4}-[0-9A-Z]{4}")


@pytest.fixture
def portal(open_portal: Callable[..., Portal]) -> Portal:
    return open_portal("web", "worker", "listener", "clinic", pace=0.5)


@pytest.fixture
def session(committed_cast: Cast, portal: Portal) -> str:
    """Alice is signed in already: tests of signing in are elsewhere."""
    return SignIn()(committed_cast.alice).cookies["sessionid"].value


@pytest.fixture
def alice(portal: Portal, session: str, browser: Browser) -> Iterator[Visitor]:
    visitor = Visitor.with_browser(browser, portal.address, PHONE)
    cookie = {"name": "sessionid", "value": session, "url": portal.address}
    visitor.context.add_cookies([cookie])  # type: ignore[list-item]
    visitor.page.goto(portal.address)
    yield visitor
    visitor.context.close()


def test_a_new_driver_is_added_authorized_and_followed_from_their_page(alice: Visitor) -> None:
    page = alice.page
    alice.go_to("Employees")
    alice.look_around()
    page.get_by_role("link", name="New employee").click()
    _fill_in(page, "Dora", "Núñez")
    alice.look_around()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Dora Núñez", level=1)).to_be_visible()
    alice.look_around()
    number = _authorize(page)
    expect(page.get_by_text("Completed").first).to_be_visible(timeout=_LOOP)
    _open_dora(alice)
    told = page.locator(".cw-timeline-label").all_inner_texts()
    assert any(label.endswith("received") for label in told), told
    assert f"Authorization {number}: submitted" in told
    assert told[-1] == "Added to the employee list"
    alice.look_around()
    page.get_by_role("link", name="Results and reports", exact=True).click()
    expect(page.locator(".cw-timeline-label").first).to_contain_text("received")
    expect(page.get_by_text(number)).to_have_count(0)
    alice.look_around()


def test_whoever_adds_a_person_twice_is_asked_first(alice: Visitor) -> None:
    page = alice.page
    page.goto(f"{alice.address}/employees/new/")
    _fill_in(page, "garcia", "MARIA", born="1988-04-17")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Is it this person?")).to_be_visible()
    alice.complaints.clear()  # the browser notes a 422
    alice.look_around()
    page.get_by_role("link", name="Maria Garcia").click()
    expect(page.get_by_role("heading", name="Maria Garcia", level=1)).to_be_visible()
    page.get_by_role("link", name="Left the company").click()
    alice.look_around()
    page.get_by_role("button", name="They left").click()
    expect(page.get_by_text("Maria Garcia left the company.")).to_be_visible()
    alice.look_around()
    page.get_by_role("button", name="They are back").click()
    expect(page.get_by_text("back on your employee list")).to_be_visible()


def _fill_in(page: Page, first: str, last: str, born: str = "1990-01-02") -> None:
    page.get_by_label("First name").fill(first)
    page.get_by_label("Last name").fill(last)
    page.get_by_label("Date of birth").fill(born)
    page.get_by_label("Worksite").select_option(label="Plant 4")
    page.get_by_label("Job title").fill("Driver")
    page.get_by_label("DOT driver").check()


def _authorize(page: Page) -> str:
    """From her page: she is chosen already. The authorization's number."""
    page.get_by_role("link", name="Authorize care").click()
    expect(page.get_by_role("radio", name="Dora Núñez")).to_be_checked()
    choose_service(page, "Physicals", "DOT physical")
    choose_center(page, "Dallas Medical Center")
    page.get_by_role("button", name="Submit authorization").click()
    page.wait_for_url(re.compile(r"/authorizations/[0-9a-f-]{36}/$"))
    found = NUMBER.search(page.get_by_role("heading", level=1).inner_text())
    assert found
    return found[0]


def _open_dora(alice: Visitor) -> None:
    alice.go_to("Employees")
    alice.page.get_by_label("Name or employee number").fill("nunez d")
    alice.page.keyboard.press("Enter")
    alice.page.get_by_role("link", name="Dora Núñez").click()
    expect(alice.page.get_by_role("heading", name="Dora Núñez", level=1)).to_be_visible()
