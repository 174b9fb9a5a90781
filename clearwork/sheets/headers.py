"""Which column holds what: by name, in any order, however it is written."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_CLOSE = 0.82
_NUMBER = re.compile(r"(?<=\w)\s*#")  # "#" alone counts the rows
_ASIDE = re.compile(r"\(.*?\)|\[.*?\]")
# "Employee last name", "Driver DOB": whose it is goes without saying.
_WHOSE = frozenset(
    ("employee", "emp", "ee", "worker", "associate", "driver", "applicant", "candidate", "legal")
)


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
    for spelling in _SPELLINGS:
        for column, header in enumerate(headers):
            key = known.get(spelling(header))
            if keys[column] is None and key not in keys:
                keys[column] = key
    guessed = _guess(headers, known, keys)
    return Match(tuple(keys), guessed)


def plain(header: str) -> str:
    """A header for comparison: letters and digits alone, no accents, no case.

    >>> plain("Date of Birth*"), plain("  date_of-birth "), plain("Employee #")
    ('dateofbirth', 'dateofbirth', 'employeenumber')
    """
    decomposed = unicodedata.normalize("NFKD", header).casefold()
    return "".join(c for c in _NUMBER.sub("number", decomposed) if c.isalnum())


def _without_aside(header: str) -> str:
    """ "Date of birth (MM/DD/YYYY)" is the date of birth."""
    return plain(_ASIDE.sub(" ", header))


def _without_owner(header: str) -> str:
    owner, _, rest = _ASIDE.sub(" ", header).strip().partition(" ")
    return plain(rest) if plain(owner) in _WHOSE else ""


def _guess(
    headers: Sequence[str], known: Mapping[str, str], keys: list[str | None]
) -> frozenset[int]:
    guessed = set()
    for column, header in enumerate(headers):
        if any(spelling(header) in known for spelling in _SPELLINGS):
            continue
        near = difflib.get_close_matches(plain(header), known, n=1, cutoff=_CLOSE)
        if near and known[near[0]] not in keys:
            keys[column] = known[near[0]]
            guessed.add(column)
    return frozenset(guessed)


_SPELLINGS = (plain, _without_aside, _without_owner)
