"""The form on a bad day: a phone, no connection, a session that ended, an answer that was lost."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from clearwork.authorizations.actions import authorize
from clearwork.authorizations.models import Authorization
from clearwork.centers.models import Service
from clearwork.database import embedded, scope
from clearwork.database.address import DATABASE
from tests.cast import PASSWORD, Cast
from tests.environment import DATA
from tests.journeys.processes import Portal
from tests.journeys.steps import Visitor, choose_service, text_of, unfold

pytestmark = pytest.mark.journey
PHONE, DESK = 390, 1280
DETAIL = re.compile(r"/authorizations/[0-9a-f-]{36}/$")
HAPPENED = "Cut by a tile's edge while unloading."


@pytest.fixture
def portal(open_portal: Callable[..., Portal], committed_cast: Cast) -> Portal:
    with scope.acting_as(scope.OPERATOR):
        Service.objects.create(
            code="VIDEO", name="Video visit", kind="injury", category="injury_care",
            modalities=["telemed"],
        )  # fmt: skip
    return open_portal("web")


@pytest.fixture
def victors(portal: Portal, committed_cast: Cast) -> Authorization:
    """Victor's order, which no worker delivers: both he and Alice may still change it."""
    with scope.acting_as(scope.employer(committed_cast.northwind.pk)):
        return authorize(committed_cast.order(), by=committed_cast.victor.viewer)


@pytest.fixture
def alice(committed_cast: Cast, portal: Portal, browser: Browser) -> Iterator[Visitor]:
    visitor = Visitor.with_browser(browser, portal.address, PHONE)
    visitor.sign_in(committed_cast.alice.user.email, PASSWORD)
    yield visitor
    visitor.context.close()


def sql(query: Any) -> list[tuple[Any, ...]]:
    """Past Django, whose ORM does not work beside Playwright's event loop."""
    with embedded.connect(Path(DATA), DATABASE) as connection:
        cursor = connection.execute(query)
        return cursor.fetchall() if cursor.description else []


def authorizations() -> int:
    count: int = sql("SELECT count(*) FROM authorizations_authorization")[0][0]
    return count


def test_an_injury_on_a_phone_is_authorized_within_a_minute(alice: Visitor) -> None:
    page, start = alice.page, time.monotonic()
    page.goto(f"{alice.address}/authorizations/new/?kind=injury")
    alice.look_around()
    _tell(page)
    page.get_by_role("radio", name=re.compile("^Dallas Medical Center")).check()
    assert "Injury care, first visit" in page.locator("[data-services-chosen]").inner_text()
    page.get_by_role("button", name="Submit authorization").click()
    page.wait_for_url(DETAIL)
    assert time.monotonic() - start < 60
    stored = sql("SELECT body_part, what_happened, injury_date FROM authorizations_authorization")
    assert [row[:2] for row in stored] == [("Left hand", HAPPENED)] and stored[0][2]
    assert alice.complaints == []


def test_nothing_is_lost_and_one_is_made_whatever_breaks(alice: Visitor) -> None:
    page = alice.page
    page.goto(f"{alice.address}/authorizations/new/?kind=injury")
    page.get_by_label("Search by name").press_sequentially("garc")
    page.get_by_role("radio", name="Maria Garcia").check()
    page.get_by_role("radio", name=re.compile("^Mesa Medical Center")).check()
    page.get_by_label("What is hurt?").fill("Left hand")
    expect(page.locator("[data-keep-status]")).to_have_text("Saved as a draft.")
    alice.context.set_offline(True)
    page.get_by_label("What happened?").fill(HAPPENED)
    expect(page.locator("[data-keep-status]")).to_contain_text("No connection")
    page.get_by_role("button", name="Submit authorization").click()
    expect(page.get_by_text("Not sent yet: no connection.")).to_be_visible()
    _is_kept_unreadably(page)
    sql("DELETE FROM django_session")
    alice.context.set_offline(False)  # it tries by itself, and finds the session over
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert authorizations() == 0
    _sign_in_again(alice)
    expect(page.get_by_text("What you typed is back.")).to_be_visible()
    expect(page.get_by_label("What is hurt?")).to_have_value("Left hand")
    expect(page.get_by_label("What happened?")).to_have_value(HAPPENED)
    expect(page.get_by_role("radio", name="Maria Garcia")).to_be_checked()
    expect(page.get_by_role("radio", name=re.compile("^Mesa Medical Center"))).to_be_checked()
    page.get_by_role("button", name="Submit authorization").dblclick()
    page.wait_for_url(DETAIL)
    assert authorizations() == 1 and sql("SELECT * FROM authorizations_draft") == []
    assert _kept(page) == {}
    page.go_back()
    expect(page.get_by_role("heading", name="This form was submitted")).to_be_visible()
    page.get_by_role("link", name="New authorization").click()
    expect(page.get_by_label("What is hurt?")).to_have_value("")
    assert authorizations() == 1
    _pasted_rows_outlast_the_session(alice)


def _pasted_rows_outlast_the_session(alice: Visitor) -> None:
    page, rows = alice.page, "Emp #,Worksite\nN-1,Plant 4"
    page.goto(f"{alice.address}/many/employees/")
    pasted = page.get_by_label("Or paste rows")
    pasted.fill(rows)
    sql("DELETE FROM django_session")
    page.get_by_role("button", name="Check the list").click()
    _sign_in_again(alice)
    expect(pasted).to_have_value(rows)
    page.get_by_role("button", name="Check the list").dblclick()
    expect(page.get_by_text("1 row ready.")).to_be_visible()
    assert sql("SELECT count(*) FROM bulk_authorizationbatch") == [(1,)] and _kept(page) == {}


