"""The whole loop, as a person lives it in a browser: authorize, follow, read, keep.

Web, worker, listener, clinic, PostgreSQL and Chromium are all real; nothing is
reloaded by hand while the order makes its way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.cast import PASSWORD, Cast
from tests.journeys.processes import Portal
from tests.journeys.steps import Visitor, choose_center, choose_service, text_of

pytestmark = pytest.mark.journey
ALL = ("web", "worker", "listener", "clinic")
NUMBER = re.compile(r"CW-[0-9A-Z]{4}-[0-9A-Z]{4}")
LIFE = ["Submitted", "Delivered", "Accepted", "Checked in", "Completed"]
_LOOP = 40_000  # milliseconds from Submit to the results; the clinic takes 6 s of it
DESK, PHONE = 1280, 390

type Sit = Callable[[int], Visitor]


@pytest.fixture
def portal(open_portal: Callable[..., Portal]) -> Portal:
    return open_portal(*ALL, pace=0.7)


@pytest.fixture
def alice_at(committed_cast: Cast, portal: Portal, browser: Browser) -> Iterator[Sit]:
    """`alice_at(width)`: Alice, signed in at a window of that width."""
    visitors: list[Visitor] = []

    def go(width: int) -> Visitor:
        visitor = Visitor.with_browser(browser, portal.address, width)
        visitors.append(visitor)
        visitor.sign_in(committed_cast.alice.user.email, PASSWORD)
        return visitor

    yield go
    for visitor in visitors:
        visitor.context.close()


@pytest.mark.parametrize("width", [DESK, PHONE])
def test_a_dot_physical_from_authorization_to_the_card_in_hand(
    alice_at: Sit, width: int, tmp_path: Path
) -> None:
    alice = alice_at(width)
    alice.look_around()
    alice.open_form()
    alice.look_around()
    _choose_maria(alice.page)
    choose_service(alice.page, "Physicals", "DOT physical")
    choose_center(alice.page, "Dallas Medical Center")
    number = _submit_impatiently(alice.page)
    _watch_it_happen(alice, "MEC DOT card")
    _read_and_keep(alice, "MEC DOT card", "Maria Garcia", tmp_path)
    _find(alice, "Gar", "MEC DOT card")
    _keep_the_order(alice, number, "Maria Garcia", tmp_path)
    alice.sign_out()
    assert alice.complaints == []


def test_an_injured_newcomer_with_a_chinese_name_on_a_phone(alice_at: Sit, tmp_path: Path) -> None:
    alice = alice_at(PHONE)
    alice.open_form()
    _add_newcomer(alice.page)
    _describe_injury(alice.page)
    alice.look_around()
    choose_center(alice.page, "Mesa Medical Center")
    number = _submit_impatiently(alice.page)
    _watch_it_happen(alice, "Injury activity status report")
    _read_and_keep(alice, "Injury activity status report", "娜", tmp_path)
    _find(alice, "李", "Injury activity status report")
    _keep_the_order(alice, number, "李", tmp_path)
    alice.sign_out()
    assert alice.complaints == []


def _choose_maria(page: Page) -> None:
    page.get_by_label("Search by name").press_sequentially("garc")
    choice = page.get_by_role("radio", name="Maria Garcia")
    expect(choice).to_have_count(1)  # the other Maria works for another employer
    choice.check()


def _add_newcomer(page: Page) -> None:
    page.get_by_label("A new employee").check()
    page.get_by_label("First name").fill("娜")
    page.get_by_label("Last name").fill("李")
    page.get_by_label("Date of birth").fill("1991-02-03")
    page.get_by_label("Employee number").fill("N-88")


def _describe_injury(page: Page) -> None:
    page.get_by_label("A work injury").check()
    page.get_by_label("What is hurt?").fill("Left hand")
    page.get_by_label("What happened?").fill("Cut by a tile's edge.")
    page.get_by_label("Injury care, first visit").check()


def _submit_impatiently(page: Page) -> str:
    """Press Submit twice. The number of the one authorization that this makes."""
    page.get_by_role("button", name="Submit authorization").dblclick()
    page.wait_for_url(re.compile(r"/authorizations/[0-9a-f-]{36}/$"))
    found = NUMBER.search(page.get_by_role("heading", level=1).inner_text())
    assert found
    return found[0]


def _watch_it_happen(alice: Visitor, report: str) -> None:
    page = alice.page
    page.evaluate("window.sameDocument = true")
    headline = page.locator("#live .cw-headline")
    assert headline.inner_text().strip() != "Completed"
    alice.look_around()
    expect(headline).to_have_text("Completed", timeout=_LOOP)
    expect(page.get_by_role("link", name=report)).to_be_visible(timeout=_LOOP)
    assert _lived(page) == LIFE
    assert page.evaluate("window.sameDocument"), "the page was loaded again"
    alice.look_around()


def _lived(page: Page) -> list[str]:
    """The timeline's words, oldest first."""
    words = [word.strip() for word in page.locator(".cw-timeline-label").all_inner_texts()]
    return words if words[0] == LIFE[0] else words[::-1]


def _read_and_keep(alice: Visitor, report: str, name: str, folder: Path) -> None:
    page = alice.page
    page.get_by_role("link", name=report).click()
    expect(page.get_by_role("heading", name=report)).to_be_visible()
    first = page.get_by_role("img", name=re.compile("^Page 1 of"))
    first.scroll_into_view_if_needed()
    page.wait_for_function("image => image.naturalWidth > 0", arg=first.element_handle())
    alice.look_around()
    file_name, pdf = alice.download(page.get_by_role("link", name="Download PDF"), folder)
    assert file_name.endswith(".pdf")
    assert name in text_of(pdf)


def _find(alice: Visitor, start_of_name: str, report: str) -> None:
    alice.go_to("Results")
    page = alice.page
    page.get_by_label("Employee name").fill(start_of_name)
    page.keyboard.press("Enter")
    row = page.get_by_role("row").filter(has_text=report)
    expect(row).to_have_count(1)
    alice.look_around()
    row.get_by_role("link", name=report).click()
    expect(page.get_by_role("heading", name=report)).to_be_visible()


def _keep_the_order(alice: Visitor, number: str, name: str, folder: Path) -> None:
    alice.go_to("Authorizations")
    page = alice.page
    listed = page.get_by_role("link", name=NUMBER)
    expect(listed).to_have_count(1)  # however often Submit was pressed
    alice.look_around()
    listed.click()
    file_name, pdf = alice.download(page.get_by_role("link", name="Authorization as PDF"), folder)
    assert file_name == f"{number}.pdf"
    assert number in text_of(pdf)
    assert name in text_of(pdf)
