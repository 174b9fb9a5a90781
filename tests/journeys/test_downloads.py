"""Many reports in a browser: three as one PDF, all found as a ZIP in the background."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.cast import PASSWORD, Cast
from tests.exports.files import bookmarks, many
from tests.journeys.processes import Portal
from tests.journeys.steps import Visitor

pytestmark = pytest.mark.journey
DESK, PHONE = 1280, 390
ALL = 60


@pytest.mark.parametrize("width", [DESK, PHONE])
def test_three_as_one_pdf_and_all_as_a_zip(
    committed_cast: Cast,
    open_portal: Callable[..., Portal],
    request: pytest.FixtureRequest,
    tmp_path: Path,
    width: int,
) -> None:
    many(committed_cast, ALL)
    portal = open_portal("web", "worker")
    browser: Browser = request.getfixturevalue("browser")
    alice = Visitor.with_browser(browser, portal.address, width)
    page = alice.page
    alice.sign_in(committed_cast.alice.user.email, PASSWORD)
    page.goto(f"{portal.address}/results/")
    one_pdf = page.get_by_role("button", name="One PDF of what is selected")
    expect(one_pdf).to_be_disabled()
    for box in page.locator("tbody input[type=checkbox]").all()[:3]:
        box.check()
    alice.look_around()
    picture(alice, tmp_path, "list")
    name, pdf = alice.download(one_pdf, tmp_path)
    assert name.endswith("-3.pdf") and len(bookmarks(pdf)) == 3
    page.reload()
    page.get_by_role("button", name="ZIP of all found").click()
    expect(page.get_by_role("heading", name=f"Download of {ALL} reports")).to_be_visible()
    ready = page.get_by_role("link", name="Download the ZIP")
    expect(ready).to_be_visible()
    alice.look_around()
    picture(alice, tmp_path, "ready")
    name, archive = alice.download(ready, tmp_path)
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        assert opened.testzip() is None and len(opened.namelist()) == ALL + 2
    page.get_by_role("link", name="Downloads").first.click()
    expect(page.get_by_role("heading", name="Downloads")).to_be_visible()
    expect(page.get_by_text("Ready")).to_have_count(2)
    alice.look_around()
    picture(alice, tmp_path, "downloads")
    alice.context.close()


def picture(visitor: Visitor, folder: Path, name: str) -> None:
    visitor.page.screenshot(path=folder / f"{name}.png", full_page=True)