def test_an_answer_that_got_lost_makes_no_second_one(alice: Visitor) -> None:
    page = alice.page
    page.goto(f"{alice.address}/authorizations/new/?kind=injury")
    _tell(page)
    page.get_by_role("radio", name=re.compile("^Dallas Medical Center")).check()

    def lose_the_answer(route: Route) -> None:
        if route.request.method != "POST":
            return route.continue_()
        route.fetch(max_redirects=0)
        return route.abort("connectionreset")

    page.route("**/authorizations/new/**", lose_the_answer)
    page.get_by_role("button", name="Submit authorization").click()
    expect(page.get_by_text("Not sent yet: no connection.")).to_be_visible()
    assert authorizations() == 1
    page.unroute("**/authorizations/new/**")
    page.get_by_role("button", name="Submit authorization").click()
    page.wait_for_url(DETAIL)
    assert authorizations() == 1


def test_two_who_edit_at_once_see_each_others_words_and_neither_is_lost(
    victors: Authorization, alice: Visitor, browser: Browser, committed_cast: Cast
) -> None:
    victor = Visitor.with_browser(browser, alice.address, DESK)
    victor.sign_in(committed_cast.victor.user.email, PASSWORD)
    for one in (alice, victor):
        one.page.goto(f"{one.address}/authorizations/{victors.pk}/edit/")
        unfold(one.page, "More details")
    _note(alice.page, "Comes at noon")
    alice.page.wait_for_url(DETAIL)
    _note(victor.page, "Needs an interpreter")
    table = victor.page.get_by_role("row", name="Note to the center")
    expect(table).to_contain_text("Comes at noon")
    expect(table).to_contain_text("Needs an interpreter")
    expect(victor.page.get_by_label("Note to the center")).to_have_value("Needs an interpreter")
    victor.complaints.clear()  # the browser's own word on the 422
    victor.look_around()
    _note(victor.page, "Comes at noon, needs an interpreter")
    victor.page.wait_for_url(DETAIL)
    alice.page.go_back()  # not to her own old words: the form is drawn anew
    expect(alice.page.get_by_label("Note to the center")).to_have_value(
        "Comes at noon, needs an interpreter"
    )
    assert sql("SELECT center_note, revision FROM authorizations_authorization") == [
        ("Comes at noon, needs an interpreter", 2)
    ]
    victor.context.close()


def test_signing_out_leaves_nothing_on_a_shared_phone(alice: Visitor) -> None:
    page = alice.page
    page.goto(f"{alice.address}/authorizations/new/?kind=injury")
    page.get_by_label("What happened?").fill(HAPPENED)
    expect(page.locator("[data-keep-status]")).to_have_text("Saved as a draft.")
    assert len(_kept(page)) == 1
    (other,) = sql("SELECT id FROM people_employee WHERE employee_number = 'N-2'")[0]
    page.goto(f"{alice.address}/authorizations/new/?employee={other}")  # as from Wei's page
    expect(page.get_by_role("radio", name=re.compile("^小明"))).to_be_checked()
    expect(page.get_by_role("link", name="Continue")).to_be_visible()
    assert "What you typed is back." not in page.locator("main").inner_text()
    alice.sign_out()
    assert _kept(page) == {}
    _sign_in_again(alice)
    page.goto(f"{alice.address}/authorizations/new/")  # her draft is on the server
    page.get_by_role("link", name="Continue").click()
    expect(page.get_by_label("What happened?")).to_have_value(HAPPENED)
    alice.look_around()


def test_telemed_asks_for_no_center_and_tells_how_to_get_there(
    alice: Visitor, tmp_path: Path
) -> None:
    page = alice.page
    alice.open_form()
    _tell(page)
    page.get_by_label("Telemed (centralized)").check()
    expect(page.get_by_role("radio", name=re.compile("^Dallas Medical Center"))).to_be_hidden()
    expect(page.get_by_text("Telemed needs no medical center.")).to_be_visible()
    choose_service(page, "Injury care", "Video visit")
    expect(page.get_by_role("checkbox", name="Injury care, first visit")).to_be_hidden()
    alice.look_around()
    page.get_by_role("button", name="Submit authorization").click()
    page.wait_for_url(DETAIL)
    assert sql("SELECT modality, center_id FROM authorizations_authorization") == [
        ("telemed", None)
    ]
    pdf = alice.download(page.get_by_role("link", name="Authorization as PDF"), tmp_path)[1]
    assert "telemed.example.com" in text_of(pdf) and "no center to visit" in text_of(pdf)
    assert alice.complaints == []


def _tell(page: Page) -> None:
    """The least that has to be said of an injury."""
    page.get_by_label("A work injury").check()
    page.get_by_label("Search by name").press_sequentially("garc")
    page.get_by_role("radio", name="Maria Garcia").check()
    page.get_by_label("What is hurt?").fill("Left hand")
    page.get_by_label("What happened?").fill(HAPPENED)


def _note(page: Page, words: str) -> None:
    page.get_by_label("Note to the center").fill(words)
    page.get_by_role("button", name="Save changes").click()


def _kept(page: Page) -> dict[str, str]:
    stored: dict[str, str] = page.evaluate("({...sessionStorage})")
    return {name: text for name, text in stored.items() if name.startswith("clearwork-kept")}


def _is_kept_unreadably(page: Page) -> None:
    (text,) = _kept(page).values()
    assert len(text) > 400 and "hand" not in text and "Maria" not in text


def _sign_in_again(alice: Visitor) -> None:
    alice.page.get_by_label("Email").fill("alice@northwind.example")
    alice.page.get_by_label("Password").fill(PASSWORD)
    alice.page.keyboard.press("Enter")
    expect(alice.page.get_by_role("heading", name="Sign in")).to_be_hidden()
