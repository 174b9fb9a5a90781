"""From an injury to the supervisor who plans the work: on a phone, all of it real."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import transaction
from playwright.sync_api import Browser, Page, expect

from clearwork.authorizations.actions import authorize
from clearwork.database import scope
from clearwork.demo.clinic.examination import complete
from tests.cast import PASSWORD, Cast
from tests.journeys import mailbox
from tests.journeys.processes import Portal, wait_for
from tests.journeys.steps import Visitor

pytestmark = pytest.mark.journey
PHONE = 390
OTTO = "otto@northwind.example"


@pytest.fixture
def restrictions(committed_cast: Cast) -> list[str]:
    """Maria is hurt and sent to Dallas; what the clinic there is going to say of her work."""
    for _ in range(50):
        with scope.acting_as(scope.employer(committed_cast.northwind.pk)):
            order = committed_cast.injury_order()
            number = authorize(order, by=committed_cast.alice.viewer).number
            found = complete("injury_activity_status", {"number": number})
            if found["work_status"] == "Restricted duty":
                break
            transaction.set_rollback(True)
    return [row.replace("\t", ": ") for row in found["restrictions"].split("\n")]


@pytest.fixture
def portal(restrictions: list[str], open_portal: Callable[..., Portal]) -> Portal:
    mailbox.empty()
    return open_portal("web", "worker", "listener", "clinic", pace=0.3)


def test_a_restriction_reaches_the_supervisor_and_no_reason_does(
    portal: Portal, restrictions: list[str], committed_cast: Cast, browser: Browser
) -> None:
    alice = Visitor.with_browser(browser, portal.address, PHONE)
    alice.sign_in(committed_cast.alice.user.email, PASSWORD)
    _find_on_the_board(alice, portal, restrictions)
    alice.page.get_by_role("link", name="Card of Maria Garcia").click()
    expect(alice.page.get_by_role("heading", name="Maria Garcia")).to_be_visible()
    _says(alice.page, restrictions)
    alice.look_around()
    _send_to_otto(alice)
    otto = Visitor.with_browser(browser, portal.address, PHONE)
    _open_with_a_code(otto, portal)
    _says(otto.page, restrictions)
    otto.look_around()
    alice.page.reload()
    expect(alice.page.get_by_text("1 time, last")).to_be_visible()
    alice.page.get_by_role("button", name="Revoke").click()
    expect(alice.page.get_by_text("works no more")).to_be_visible()
    assert alice.complaints == otto.complaints == []
    otto.page.reload()
    expect(otto.page.get_by_text("This link does not work")).to_be_visible()
    for visitor in (alice, otto):
        visitor.context.close()


def _find_on_the_board(alice: Visitor, portal: Portal, restrictions: list[str]) -> None:
    alice.page.get_by_role("link", name="Visits").click()
    expect(alice.page.get_by_role("heading", name="Work status", exact=True)).to_be_visible()
    alice.look_around()

    def arrived() -> bool:
        alice.page.reload()
        return alice.page.get_by_text(restrictions[0]).count() > 0

    wait_for(arrived, 60, portal.said)
    alice.look_around()


def _send_to_otto(alice: Visitor) -> None:
    alice.page.get_by_role("link", name="Send to a supervisor").click()
    alice.page.get_by_label("Supervisor's full name").fill("Otto Boss")
    alice.page.get_by_label("Work email").fill(OTTO)
    alice.page.get_by_label("They plan this person's work").check()
    alice.look_around()
    alice.page.get_by_role("button", name="Send the link").click()
    expect(alice.page.get_by_text(f"on its way to {OTTO}")).to_be_visible()
    alice.look_around()


def _open_with_a_code(otto: Visitor, portal: Portal) -> None:
    otto.page.goto(mailbox.link_to(OTTO, "/visits/shared/", portal))
    expect(otto.page.get_by_text("Maria")).to_have_count(0)
    otto.look_around()
    otto.page.get_by_role("button", name="Send me a code").click()
    code = mailbox.words_to(OTTO, r"Northwind Freight: \d{6}", portal)[-6:]
    otto.page.get_by_label("Six-digit code").fill(code)
    otto.page.get_by_role("button", name="Open").click()
    expect(otto.page.get_by_role("heading", name="Maria Garcia")).to_be_visible()


def _says(page: Page, restrictions: list[str]) -> None:
    for restriction in restrictions:
        expect(page.get_by_text(restriction)).to_be_visible()
    for reason in ("Left hand", "tile edge", "njury"):
        expect(page.locator("main").get_by_text(reason)).to_have_count(0)
