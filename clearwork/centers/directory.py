"""What lists filter by: every center, state and service that can be chosen.

Asked for with each list, changed rarely: the database answers with one text, and only a
text that is new is taken apart.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import LiteralString

from clearwork.database import fast
from clearwork.ui.filters import Options

_CENTERS = """
    SELECT json_agg(json_build_array(id, name, city, state) ORDER BY state, city, name)::text
    FROM centers_medicalcenter WHERE is_active
"""
_SERVICES = """
    SELECT json_agg(json_build_array(id, name) ORDER BY name, id)::text
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
    return text or "[]"


@lru_cache(maxsize=8)
def _places(text: str) -> Places:
    listed = json.loads(text)
    named = [(pk, f"{name} ({city}, {state})") for pk, name, city, state in listed]
    states = dict.fromkeys(state for *_, state in listed)
    return Places(
        Options(named, any_of_them="Any center"),
        Options([(state, state) for state in states], any_of_them="Any state"),
    )


@lru_cache(maxsize=8)
def _services(text: str) -> Options:
    return Options(json.loads(text), any_of_them="Any service")
