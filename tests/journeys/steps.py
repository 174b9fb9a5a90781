"""What a person does at the portal, and what must hold on every page they see."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from pathlib import Path

import pikepdf
import pypdfium2  # type: ignore[import-untyped]
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Download, Locator, Page, expect

AXE = Path(settings.ROOT) / "node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_PATIENCE = 30_000  # milliseconds, on a busy machine
# All that the page asked for by itself is there, and on its place.
SETTLED = """() => document.readyState === "complete"
    && !document.querySelector(".htmx-request, .htmx-swapping, .htmx-settling")
    && [...document.images].every(image => image.complete || image.loading === "lazy")"""
# What passed is not asked for: naming it takes longer than finding it.
VIOLATIONS = """async rules => (await axe.run(document,
    {runOnly: rules, resultTypes: ["violations"]}
)).violations.map(found => [found.id, found.nodes.map(node => node.target)])"""


@dataclass
class Visitor:
    """Someone with a browser. Whatever the browser complains of is kept."""

    context: BrowserContext
    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)

    @classmethod
    def with_browser(cls, browser: Browser, address: str, width: int) -> Visitor:
        size = {"width": width, "height": 844}
        phone = width < 600
        context = browser.new_context(
            viewport=size,  # type: ignore[arg-type]
            has_touch=phone,
            is_mobile=phone,
            reduced_motion="reduce",
        )
        context.set_default_timeout(_PATIENCE)
        visitor = cls(context, context.new_page(), address)
        visitor._listen()
        return visitor

    def _listen(self) -> None:
        self.page.on(
            "console",
            lambda said: (
                self.complaints.append(f"{said.type}: {said.text}")
                if said.type in {"error", "warning"}
                else None
            ),
        )
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        self.page.on(
            "response",
            lambda answer: (
                self.complaints.append(f"{answer.status} {answer.url}")
                if answer.status >= 400
                else None
            ),
        )

    def look_around(self) -> None:
        """Everyone can use this page, it fits, and the browser has nothing to complain of."""
        where = self.page.url
        self.page.wait_for_function(SETTLED)
        self.page.evaluate("scrollTo(0, 0)")
        too_wide = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert too_wide <= 0, f"{where} is {too_wide} pixels too wide"
        self.page.evaluate(AXE.read_text())
        violations = self.page.evaluate(VIOLATIONS, RULES)
        assert violations == [], f"{where}: {violations}"
        assert self.complaints == [], f"{where}: {self.complaints}"

    def sign_in(self, email: str, password: str) -> None:
        """By keyboard alone."""
        self.page.goto(self.address)
        self.page.get_by_label("Email").focus()
        self.page.keyboard.type(email)
        self.page.keyboard.press("Tab")
        self.page.keyboard.type(password)
        self.look_around()
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(f"{self.address}/")

    def sign_out(self) -> None:
        self.page.locator(".cw-menu > summary").click()
        self.page.get_by_role("button", name="Sign out").click()
        expect(self.page.get_by_role("heading", name="Sign in")).to_be_visible()

    def go_to(self, section: str) -> None:
        self.page.get_by_role("navigation", name="Main").get_by_role("link", name=section).click()
        expect(self.page.get_by_role("heading", name=section, level=1)).to_be_visible()

    def open_form(self) -> None:
        self.go_to("Authorizations")
        self.page.get_by_role("link", name="New authorization").first.click()
        expect(self.page.get_by_role("heading", name="New authorization")).to_be_visible()

    def download(self, press: Locator, folder: Path) -> tuple[str, bytes]:
        """The name it is offered under, and its bytes."""
        with self.page.expect_download() as waiting:
            press.click()
        found: Download = waiting.value
        target = folder / found.suggested_filename
        found.save_as(target)
        return found.suggested_filename, target.read_bytes()


def unfold(page: Page, section: str) -> None:
    """Open a part of the authorization form that is folded away."""
    fold = page.locator("details", has=page.locator("summary", has_text=section)).last
    if fold.get_attribute("open") is None:
        fold.locator("summary").first.click()


def choose_center(page: Page, name: str) -> None:
    unfold(page, "Where")
    page.get_by_role("radio", name=re.compile(f"^{name}")).check()


def choose_service(page: Page, shelf: str, name: str) -> None:
    unfold(page, "Services")
    unfold(page, shelf)
    page.get_by_role("checkbox", name=name, exact=True).check()


def text_of(pdf: bytes) -> str:
    """The words of a sound PDF, all white space as one blank."""
    assert pdf.startswith(b"%PDF-")
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert len(opened.pages) >= 1
    document = pypdfium2.PdfDocument(pdf)
    words = [page.get_textpage().get_text_range() for page in document]
    document.close()
    return re.sub(r"\s+", " ", " ".join(words))
