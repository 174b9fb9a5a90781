"""Only what a page uses is served, under names that change with the content."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.template.loader import render_to_string
from pytest_django.fixtures import Settings

from clearwork.ui.staticfiles import SERVED


@pytest.fixture
def collected(settings: Settings, tmp_path: Path) -> Path:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "clearwork.ui.staticfiles.StaticFilesStorage"},
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    return tmp_path


def test_packages_give_only_the_files_named(collected: Path) -> None:
    manifest = json.loads((collected / "staticfiles.json").read_text())["paths"]
    packaged = {name for name in manifest if name.startswith(("tabler/", "inter/", "icons/"))}
    assert packaged == SERVED


def test_every_file_a_page_asks_for_is_there_and_compressed(collected: Path) -> None:
    addresses = re.findall(r'(?:src|href)="/?static/([^"]+\.(?:css|js|svg))"', _page())
    assert len(addresses) >= 10
    for address in addresses:
        assert re.search(r"\.[0-9a-f]{12}\.", address), f"{address} has no hash"
        assert (collected / address).is_file()
        assert (collected / f"{address}.gz").is_file() or address.endswith("favicon.svg")


def test_fonts_in_the_stylesheet_lead_to_files(collected: Path) -> None:
    (sheet,) = (collected / "inter").glob("wght.*.css")
    fonts = re.findall(r'url\("([^"]+)"\)', sheet.read_text())
    assert len(fonts) == 7
    assert all((sheet.parent / font).is_file() for font in fonts)


def test_a_packages_other_files_are_not_found() -> None:
    assert finders.find("tabler/tabler.min.css")
    assert not finders.find("tabler/tabler.css")
    assert not finders.find("inter/package.json")


def _page() -> str:
    return render_to_string("404.html")
