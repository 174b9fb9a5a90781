"""A list of 500 people before lunch: what is wrong is put right in place, the rest goes by itself.

The order is that of an authorization made before, the people come from a workbook.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pikepdf
import pytest
from openpyxl import Workbook
from playwright.sync_api import Browser, Locator, Page, expect

from clearwork.authorizations.actions import authorize
from clearwork.database import scope
from tests.cast import PASSWORD, Cast, employee
from tests.journeys.processes import Portal
from tests.journeys.steps import Visitor

pytestmark = pytest.mark.journey
ROWS = 500
DONE = 60_000  # milliseconds
DESK, PHONE = 1280, 390
HEAD = ["Emp #", "Surname", "Given name", "Birth date", "Location"]
# What is wrong, by row of the sheet; None: left out.
WRONG: dict[int, tuple[list[str], dict[str, str] | None]] = {
    10: (["B-10", "Lee", "Al", "2/30/1990", ""], {"Date of birth": "2/28/1990"}),
    60: (["B-60", "", "Bo", "1/2/1990", ""], {"Last name": "Ruiz"}),
    120: (["B-120", "Cruz", "Cy", "1/2/1990", "Plnt 4"], {"Worksite": "Plant 4"}),
    200: (["B-200", "Diaz", "Di", "soon", ""], {"Date of birth": "1990-01-02"}),
    300: (["N-2", "Someone", "Else", "1/2/1991", ""], {"Employee number": "B-300"}),
    400: (["B-400", "Evans", "", "", ""], None),
    450: (["B-450", "Frost", "Fay", "1/2/2101", ""], None),
}


def test_500_people_from_a_workbook_with_7_bad_rows(
    committed_cast: Cast,
    open_portal: Callable[..., Portal],
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> None:
    cast, portal = committed_cast, open_portal("web", "worker", pace=0.1)
    template = _made_before(cast)
    browser: Browser = request.getfixturevalue("browser")
    alice = _signed_in(cast, portal, browser, DESK)
    _upload(alice, template, _workbook(tmp_path))
    address = alice.page.url
    fixes = list(WRONG.items())
    _put_right(alice.page, fixes[:3])
    alice.context.close()  # lunch comes early; the rest by phone
    again = _signed_in(cast, portal, browser, PHONE)
    again.page.goto(address)
    expect(again.page.get_by_text("4 of 500 rows need attention")).to_be_visible()
    again.look_around()
    _put_right(again.page, fixes[3:])
    again.page.get_by_role("button", name="Authorize 498 people").click()
    expect(again.page.get_by_role("progressbar").or_(_finished(again.page))).to_be_visible()
    again.context.close()  # nobody watches
    later = _signed_in(cast, portal, browser, DESK)
    _look_at_the_result(later, tmp_path)
    later.context.close()


def _upload(alice: Visitor, template: UUID, file: Path) -> None:
    alice.page.goto(f"{alice.address}/authorizations/{template}/")
    alice.page.get_by_role("link", name="Authorize many like this").click()
    alice.look_around()
    alice.page.get_by_label("CSV or Excel file").set_input_files(file)
    alice.page.get_by_role("button", name="Check the list").click()
    expect(alice.page.get_by_text("7 of 500 rows need attention")).to_be_visible(timeout=DONE)
    alice.look_around()


def _look_at_the_result(later: Visitor, folder: Path) -> None:
    later.page.goto(f"{later.address}/many/")
    later.page.get_by_role("link", name="drivers.xlsx").click()
    expect(_finished(later.page)).to_be_visible(timeout=DONE)
    later.look_around()
    expect(later.page.get_by_text("2 left out.")).to_be_visible()
    numbers = later.page.locator("td .cw-number").all_inner_texts()
    assert len(set(numbers)) == 50, "the first page of the result"
    later.page.get_by_role("button", name="All as one PDF").click()
    expect(later.page.get_by_text("Your file is ready")).to_be_visible(timeout=DONE)
    later.look_around()
    _, pdf = later.download(later.page.get_by_role("link", name="Download the PDF"), folder)
    with pikepdf.open(io.BytesIO(pdf)) as opened, opened.open_outline() as outline:
        contents = len(opened.pages) - 498
        assert len(outline.root) == 498 and 0 < contents < 20


def _made_before(cast: Cast) -> UUID:
    with scope.acting_as(scope.OPERATOR):
        cast.dallas.services.add(cast.dot_physical)
        employee(cast.plant, "Nadia", "Old", employee_number="N-9")
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        return authorize(cast.order(), by=cast.alice.viewer).pk


def _signed_in(cast: Cast, portal: Portal, browser: Browser, width: int) -> Visitor:
    visitor = Visitor.with_browser(browser, portal.address, width)
    visitor.sign_in(cast.alice.user.email, PASSWORD)
    return visitor


def _workbook(folder: Path) -> Path:
    book = Workbook()
    book.active.append(HEAD)
    for n in range(2, ROWS + 2):
        usual = [f"B-{n}", f"Driver{n}", "Pat", f"{1 + n % 12}/{13 + n % 15}/{1960 + n % 40}", ""]
        book.active.append(WRONG[n][0] if n in WRONG else usual)
    target = io.BytesIO()
    book.save(target)
    (folder / "drivers.xlsx").write_bytes(target.getvalue())
    return folder / "drivers.xlsx"


def _put_right(page: Page, rows: list[tuple[int, tuple[list[str], dict[str, str] | None]]]) -> None:
    for number, (_, fixes) in rows:
        card = page.locator(f"#row-{number}")
        if fixes is None:
            card.get_by_role("button", name="Leave out").click()
            expect(card.get_by_text("Left out")).to_be_visible()
            continue
        for label, text in fixes.items():
            card.get_by_label(label).fill(text)
        card.get_by_role("button", name="Save").click()
        expect(card.get_by_text("Ready")).to_be_visible()


def _finished(page: Page) -> Locator:
    return page.get_by_text("498 people authorized.")
