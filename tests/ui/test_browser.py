"""The style guide in a real browser, under the real policy, with nothing but our files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.csp import build_policy
from playwright.sync_api import Browser, Page, Route, sync_playwright

from clearwork.ui import views

pytestmark = pytest.mark.journey
ADDRESS = "http://127.0.0.1:1/"
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]
AXE = Path(settings.ROOT) / "node_modules/axe-core/axe.min.js"
Policy = dict[str, list[str]]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def answer(ask: Callable[..., HttpRequest]) -> Callable[[Route], None]:
    """Answer every request from here: the page with its policy, static files, a fragment."""
    html = views.styleguide(ask()).content.decode()
    polling = '<div hx-get="/poll/" hx-trigger="load" id="poll">waiting</div>'
    pages = {
        "/": html.replace("<hr>", polling, 1),
        "/poll/": '<p id="polled">arrived</p>',
        "/500/": render_to_string("500.html"),
    }
    policy = {"Content-Security-Policy": build_policy(cast(Policy, settings.SECURE_CSP))}

    def fulfil(route: Route) -> None:
        where = "/" + route.request.url.removeprefix(ADDRESS).split("?")[0].split("#")[0]
        if where.startswith("/static/"):
            route.fulfill(path=str(finders.find(where.removeprefix("/static/"))))
        elif where in pages:
            route.fulfill(body=pages[where], content_type="text/html", headers=policy)
        else:
            route.fulfill(status=500, body="broken")

    return fulfil


@pytest.fixture
def open_page(browser: Browser, answer: Callable[[Route], None]) -> Iterator[Callable[..., Page]]:
    contexts = []

    def go(width: int = 1280, theme: Any = "light", where: str = "") -> Page:
        context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=theme)
        contexts.append(context)
        page = context.new_page()
        page.route("**/*", answer)
        page.goto(ADDRESS + where)
        return page

    yield go
    for context in contexts:
        context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_everyone_can_use_it(open_page: Callable[..., Page], width: int, theme: str) -> None:
    page = open_page(width, theme)
    # What comes after the page may take the focus, and scroll: the bar then lies over a link.
    page.wait_for_selector("#polled")
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    page.evaluate(AXE.read_text())
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    assert [(v["id"], [n["target"] for n in v["nodes"]]) for v in found["violations"]] == []
    assert page.evaluate("document.documentElement.dataset.bsTheme") == theme
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_policy_holds_and_htmx_works_under_it(browser: Browser, answer: Any) -> None:
    page = browser.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.route("**/*", answer)
    page.goto(ADDRESS)
    page.wait_for_selector("#polled")
    assert [text for text in said if "Content Security Policy" in text] == []
    assert page.evaluate("document.querySelectorAll('style, [style]').length") == 0
    page.close()


def test_a_chosen_theme_outlasts_the_page_and_the_systems_is_followed_again(
    open_page: Callable[..., Page],
) -> None:
    page = open_page(theme="light")
    page.get_by_role("button", name="Switch to dark theme").click()
    page.reload()
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"
    page.get_by_role("button", name="Switch to light theme").click()
    assert page.evaluate("localStorage.length") == 0


def test_an_injurys_questions_are_asked_only_for_an_injury(open_page: Callable[..., Page]) -> None:
    page = open_page()
    question = page.get_by_label("What happened")
    assert question.is_hidden()
    assert question.is_disabled()
    page.locator("#new ~ form").get_by_text("Injury", exact=True).click()
    assert question.is_visible()
    assert question.is_enabled()
    page.locator("#new ~ form").get_by_text("Non-injury", exact=True).click()
    assert question.is_hidden()
    assert question.is_disabled()


def test_a_selection_is_counted_and_unlocks_the_download(open_page: Callable[..., Page]) -> None:
    page = open_page()
    download = page.get_by_role("button", name="Download as PDF")
    assert download.is_disabled()
    page.get_by_label("Select CW-4K7M-1QX9").check()
    assert page.locator("[data-selected-count]").inner_text() == "1"
    page.get_by_label("Select all on this page").check()
    assert page.locator("[data-selected-count]").inner_text() == "9"
    assert download.is_enabled()


def test_a_form_is_sent_once_and_its_button_shows_it(open_page: Callable[..., Page]) -> None:
    page = open_page()
    sent: list[str] = []

    def receive(route: Route) -> None:
        sent.append(route.request.url)
        route.fulfill(status=204)

    page.route("**/sent/", receive)
    page.evaluate(
        """() => {
          const form = document.querySelector("#new ~ form");
          form.noValidate = true;
          form.action = "/sent/";
          form.requestSubmit();
          form.requestSubmit();
        }"""
    )
    page.wait_for_selector("#new ~ form button[aria-busy=true]:disabled")
    assert len(sent) == 1


def test_a_question_can_be_asked_before_what_cannot_be_undone(
    open_page: Callable[..., Page],
) -> None:
    page = open_page()
    page.get_by_role("button", name="Cancel authorization").first.click()
    dialog = page.get_by_role("dialog", name="Cancel this authorization?")
    assert dialog.is_visible()
    dialog.get_by_role("button", name="Go back").click()
    assert dialog.is_hidden()


def test_a_mistake_is_where_the_reader_is_led(open_page: Callable[..., Page]) -> None:
    page = open_page()
    assert page.evaluate("document.activeElement.hasAttribute('data-error-summary')")
    page.get_by_role("link", name="Medical center: Select a valid choice").click()
    assert page.evaluate("document.activeElement.id") == "id_center"


def test_rows_are_cards_on_a_phone_and_navigation_is_within_reach(
    open_page: Callable[..., Page],
) -> None:
    page = open_page(390)
    row = page.locator(".cw-table tbody tr").first
    assert page.evaluate("e => getComputedStyle(e).display", row.element_handle()) == "block"
    nav = page.locator(".cw-nav").bounding_box()
    assert nav
    assert nav["y"] + nav["height"] == pytest.approx(844, abs=1)
    for link in page.locator(".cw-nav a").all():
        box = link.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 44


def test_the_error_page_stands_alone(open_page: Callable[..., Page]) -> None:
    page = open_page(390, "dark", "500/")
    assert page.get_by_role("heading", name="Something went wrong on our side").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
