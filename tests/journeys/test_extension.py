"""An authorization ends unused, its creator is told, extends it, and everyone goes on with it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from clearwork.authorizations import ending
from clearwork.authorizations.actions import authorize
from clearwork.authorizations.models import Authorization
from clearwork.authorizations.rules import State, in_words
from clearwork.database import scope
from clearwork.foundation import clock
from clearwork.passes import actions as passes
from clearwork.passes.actions import Addressee
from clearwork.passes.rules import Channel
from tests.cast import BORN, PASSWORD, Cast
from tests.journeys import mailbox
from tests.journeys.processes import Portal, wait_for
from tests.journeys.steps import Visitor

pytestmark = pytest.mark.journey
_MARIA = "maria@home.example"
_UNTIL = clock.today() + timedelta(days=45)


@pytest.mark.parametrize("width", [1280, 390])
def test_an_expired_one_is_extended_the_center_is_told_and_the_pass_still_works(
    committed_cast: Cast,
    open_portal: Callable[..., Portal],
    request: pytest.FixtureRequest,
    width: int,
) -> None:
    mailbox.empty()
    portal = open_portal("web", "worker", "clinic", pace=100)  # the clinic takes its time
    made = ordered_with_a_pass(committed_cast)
    wait_for(lambda: state_of(made) == State.DELIVERED, 30, portal.said)
    its_last_day_passes(made)
    browser: Browser = request.getfixturevalue("browser")  # after the last use of the database
    # The links in mails lead to localhost, and a session belongs to one name.
    address = f"http://localhost:{portal.ports.web}"
    alice = Visitor.with_browser(browser, address, width)
    alice.sign_in(committed_cast.alice.user.email, PASSWORD)
    alice.page.goto(mailbox.link_to(committed_cast.alice.user.email, "/authorizations/", portal))
    extends_it(alice)
    wait_for(lambda: clinic_was_told(portal) == ["XO"], 30, portal.said)
    finds_it_again(alice, made.number)
    phone = Visitor.with_browser(browser, address, 390)
    opens_her_pass(phone, portal, made.number)
    alice.context.close()
    phone.context.close()


def ordered_with_a_pass(cast: Cast) -> Authorization:
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        made = authorize(cast.order(), by=cast.alice.viewer)
        to = Addressee(Channel.EMAIL, _MARIA)
        passes.send(by=cast.alice.viewer, authorization=made, to=to)
    return made


def state_of(made: Authorization) -> str:
    with scope.acting_as(scope.OPERATOR):
        return Authorization.objects.get(pk=made.pk).state


def its_last_day_passes(made: Authorization) -> None:
    with scope.acting_as(scope.OPERATOR):
        Authorization.objects.update(expires=clock.today() - timedelta(days=2))
    assert ending.end_overdue() == 1
    assert state_of(made) == State.EXPIRED


def extends_it(alice: Visitor) -> None:
    page = alice.page
    headline = page.locator("#live .cw-headline")
    expect(headline).to_have_text("Expired")
    alice.look_around()
    page.get_by_role("link", name="Extend").click()
    expect(page.get_by_role("heading", name="Extend this authorization")).to_be_visible()
    alice.look_around()
    page.get_by_label("Valid until").fill(f"{_UNTIL}")
    page.get_by_role("button", name="Extend authorization").click()
    expect(page.get_by_text(f"is valid until {in_words(_UNTIL)}.")).to_be_visible()
    expect(headline).to_have_text("Delivered")
    expect(page.locator(".cw-timeline-label").last).to_have_text("Extended")
    alice.look_around()


def clinic_was_told(portal: Portal) -> list[str]:
    records = sqlite3.connect(portal.clinic_records)
    try:
        return [control for (control,) in records.execute("SELECT control FROM changes")]
    finally:
        records.close()


def finds_it_again(alice: Visitor, number: str) -> None:
    """By its status, which the list still knows after a look at something else."""
    alice.go_to("Authorizations")
    page = alice.page
    page.get_by_role("navigation", name="Status").get_by_role("link", name="Delivered").click()
    row = page.get_by_role("link", name=number)
    expect(row).to_be_visible()
    alice.look_around()
    row.click()
    alice.go_to("Authorizations")
    assert page.url.endswith("?state=delivered")
    expect(row).to_be_visible()


def opens_her_pass(phone: Visitor, portal: Portal, number: str) -> None:
    page = phone.page
    page.goto(mailbox.link_to(_MARIA, "/pass/", portal))
    page.get_by_label("Month").select_option("April")
    page.get_by_label("Day").fill(str(BORN.day))
    page.get_by_label("Year").fill(str(BORN.year))
    page.get_by_role("button", name="Open the pass").click()
    expect(page.get_by_role("heading", name="Your pass")).to_be_visible()
    expect(page.get_by_text(number, exact=True)).to_be_visible()
    expect(page.get_by_text(in_words(_UNTIL)).first).to_be_visible()
