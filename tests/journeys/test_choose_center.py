"""Finding a center in a browser: while authorizing, by keyboard alone, and on its own page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from clearwork.centers.models import MedicalCenter
from clearwork.centers.zips import place
from clearwork.database import scope
from tests.cast import PASSWORD, Cast
from tests.journeys.processes import Portal
from tests.journeys.steps import Visitor, unfold

pytestmark = pytest.mark.journey
DESK, PHONE = 1280, 390


@pytest.fixture
def alice(
    committed_cast: Cast,
    open_portal: Callable[..., Portal],
    request: pytest.FixtureRequest,
) -> Iterator[Visitor]:
    """Alice, signed in; the cast's centers stand where their names say."""
    with scope.acting_as(scope.OPERATOR):
        for center, postal_code in (
            (committed_cast.dallas, "75201"),
            (committed_cast.mesa, "85201"),
        ):
            where = place(postal_code)
            MedicalCenter.objects.filter(pk=center.pk).update(
                postal_code=postal_code, latitude=where.latitude, longitude=where.longitude
            )
    portal = open_portal("web")
    browser: Browser = request.getfixturevalue("browser")
    visitor = Visitor.with_browser(browser, portal.address, request.param)
    visitor.sign_in(committed_cast.alice.user.email, PASSWORD)
    yield visitor
    visitor.context.close()


@pytest.mark.parametrize("alice", [DESK], indirect=True)
def test_a_center_is_found_by_zip_code_with_the_keyboard(alice: Visitor) -> None:
    """Enter narrows down the centers; it does not send the half-filled form."""
    page = alice.page
    alice.open_form()
    unfold(page, "Where")
    page.get_by_label("ZIP code").focus()
    page.keyboard.type("85004")
    page.keyboard.press("Enter")
    nearest = page.get_by_role("radio", name=re.compile("^Mesa Medical Center.*12.9"))
    expect(nearest).to_be_visible()
    expect(page.get_by_text("The nearest to 85004 first")).to_be_visible()
    page.get_by_label("Telemedicine", exact=True).focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("radio", name=re.compile("^Mesa"))).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name=re.compile("^Dallas"))).to_be_checked()
    page.get_by_label("Within").select_option("25")
    expect(page.get_by_text("Chosen before; the filters leave it out.")).to_be_visible()
    expect(page.get_by_role("radio", name=re.compile("^Dallas"))).to_be_checked()
    alice.look_around()
    _choose_while_an_answer_is_on_its_way(page)


def _choose_while_an_answer_is_on_its_way(page: Page) -> None:
    """It was asked for before the choice, and must not take it away."""
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    page.route("**/centers/choose/**", hold_the_first)
    with page.expect_request("**/centers/choose/**"):
        page.get_by_label("Within").select_option("100")
    page.get_by_role("radio", name=re.compile("^Mesa")).check()
    with page.expect_response("**/centers/choose/**center=*"):
        held[0].continue_()
    expect(page.get_by_role("radio", name=re.compile("^Dallas"))).to_have_count(0)
    expect(page.get_by_role("radio", name=re.compile("^Mesa"))).to_be_checked()


@pytest.mark.parametrize("alice", [DESK, PHONE], indirect=True)
def test_the_pages_about_centers_and_packages_are_for_everyone(alice: Visitor) -> None:
    page = alice.page
    alice.go_to("Authorizations")
    page.get_by_role("link", name="Medical centers").click()
    page.get_by_label("ZIP code").fill("75201")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_text("0.0 mi")).to_be_visible()
    alice.look_around()
    page.get_by_role("button", name=re.compile("Favorite: Mesa")).click()
    starred = page.get_by_role("button", name=re.compile("Favorite: Mesa"), pressed=True)
    expect(starred).to_be_visible()
    page.get_by_role("link", name="Mesa Medical Center").click()
    expect(page.get_by_role("heading", name="Mesa Medical Center")).to_be_visible()
    alice.look_around()
    page.goto(f"{alice.address}/packages/")
    page.get_by_role("link", name="New package").click()
    page.get_by_label("Name").fill("New driver")
    page.get_by_role("checkbox", name="DOT physical").check()
    alice.look_around()
    page.get_by_role("button", name="Save package").click()
    expect(page.get_by_text("New driver is saved.")).to_be_visible()
    alice.look_around()
    page.goto(f"{alice.address}/account/defaults/")
    alice.look_around()
