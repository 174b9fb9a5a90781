"""From "Request portal access" to the first page: asked, approved, invited, with a passkey."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect

from clearwork.accounts.models import Staff, User
from clearwork.database import scope
from tests.cast import PASSWORD, Cast
from tests.journeys import mailbox
from tests.journeys.processes import Portal
from tests.journeys.steps import Visitor

pytestmark = pytest.mark.journey
NORA = "nora@northwind.example"
HER_PASSWORD = "seven quiet rivers run north"
type SitDown = Callable[[], Visitor]
_AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def support(committed_cast: Cast) -> str:
    """The address one of the customer support line signs in with."""
    with scope.acting_as(scope.OPERATOR):
        user = User.objects.create_user("sam@network.example", PASSWORD, name="Sam Support")
        User.objects.filter(pk=user.pk).update(staff=Staff.SUPPORT, is_demo=True)
    return user.email


@pytest.fixture
def portal(support: str, open_portal: Callable[..., Portal]) -> Portal:
    return open_portal("web", "worker")


@pytest.fixture(params=[1280, 390])
def sit_down(portal: Portal, browser: Browser, request: pytest.FixtureRequest) -> Iterator[SitDown]:
    """`sit_down()` is someone at a fresh browser. Passkeys want a name, not a number."""
    visitors: list[Visitor] = []

    def go() -> Visitor:
        address = f"http://localhost:{portal.ports.web}"
        visitors.append(Visitor.with_browser(browser, address, request.param))
        return visitors[-1]

    yield go
    for visitor in visitors:
        visitor.context.close()


def test_a_newcomer_asks_is_approved_and_signs_in_with_a_passkey(
    portal: Portal, support: str, sit_down: SitDown
) -> None:
    nora = sit_down()
    ask(nora)
    approve(sit_down(), support)
    link = mailbox.link_to(NORA, "/access/invitation/", portal)
    add_authenticator(nora)
    nora.page.goto(link)
    nora.look_around()
    nora.page.get_by_label("Password").fill(HER_PASSWORD)
    nora.page.get_by_role("button", name="Set password and sign in").click()
    add_passkey(nora)
    expect(nora.page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    nora.look_around()
    nora.page.get_by_role("link", name="I have saved them").click()
    nora.page.wait_for_url(f"{nora.address}/")
    expect(nora.page.get_by_role("navigation", name="Main")).to_be_visible()
    nora.sign_out()
    nora.page.get_by_role("button", name="Sign in with a passkey").click()
    nora.page.wait_for_url(f"{nora.address}/")
    someone = sit_down()
    someone.page.goto(link)
    expect(someone.page.get_by_role("heading", name="no longer works")).to_be_visible()


def ask(nora: Visitor) -> None:
    nora.page.goto(nora.address)
    nora.page.get_by_role("link", name="Request portal access").click()
    for label, words in (
        ("Account number", "200100"),
        ("Company", "Northwind Freight"),
        ("First name", "Nora"),
        ("Last name", "Newcomer"),
        ("Work email", NORA),
        ("Phone", "214-555-0123"),
        ("What do you need to see?", "DOT cards"),
    ):
        nora.page.get_by_label(label).fill(words)
    nora.page.get_by_label("View Only User").check()
    nora.look_around()
    nora.page.get_by_role("button", name="Send request").click()
    expect(nora.page.get_by_role("heading", name="We received your request")).to_be_visible()
    nora.look_around()


def approve(sam: Visitor, address: str) -> None:
    sam.page.goto(sam.address)
    sam.page.get_by_label("Email").fill(address)
    sam.page.keyboard.press("Tab")
    sam.page.keyboard.type(PASSWORD)
    sam.page.keyboard.press("Enter")
    expect(sam.page.get_by_role("heading", name="Access requests")).to_be_visible()
    sam.look_around()
    sam.page.get_by_role("link", name="Nora Newcomer").click()
    expect(sam.page.get_by_role("heading", name="What we know")).to_be_visible()
    sam.look_around()
    sam.page.get_by_role("button", name="Approve and invite").click()
    expect(sam.page.get_by_text(f"An invitation is on its way to {NORA}.")).to_be_visible()
    sam.look_around()


def add_authenticator(nora: Visitor) -> None:
    """A device that makes passkeys, as Chromium's own developer tools give one."""
    session = nora.context.new_cdp_session(nora.page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": _AUTHENTICATOR})


def add_passkey(nora: Visitor) -> None:
    expect(nora.page.get_by_role("heading", name="One more step")).to_be_visible()
    nora.look_around()
    nora.page.get_by_role("link", name="Add a passkey").click()
    nora.look_around()
    nora.page.get_by_role("button", name="Create the passkey").click()


@pytest.fixture(autouse=True)
def _an_empty_mailbox() -> None:
    mailbox.empty()
