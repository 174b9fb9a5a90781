"""Text as people type it and as the database compares it."""

from __future__ import annotations

import unicodedata


def search_key(*parts: str) -> str:
    """Parts joined for comparison: no accents, no case, single spaces.

    >>> search_key("  José ", "NÚÑEZ")
    'jose nunez'
    """
    decomposed = unicodedata.normalize("NFKD", " ".join(parts))
    plain = "".join(c for c in decomposed if not unicodedata.combining(c))
    return " ".join(plain.casefold().split())


def prefix_end(prefix: str) -> str:
    """The smallest string above all that start with `prefix` under the "C" collation."""
    return prefix + "\U0010ffff"
