"""The whole portal as it runs: real processes, a real PostgreSQL, a real browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from clearwork.centers.models import MedicalCenter
from clearwork.database import scope
from clearwork.demo import preparation
from tests.cast import Cast
from tests.environment import DATA
from tests.journeys.processes import Portal, free_ports

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
_FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    report: pytest.TestReport = yield  # type: ignore[assignment]
    if report.failed:
        item.stash[_FAILED] = True
    return report  # type: ignore[return-value]


@pytest.fixture(scope="session")
def static_files() -> None:
    preparation.collect_static(Path(DATA), os.environ)


@pytest.fixture
def open_portal(
    committed_cast: Cast,
    static_files: None,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> Iterator[Callable[..., Portal]]:
    """`open_portal("web", "worker", …, pace=1.0)` starts those processes for the cast."""
    opened: list[Portal] = []

    def go(*names: str, pace: float = 1.0) -> Portal:
        portal = Portal(free_ports(), tmp_path, Path(DATA), pace)
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
