"""Text as people type it and as the database compares it."""

from __future__ import annotations

import re
import unicodedata

_PHONE = re.compile(r"[0-9+().\-/ x]+", re.IGNORECASE)
_PHONE_DIGITS = range(7, 21)
# What Excel, LibreOffice and Google Sheets may take for a formula, or for a cell's end
# (OWASP, "CSV Injection").
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_SIGNED_NUMBER = re.compile(r"[+-][0-9]+(\.[0-9]+)?")  # a phone number in E.164, too
# Letters that Unicode does not take apart, as people without the key type them.
_PLAIN = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "þ": "th", "æ": "ae", "œ": "oe"}
    # What phones and word processors write for the keys ' and -.
    | dict.fromkeys("\u2018\u2019\u02bc", "'")
    | dict.fromkeys("\u2010\u2013", "-")
)
# Chinese, Japanese and Korean (decomposed): family and given name are written as one word.
_EAST_ASIAN = "[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
_SPACE_BETWEEN = re.compile(f"(?<={_EAST_ASIAN}) (?={_EAST_ASIAN})")


def search_key(*parts: str) -> str:
    """Parts joined for comparison: no accents, no case, single spaces, none in 王 小明.

    >>> search_key("  José ", "NÚÑEZ")
    'jose nunez'
    >>> search_key("Łukasz", "Ørsted"), search_key("王", "小明")
    ('lukasz orsted', '王小明')
    """
    joined = " ".join(parts)
    if joined.isascii() and joined.isprintable():  # most names, of which the rest changes nothing
        return " ".join(joined.casefold().split())
    decomposed = unicodedata.normalize("NFKD", joined)
    plain = "".join(c for c in decomposed if not _is_unseen(c))
    return _SPACE_BETWEEN.sub("", " ".join(plain.casefold().translate(_PLAIN).split()))


def _is_unseen(c: str) -> bool:
    """An accent, or what a paste brings along: zero-width spaces, soft hyphens, directions."""
    is_control = unicodedata.category(c) in ("Cc", "Cf") and not c.isspace()
    return is_control or unicodedata.combining(c) > 0


def prefix_end(prefix: str) -> str:
    """The smallest string above all that start with `prefix` under the "C" collation."""
    return prefix + "\U0010ffff"


def is_phone(typed: str) -> bool:
    """Whether this could be dialled: 7 to 20 digits and the signs people put between them.

    >>> is_phone("214-555-0100 x12"), is_phone("ask Bob")
    (True, False)
    """
    digits = sum(c.isdecimal() for c in typed)
    return bool(_PHONE.fullmatch(typed)) and digits in _PHONE_DIGITS


def sentence(words: str) -> str:
    """With a full stop; after a name such as "Lone Prairie Freight, Inc." there is one already."""
    return words if words.endswith(".") else f"{words}."


def safe_cell(text: str) -> str:
    """Text that a spreadsheet program shows and never runs: an apostrophe before a formula.

    >>> safe_cell("=1+1"), safe_cell("-5"), safe_cell("Garcia")
    ("'=1+1", '-5', 'Garcia')
    """
    acts = text.startswith(_STARTS_A_FORMULA) and not _SIGNED_NUMBER.fullmatch(text)
    return f"'{text}" if acts else text
