"""Which column holds what: by name, in any order, however it is written."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_CLOSE = 0.82


@dataclass(frozen=True)
class Field:
    """Something a column may hold. `names` are what people call it, in any language."""

    key: str
    label: str
    names: Sequence[str] = ()
    example: str = ""


@dataclass(frozen=True)
class Match:
    """The field of each column (None: not used), and the columns whose field is a guess."""

    keys: tuple[str | None, ...]
    guessed: frozenset[int] = frozenset()


def match(headers: Sequence[str], fields: Sequence[Field]) -> Match:
    """Each field is given to one column at most: the exact name first, then the closest."""
    known = {plain(name): f.key for f in fields for name in (f.label, f.key, *f.names)}
    keys: list[str | None] = [None] * len(headers)
    for column, header in enumerate(headers):
        key = known.get(plain(header))
        keys[column] = key if key not in keys else None
    guessed = _guess(headers, known, keys)
    return Match(tuple(keys), guessed)


def plain(header: str) -> str:
    """A header for comparison: letters and digits alone, no accents, no case.

    >>> plain("Date of Birth*"), plain("  date_of-birth ")
    ('dateofbirth', 'dateofbirth')
    """
    decomposed = unicodedata.normalize("NFKD", header).casefold()
    return "".join(c for c in decomposed if c.isalnum())


def _guess(
    headers: Sequence[str], known: Mapping[str, str], keys: list[str | None]
) -> frozenset[int]:
    guessed = set()
    for column, header in enumerate(headers):
        near = difflib.get_close_matches(plain(header), known, n=1, cutoff=_CLOSE)
        if keys[column] is None and near and known[near[0]] not in keys:
            keys[column] = known[near[0]]
            guessed.add(column)
    return frozenset(guessed)
