"""Every page for every role, as axe-core sees it: light and dark, on a desk and on a phone.

Each page is looked at once, as one of those see it who may, a form as it is or with its errors,
and in one of the four ways, all in turn; `EVERY_LOOK=1` looks at all there is. Pages are drawn
before, by the application itself with its policy, and given to the browser as they are.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle, product
from typing import Any, TypeGuard, cast
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client
from django.utils.csp import build_policy
from playwright.sync_api import Browser, Page, Route
from pytest_django.plugin import DjangoDbBlocker

from tests.access import visitors
from tests.access.routes import routes
from tests.access.test_matrix import expected
from tests.access.visitors import Stage, Visitor, comparable
from tests.database.stage import account
from tests.journeys.steps import AXE, RULES, SETTLED, VIOLATIONS

pytestmark = pytest.mark.journey
ADDRESS = "https://portal.example"
WHO = ("alice", "victor", "non_injury", "no_access", "anonymous", "support", "privacy_officer")
LOOKS = list(product((1280, 390), ("light", "dark")))
EVERY_LOOK = bool(os.environ.get("EVERY_LOOK"))


@dataclass(frozen=True)
class Drawn:
    """What one got at an address."""

    who: str
    path: str
    html: str
    alike: bytes

    @property
    def is_page(self) -> bool:
        return "<html" in self.html


def drawn(stage: Stage) -> Iterator[Drawn]:
    """The page of every address, or that of its form sent empty, in turn; the same page once."""
    known: set[bytes] = set()
    turn = cycle((False, True))
    for number, route in enumerate(routes()):
        seeing = [who for who in WHO if expected(route, who).startswith("200")]
        for who in seeing if EVERY_LOOK or not seeing else [seeing[number % len(seeing)]]:
            path = stage.visitors[who].path(route)
            found = {each.path: each for each in _both(stage.visitors[who], who, path)}
            if len(found) > 1 and not EVERY_LOOK:
                del found[path if next(turn) else _refused(path)]
            for each in found.values():
                if each.alike not in known:
                    known.add(each.alike)
                    yield each


def _both(visitor: Visitor, who: str, path: str) -> Iterator[Drawn]:
    for ask, shown_at in ((Client.get, path), (Client.post, _refused(path))):
        with visitors.undone():
            answer = ask(visitor.browser(), path)
        if answer.status_code >= 500:
            raise AssertionError(f"{who} {shown_at}: {answer.status_code}")
        if answer.headers.get("Content-Type", "").startswith("text/html") and answer.content:
            yield Drawn(who, shown_at, answer.content.decode(), comparable(answer)[2])


def _refused(path: str) -> str:
    """Where a form's page with its errors is shown: no address of the portal's."""
    return f"{path}{'&' if '?' in path else '?'}sent=empty"


@pytest.fixture(scope="module")
def everything(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> list[Drawn]:
    """Drawn before there is a browser: its driver runs an event loop, and Django would refuse."""
    with django_db_blocker.unblock(), visitors.undone():
        stage = visitors.build()
        account(stage.alices)
        return list(drawn(stage))


def answering(found: list[Drawn]) -> Callable[[Route], None]:
    """Static files, the pages and the parts that they ask for; nothing else is there."""
    pages = {each.path: each for each in found}
    policy = build_policy(cast(dict[str, list[str]], settings.SECURE_CSP))

    def fulfil(route: Route) -> None:
        where = urlsplit(route.request.url)
        asked = f"{where.path}?{where.query}" if where.query else where.path
        if where.path.startswith("/static/"):
            route.fulfill(path=str(finders.find(where.path.removeprefix("/static/"))))
        elif is_wanted(drawn := pages.get(asked, pages.get(where.path)), route):
            headers = {"Content-Security-Policy": policy}
            route.fulfill(body=drawn.html, content_type="text/html", headers=headers)
        else:
            route.fulfill(status=204)

    return fulfil


def is_wanted(drawn: Drawn | None, route: Route) -> TypeGuard[Drawn]:
    """A page where a page is asked for; a part of one where htmx asks."""
    return drawn is not None and drawn.is_page != ("hx-request" in route.request.headers)


def look(page: Page, path: str, width: int, theme: Any) -> list[Any]:
    """What axe-core finds on the page as it is loaded so, and whether it is too wide."""
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=theme)
    page.goto(f"{ADDRESS}{path}")
    page.wait_for_function(SETTLED)
    found: list[Any] = page.evaluate(VIOLATIONS, RULES)
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return [*found, *([f"{wide} pixels too wide"] if wide > 0 else [])]


def test_everyone_can_use_every_page(everything: list[Drawn], browser: Browser) -> None:
    context = browser.new_context(reduced_motion="reduce")
    context.add_init_script(path=AXE)
    page, wrong, turn = context.new_page(), {}, cycle(LOOKS)
    for who in WHO:
        own = [each for each in everything if each.who == who]
        page.unroute_all()
        page.route("**/*", answering(own))
        for each in (each for each in own if each.is_page):
            for width, theme in LOOKS if EVERY_LOOK else [next(turn)]:
                if found := look(page, each.path, width, theme):
                    wrong[f"{who} {each.path} {width} {theme}"] = found
    context.close()
    assert wrong == {}
