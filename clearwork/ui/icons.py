"""Tabler's outline icons, read from the installed npm package and inlined in pages.

Inlining serves only what a page draws and lets icons take the text's colour.
"""

from __future__ import annotations

import functools
import re
from pathlib import Path

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

FOLDER = "node_modules/@tabler/icons/icons/outline"
_BODY = re.compile(r"<svg[^>]*>(?P<body>.*)</svg>", re.DOTALL)
_CANVAS = re.compile(r'<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>')
_OPEN = (
    '<svg class="cw-icon" viewBox="0 0 24 24" width="24" height="24" fill="none" '
    'stroke="currentColor" stroke-width="1.75" stroke-linecap="round" '
    'stroke-linejoin="round" aria-hidden="true" focusable="false">'
)


class UnknownIconError(LookupError):
    """No icon of that name, or the npm packages are not installed."""


@functools.cache
def svg(name: str) -> SafeString:
    """Return the icon's inline SVG, hidden from assistive technology.

    Raises UnknownIconError for a name Tabler does not have.
    """
    if not re.fullmatch(r"[a-z0-9-]+", name):
        raise UnknownIconError(f"{name!r} is no icon name")
    try:
        source = (Path(settings.ROOT) / FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise UnknownIconError(f"no icon {name!r}; is `npm ci` done?") from error
    found = _BODY.search(source)
    body = _CANVAS.sub("", found["body"]) if found else ""
    # Tabler's own artwork, pinned by package-lock.json: no viewer's input in it.
    return mark_safe(_OPEN + " ".join(body.split()) + "</svg>")  # noqa: S308
