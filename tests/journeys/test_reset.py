"""A forgotten password: the link comes by mail, works once, and only the new one signs in."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.cast import PASSWORD, Cast
from tests.journeys import mailbox
from tests.journeys.processes import Portal
from tests.journeys.steps import Visitor

pytestmark = pytest.mark.journey
_NEW_PASSWORD = "eleven slow trains at dawn"


@pytest.fixture
def portal(committed_cast: Cast, open_portal: Callable[..., Portal]) -> Portal:
    mailbox.empty()
    return open_portal("web", "worker")


@pytest.fixture(params=[1280, 390])
def alice(portal: Portal, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Visitor]:
    address = f"http://localhost:{portal.ports.web}"
    visitor = Visitor.with_browser(browser, address, request.param)
    yield visitor
    visitor.context.close()


def test_alice_forgot_her_password(portal: Portal, committed_cast: Cast, alice: Visitor) -> None:
    email = committed_cast.alice.user.email
    ask(alice, email)
    link = mailbox.link_to(email, "/sign-in/reset/", portal)
    alice.page.goto(link)
    expect(alice.page.get_by_role("heading", name="Choose a new password")).to_be_visible()
    alice.look_around()
    alice.page.get_by_label("New password").first.fill(_NEW_PASSWORD)
    alice.page.get_by_role("button", name="Set the new password").click()
    expect(alice.page.get_by_role("heading", name="Your password is changed")).to_be_visible()
    alice.look_around()
    alice.page.goto(link)
    expect(alice.page.get_by_role("heading", name="This link no longer works")).to_be_visible()
    with_the_old_one(alice, email)
    alice.sign_in(email, _NEW_PASSWORD)
    expect(alice.page.get_by_role("navigation", name="Main")).to_be_visible()


def ask(alice: Visitor, email: str) -> None:
    alice.page.goto(alice.address)
    alice.page.get_by_role("link", name="Forgot").click()
    alice.look_around()
    alice.page.get_by_label("Email").fill(email)
    alice.page.get_by_role("button", name="Send the link").click()
    expect(alice.page.get_by_role("heading", name="Check your email")).to_be_visible()
    alice.look_around()


def with_the_old_one(alice: Visitor, email: str) -> None:
    alice.page.goto(alice.address)
    alice.page.get_by_label("Email").fill(email)
    alice.page.get_by_label("Password", exact=False).first.fill(PASSWORD)
    alice.page.get_by_role("button", name="Sign in", exact=True).click()
    expect(alice.page.get_by_text("That email and password do not match.").first).to_be_visible()
