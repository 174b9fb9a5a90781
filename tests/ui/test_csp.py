"""The content security policy forbids anything inline; so do the templates themselves."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import clearwork

ROOT = Path(clearwork.__file__).parent
# Opened from a folder on somebody's disk, where there is no other file and no policy.
IN_A_ZIP = ROOT / "exports/templates/exports/index.html"
DRAWN = {*ROOT.glob("**/templates/**/*.html"), *ROOT.glob("**/jinja2/**/*.html")}
TEMPLATES = sorted(DRAWN - {IN_A_ZIP})
FORBIDDEN = {
    "a style attribute": re.compile(r"\sstyle\s*=", re.IGNORECASE),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    # A block of JSON is data: no browser runs it, and the policy lets it be.
    "an inline script": re.compile(
        r"<script\b(?![^>]*\s(?:src\s*=|type=\"application/json\"))", re.IGNORECASE
    ),
    "an event handler": re.compile(r"\son[a-z]+\s*=", re.IGNORECASE),
    "an htmx handler": re.compile(r"\s(?:data-)?hx-on\b", re.IGNORECASE),
    "a value htmx evaluates": re.compile(r"hx-(?:vals|headers)=[\"']\s*(?:js|javascript):"),
    "a trigger filter htmx evaluates": re.compile(r"hx-trigger=\"[^\"]*\["),
    "a script address": re.compile(r"=\s*[\"']\s*javascript:", re.IGNORECASE),
    "a file from elsewhere": re.compile(
        r"<(?:script|link|img)\b[^>]*(?:src|href)=[\"'](?:https?:)?//"
    ),
}


def _wrong(text: str) -> list[str]:
    return [what for what, pattern in FORBIDDEN.items() if pattern.search(text)]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_holds_nothing_inline(template: Path) -> None:
    assert _wrong(template.read_text(encoding="utf-8")) == []


def test_there_are_templates_to_look_at() -> None:
    assert len(TEMPLATES) > 20


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('<p style="color: red">', "a style attribute"),
        ("<style>p {}</style>", "a style element"),
        ("<script>go()</script>", "an inline script"),
        ('<script type="module">go()</script>', "an inline script"),
        ('<button onclick="go()">', "an event handler"),
        ("<a hx-on:click='go()'>", "an htmx handler"),
        ("<a hx-vals='js:{a: 1}'>", "a value htmx evaluates"),
        ('<a hx-trigger="every 1s [go()]">', "a trigger filter htmx evaluates"),
        ('<a href="javascript:go()">', "a script address"),
        ('<script src="https://cdn.example.com/a.js"></script>', "a file from elsewhere"),
    ],
)
def test_what_is_forbidden_is_found(text: str, what: str) -> None:
    assert _wrong(text) == [what]


def test_our_own_pages_are_not_mistaken() -> None:
    assert _wrong('<script src="{% static "ui/theme.js" %}"></script><a data-once="1">') == []
