"""What lists filter by: every center, state and service that can be chosen.

Asked for with each list, changed rarely: the database answers with one text, and only a
text that is new is taken apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import LiteralString

from clearwork.database import fast
from clearwork.ui.filters import Options

# Much less work for PostgreSQL than JSON, or than sorting.
_PART, _ROW = "\x1f", "\x1e"
_CENTERS = r"""
    SELECT string_agg(
        concat_ws(E'\x1f', state, translate(city, E'\x1e\x1f', ''),
            translate(name, E'\x1e\x1f', ''), id), E'\x1e'
    )
    FROM centers_medicalcenter WHERE is_active
"""
_SERVICES = r"""
    SELECT string_agg(concat_ws(E'\x1f', translate(name, E'\x1e\x1f', ''), id), E'\x1e')
    FROM centers_service WHERE is_active
"""


@dataclass(frozen=True)
class Places:
    """Choices for a filter; a center with its city and state."""

    centers: Options
    states: Options


def places() -> Places:
    return _places(_text(_CENTERS))


def services() -> Options:
    return _services(_text(_SERVICES))


def _text(query: LiteralString) -> str:
    ((text,),) = fast.execute(query, []).fetchall()
    return text or ""


@lru_cache(maxsize=8)
def _places(text: str) -> Places:
    listed = _rows(text)
    named = [(pk, f"{name} ({city}, {state})") for state, city, name, pk in listed]
    states = dict.fromkeys(state for state, *_ in listed)
    return Places(
        Options(named, any_of_them="Any center"),
        Options([(state, state) for state in states], any_of_them="Any state"),
    )


@lru_cache(maxsize=8)
def _services(text: str) -> Options:
    return Options([(pk, name) for name, pk in _rows(text)], any_of_them="Any service")


def _rows(text: str) -> list[list[str]]:
    rows = [row.split(_PART) for row in text.split(_ROW) if row]
    return sorted(rows, key=lambda row: [part.casefold() for part in row])
