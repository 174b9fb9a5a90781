"""A report that is somebody else's: two presses, gone for the colleague, too; support decides."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, expect

from clearwork.accounts.models import Role, Staff, User
from clearwork.database import scope
from tests.cast import BORN, PASSWORD, Cast, Person, person
from tests.journeys.processes import Portal
from tests.journeys.steps import Visitor
from tests.results.reports import report

pytestmark = pytest.mark.journey
SAM = "sam@network.example"
TITLE = "Somebody else's audiogram"


def test_it_is_gone_for_everyone_and_comes_to_whom_it_belongs(
    committed_cast: Cast, open_portal: Callable[..., Portal], request: pytest.FixtureRequest
) -> None:
    cast = committed_cast
    dana = someone(cast)
    wrong = report(cast.maria, cast.dallas, title=TITLE, kind="audiogram")
    portal = open_portal("web")
    browser: Browser = request.getfixturevalue("browser")
    here = f"{portal.address}/results/{wrong.pk}/"
    colleague, alice, support, bob = (
        Visitor.with_browser(browser, portal.address, width) for width in (390, 1280, 1280, 1280)
    )
    colleague.sign_in(dana.user.email, PASSWORD)
    colleague.page.goto(here)
    expect(colleague.page.get_by_role("heading", name=TITLE, level=1)).to_be_visible()
    colleague.look_around()

    alice.sign_in(cast.alice.user.email, PASSWORD)
    press(alice, here)
    answer = colleague.page.reload()
    assert answer is not None and answer.status == 404

    decide(support)
    bob.sign_in(cast.bob.user.email, PASSWORD)
    bob.go_to("Results and Reports")
    bob.page.get_by_role("link", name=TITLE).click()
    expect(bob.page.get_by_role("img", name="Page 1 of 1").first).to_be_visible()
    for visitor in (alice, colleague, support, bob):
        visitor.context.close()


def someone(cast: Cast) -> Person:
    """A second Admin User at Northwind; and Sam of support."""
    with scope.acting_as(scope.OPERATOR):
        sam = User.objects.create_user(SAM, PASSWORD, name="Sam")
        User.objects.filter(pk=sam.pk).update(staff=Staff.SUPPORT, is_demo=True)
        return person(cast.northwind, "Dana", Role.ADMIN)


def press(alice: Visitor, here: str) -> None:
    alice.look_around()
    alice.page.goto(here)
    alice.page.get_by_role("link", name="Received in error").click()
    alice.look_around()
    alice.page.get_by_role("button", name="Remove it now").click()
    expect(alice.page.get_by_text("removed from your company's view")).to_be_visible()
    expect(alice.page.get_by_text(TITLE)).to_have_count(0)


def decide(support: Visitor) -> None:
    page = support.page
    support.page.goto(support.address)
    page.get_by_label("Email").fill(SAM)
    page.locator("#id_password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Privacy incidents").click()
    support.look_around()
    page.get_by_role("link", name="Received in error").click()
    for who in ("Alice Example", "Dana Example"):  # both have opened it
        expect(page.get_by_role("cell", name=who).first).to_be_visible()
    support.look_around()
    page.get_by_text("Release it to whom it belongs").click()
    whose = {"Account number": "200200", "first name": "Maria", "last name": "Garcia"}
    said = {"Date of birth": BORN.isoformat(), "Reason": "The center confirmed it."}
    for label, value in {**whose, **said}.items():
        page.get_by_label(label).fill(value)
    page.get_by_role("button", name="Decide").click()
    expect(page.get_by_text("Released to the right employer")).to_be_visible()
