"""An Admin User runs the company's access alone: invites, grants, looks, takes away."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.cast import PASSWORD, Cast, Person
from tests.journeys.processes import Portal
from tests.journeys.steps import Visitor

pytestmark = pytest.mark.journey
type SitDown = Callable[[Person, int], Visitor]


@pytest.fixture
def portal(open_portal: Callable[..., Portal]) -> Portal:
    return open_portal("web")


@pytest.fixture
def sit_down(portal: Portal, browser: Browser) -> Iterator[SitDown]:
    """`sit_down(alice, width)`: signed in at a window of that width."""
    visitors: list[Visitor] = []

    def go(person: Person, width: int) -> Visitor:
        visitor = Visitor.with_browser(browser, portal.address, width)
        visitors.append(visitor)
        visitor.sign_in(person.user.email, PASSWORD)
        return visitor

    yield go
    for visitor in visitors:
        visitor.context.close()


def open_contacts(alice: Visitor) -> None:
    alice.go_to("Account Information")
    tabs = alice.page.get_by_role("navigation", name="Account Information")
    tabs.get_by_role("link", name="Contacts and portal users").click()


def open_victor(alice: Visitor) -> None:
    open_contacts(alice)
    alice.page.get_by_label("Name").fill("vic")
    alice.page.get_by_role("button", name="Search").click()
    alice.page.get_by_role("link", name="Victor Example").click()
    expect(alice.page.get_by_role("heading", name="Victor Example", level=1)).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390])
def test_who_leaves_the_company_is_out_at_the_next_click(
    committed_cast: Cast, sit_down: SitDown, width: int
) -> None:
    victor = sit_down(committed_cast.victor, width)
    alice = sit_down(committed_cast.alice, width)
    open_victor(alice)
    alice.look_around()
    alice.page.get_by_role("link", name="Turn access off").click()
    expect(alice.page.get_by_text("Victor Example is signed out at once")).to_be_visible()
    alice.look_around()
    alice.page.get_by_role("button", name="Turn access off").click()
    expect(alice.page.get_by_text("Victor Example's access is turned off.")).to_be_visible()
    alice.look_around()
    victor.page.get_by_role("link", name="Authorizations").first.click()
    expect(victor.page.get_by_role("heading", name="Sign in")).to_be_visible()
    history = alice.page.get_by_role("row").filter(has_text="Access turned off")
    expect(history).to_contain_text("Alice Example")


@pytest.mark.parametrize("width", [1280, 390])
def test_what_someone_sees_is_set_and_looked_at_through_their_eyes(
    committed_cast: Cast, sit_down: SitDown, width: int
) -> None:
    alice = sit_down(committed_cast.alice, width)
    open_victor(alice)
    alice.page.get_by_role("link", name="Set what they see").click()
    alice.page.get_by_label("Non-injury visits").check()
    alice.page.get_by_label("Only some worksites").check()
    alice.page.get_by_label("Plant 4").check()
    alice.look_around()
    alice.page.get_by_role("button", name="Save").click()
    expect(alice.page.get_by_text("See non-injury results of Plant 4.")).to_be_visible()
    alice.page.get_by_role("button", name="See as this person").click()
    banner = alice.page.get_by_role("complementary", name="Preview")
    expect(banner).to_contain_text("you see what Victor Example sees")
    alice.look_around()
    alice.go_to("Results and Reports")
    expect(banner).to_be_visible()
    alice.page.get_by_role("button", name="End preview").click()
    expect(alice.page.get_by_role("heading", name="History of access")).to_be_visible()
    expect(banner).to_be_hidden()


@pytest.mark.parametrize("width", [1280, 390])
def test_a_new_colleague_is_added_invited_and_reviewed(
    committed_cast: Cast, sit_down: SitDown, width: int
) -> None:
    alice = sit_down(committed_cast.alice, width)
    open_contacts(alice)
    alice.look_around()
    alice.page.get_by_role("link", name="Add contact").click()
    alice.page.get_by_label("First name").fill("Carla")
    alice.page.get_by_label("Last name").fill("Montgomery-Villanueva de la Cruz")
    alice.look_around()
    alice.page.get_by_role("button", name="Save contact").click()
    alice.page.get_by_role("link", name="Invite to the portal").click()
    alice.page.get_by_label("Work email").fill("carla@northwind.example")
    alice.look_around()
    alice.page.get_by_role("button", name="Send invitation").click()
    expect(alice.page.get_by_text("Invited", exact=True).first).to_be_visible()
    alice.page.get_by_role("button", name="Revoke invitation").click()
    alice.look_around()
    dialog = alice.page.get_by_role("dialog", name="Revoke this invitation?")
    dialog.get_by_role("button", name="Revoke invitation").click()
    expect(alice.page.get_by_text("its link no longer works")).to_be_visible()
    open_contacts(alice)
    alice.page.get_by_role("navigation", name="Account Information").get_by_role(
        "link", name="Access review"
    ).click()
    alice.look_around()
    victors = alice.page.get_by_role("group", name="Victor Example")
    victors.get_by_label("Turn off").check()
    alice.page.get_by_role("button", name="Save decisions").click()
    expect(alice.page.get_by_text("0 confirmed, 1 turned off.")).to_be_visible()
