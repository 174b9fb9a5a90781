"""The pass: sent from the portal, opened on a phone, read in Spanish, taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, expect

from clearwork.authorizations.models import Authorization
from tests.cast import BORN, PASSWORD, Cast
from tests.database.stage import northwinds
from tests.journeys import mailbox
from tests.journeys.processes import Portal
from tests.journeys.steps import Visitor

pytestmark = pytest.mark.journey
_MARIA, _SAM = "maria@home.example", "sam@agency.example"


@dataclass(frozen=True)
class Scene:
    portal: Portal
    authorization: Authorization
    alice: Visitor
    phone: Visitor


@pytest.fixture
def scene(
    committed_cast: Cast, open_portal: Callable[..., Portal], request: pytest.FixtureRequest
) -> Iterator[Scene]:
    mailbox.empty()
    authorization = northwinds(committed_cast).authorization
    portal = open_portal("web", "worker")
    browser: Browser = request.getfixturevalue("browser")  # after the last use of the database
    address = f"http://localhost:{portal.ports.web}"
    alice = Visitor.with_browser(browser, address, 1280)
    phone = Visitor.with_browser(browser, address, 390)
    alice.sign_in(committed_cast.alice.user.email, PASSWORD)
    alice.page.goto(f"{address}/authorizations/{authorization.pk}/")
    yield Scene(portal, authorization, alice, phone)
    alice.context.close()
    phone.context.close()


def test_maria_opens_her_pass_on_the_phone_until_it_is_revoked(scene: Scene) -> None:
    alice, phone = scene.alice, scene.phone
    send_to_maria(alice)
    phone.page.goto(mailbox.link_to(_MARIA, "/pass/", scene.portal))
    opens_with_her_date_of_birth(phone)
    reads_it(phone, scene.authorization.number)
    alice.page.reload()
    expect(alice.page.get_by_text("Once, ")).to_be_visible()
    revoke(alice)
    phone.page.reload()
    expect(phone.page.get_by_role("heading", name="Este enlace no funciona")).to_be_visible()
    expect(phone.page.get_by_text(scene.authorization.number)).to_have_count(0)
    forget_refusals(phone)
    phone.look_around()


def test_sam_opens_it_with_a_code_sent_to_his_own_address(scene: Scene) -> None:
    alice, phone = scene.alice, scene.phone
    send_to_sam(alice)
    phone.page.goto(mailbox.link_to(_SAM, "/pass/", scene.portal))
    phone.look_around()
    phone.page.get_by_role("button", name="Send me a code").click()
    expect(phone.page.get_by_text("A code is on its way.")).to_be_visible()
    phone.look_around()
    code = mailbox.words_to(_SAM, r"(?<=is )\d{6}\b", scene.portal)
    phone.page.get_by_label("Six-digit code").fill(code)
    phone.page.get_by_role("button", name="Open", exact=True).click()
    expect(phone.page.get_by_text(scene.authorization.number, exact=True)).to_be_visible()
    expect(phone.page.get_by_text("DOT physical")).to_have_count(0)
    phone.look_around()


def send_to_maria(alice: Visitor) -> None:
    page = alice.page
    page.get_by_role("link", name="Send to the employee").click()
    expect(page.get_by_role("heading", name="Send the pass to Maria Garcia")).to_be_visible()
    alice.look_around()
    page.get_by_label("Email", exact=False).last.fill(_MARIA)
    page.get_by_role("button", name="Send the pass").click()
    expect(page.get_by_text("Sent, not opened")).to_be_visible()
    alice.look_around()


def send_to_sam(alice: Visitor) -> None:
    page = alice.page
    page.get_by_role("link", name="Send to someone else").click()
    alice.look_around()
    page.get_by_label("Full name").fill("Sam Agent")
    page.get_by_label("Business interest", exact=False).first.fill("Staffing agency")
    page.get_by_label("Email", exact=False).last.fill(_SAM)
    page.get_by_label("This person needs this authorization").check()
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_text("Sent, not opened")).to_be_visible()


def opens_with_her_date_of_birth(phone: Visitor) -> None:
    """The first time a day off, in Spanish from then on."""
    page = phone.page
    phone.look_around()
    enter(phone, "April", BORN.day + 1)
    expect(page.get_by_text("You can try 4 more times.")).to_be_visible()
    forget_refusals(phone)
    phone.look_around()
    enter(phone, "April", BORN.day)
    expect(page.get_by_role("heading", name="Your pass")).to_be_visible()


def enter(phone: Visitor, month: str, day: int) -> None:
    page = phone.page
    page.get_by_label("Month").select_option(month)
    page.get_by_label("Day").fill(str(day))
    page.get_by_label("Year").fill(str(BORN.year))
    page.get_by_role("button", name="Open the pass").click()


def reads_it(phone: Visitor, number: str) -> None:
    page = phone.page
    phone.look_around()
    page.get_by_role("link", name="Español").click()
    expect(page.get_by_role("heading", name="Su pase")).to_be_visible()
    expect(page.get_by_text(number, exact=True)).to_be_visible()
    expect(page.get_by_text("lunes a viernes")).to_be_visible()
    phone.look_around()
    phone.context.set_offline(True)  # it works on where there is no connection
    page.get_by_role("heading", name="Qué llevar").scroll_into_view_if_needed()
    expect(page.locator(".pass-qr svg")).to_be_visible()
    phone.context.set_offline(False)


def revoke(alice: Visitor) -> None:
    page = alice.page
    page.get_by_role("link", name="Revoke").click()
    expect(page.get_by_text("stops working at once")).to_be_visible()
    alice.look_around()
    page.get_by_role("button", name="Revoke the link").click()
    expect(page.locator("#passes").get_by_text("Revoked")).to_be_visible()
    alice.look_around()


def forget_refusals(phone: Visitor) -> None:
    """A wrong date and a dead link are refused on purpose: 422 and 410."""
    phone.complaints[:] = [c for c in phone.complaints if not refused(c)]


def refused(complaint: str) -> bool:
    return complaint.startswith(("422 ", "410 ")) or "status of 4" in complaint
