"""The whole portal as it runs: real processes, a real PostgreSQL, a real browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from clearwork.centers.models import MedicalCenter
from clearwork.database import embedded, scope
from clearwork.database.address import DATABASE
from clearwork.demo import preparation
from tests.cast import Cast
from tests.environment import DATA
from tests.journeys.processes import Portal, free_ports, wait_for

_BROWSERS = ("chromium", "google-chrome", "chromium-browser")
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
)
_ANSWER_SECONDS = 20.0
_FAILED = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Who is patient goes first: at the end, all others would wait for it."""
    items.sort(key=lambda item: item.get_closest_marker("patient") is None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    report: pytest.TestReport = yield  # type: ignore[assignment]
    if report.failed:
        item.stash[_FAILED] = True
    return report  # type: ignore[return-value]


@pytest.fixture(scope="session")
def static_files() -> None:
    preparation.collect_static(Path(DATA), os.environ)


@pytest.fixture(scope="session")
def standing(
    django_db_setup: None, static_files: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Portal]:
    """The web process, started once: it keeps nothing of one request for the next."""
    portal = Portal(free_ports(), tmp_path_factory.mktemp("standing"), Path(DATA))
    portal.start("web")
    yield portal
    portal.stop()


@pytest.fixture
def open_portal(
    committed_cast: Cast,
    standing: Portal,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> Iterator[Callable[..., Portal]]:
    """`open_portal("web", "worker", …, pace=1.0)` has those processes run for the cast."""
    opened: list[Portal] = []

    def go(*names: str, pace: float = 1.0) -> Portal:
        ports = replace(free_ports(), web=standing.ports.web)
        portal = Portal(ports, tmp_path, Path(DATA), pace, standing.processes["web"])
        opened.append(portal)
        with scope.acting_as(scope.OPERATOR):
            MedicalCenter.objects.update(hl7_application="DEMOEHR", hl7_port=portal.ports.clinic)
        portal.start(*names)
        return portal

    yield go
    for portal in opened:
        portal.stop()
        if request.node.stash.get(_FAILED, False):
            print(portal.said())
    wait_for(_no_one_is_asking, _ANSWER_SECONDS)


def _no_one_is_asking() -> bool:
    """The last request of a browser that was closed is answered: the tables may be emptied."""
    with embedded.connect(Path(DATA), DATABASE) as connection:
        found = connection.execute(
            "SELECT 1 FROM pg_stat_activity WHERE usename = 'clearwork_app' AND state <> 'idle'"
            " AND pid <> pg_backend_pid()"
        )
        return found.fetchone() is None


@pytest.fixture
def browser() -> Iterator[Browser]:
    """The system's Chromium. Ask for it after `open_portal`: Django's ORM refuses to work
    where Playwright's event loop runs."""
    found = next(filter(None, map(shutil.which, _BROWSERS)), None)
    assert found, (
        f"No browser: none of {', '.join(_BROWSERS)} is installed. Fix: apt-get install chromium"
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(_ARGUMENTS))
        yield browser
        browser.close()
