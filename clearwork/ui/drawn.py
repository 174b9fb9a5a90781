"""Parts of pages that look the same for the same values: drawn once, then kept."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from django.utils.safestring import SafeString

_MOST = 2_000
_kept: dict[Hashable, SafeString] = {}


def once(key: Hashable, draw: Callable[[], str]) -> SafeString:
    """What `draw` gives, safe to show. `key` must name everything that it looks at."""
    found = _kept.get(key)
    if found is None:
        if len(_kept) >= _MOST:
            _kept.clear()
        found = _kept[key] = SafeString(draw())
    return found
