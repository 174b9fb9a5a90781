"""How a person's name is compared. Pure."""

from __future__ import annotations

from typing import TypedDict

from clearwork.foundation.text import search_key

# A name of 100 characters can have a key many times as long: one Korean syllable has three letters.
KEY_LENGTH = 210


class NameKeys(TypedDict):
    name_key: str
    name_key_reversed: str


def name_keys(first_name: str, last_name: str) -> NameKeys:
    return {
        "name_key": search_key(first_name, last_name)[:KEY_LENGTH],
        "name_key_reversed": search_key(last_name, first_name)[:KEY_LENGTH],
    }
