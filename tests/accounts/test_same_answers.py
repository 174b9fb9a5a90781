"""Whether an address is known cannot be told: not from the answer, not from its time."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from clearwork.accounts.addresses import normal_email
from tests.accounts.people import EMAIL, UNKNOWN, attempt, masked
from tests.cast import Cast

ROUNDS = 9
MOMENTS = ("Date", "Expires", "Last-Modified")


def test_a_wrong_password_and_an_unknown_address_are_answered_alike(cast: Cast) -> None:
    known, unknown = attempt(EMAIL, "wrong"), attempt(UNKNOWN, "wrong")
    assert masked(known, EMAIL) == masked(unknown, UNKNOWN)
    headers = [{k: v for k, v in a.headers.items() if k not in MOMENTS} for a in (known, unknown)]
    sizes = [len(address) for address in (EMAIL, UNKNOWN)]
    for found, size in zip(headers, sizes, strict=True):
        if "Content-Length" in found:
            found["Content-Length"] = str(int(found["Content-Length"]) - size)
    assert headers[0] == headers[1]
    assert known.cookies.keys() == unknown.cookies.keys()


def seconds(ask: Callable[[str], Any], email: str) -> float:
    start = time.perf_counter()
    ask(email)
    return time.perf_counter() - start


@pytest.mark.parametrize(
    "ask",
    [
        lambda email: attempt(email, "wrong"),
        lambda email: Client().post("/sign-in/forgot/", {"email": email}),
    ],
    ids=["sign-in", "reset"],
)
def test_both_take_as_long(cast: Cast, ask: Callable[[str], Any]) -> None:
    """Argon2 takes its tens of milliseconds either way; leaving it out would be seen."""
    ask(EMAIL), ask(UNKNOWN)  # whatever is only done once
    pairs = [(seconds(ask, EMAIL), seconds(ask, UNKNOWN)) for _ in range(ROUNDS)]
    known, unknown = (statistics.median(times) for times in zip(*pairs, strict=True))
    assert 0.5 < known / unknown < 2


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Alice@Northwind.Example", EMAIL),
        (f"  {EMAIL}\t", EMAIL),
        ("alice+yard@northwind.example", "alice+yard@northwind.example"),
        ("a.l.ice@northwind.example", "a.l.ice@northwind.example"),
        ("ann@Bücher.example", "ann@xn--bcher-kva.example"),
        ("ann@XN--BCHER-KVA.example", "ann@xn--bcher-kva.example"),
        ("no at sign", "no at sign"),
        ("", ""),
    ],
)
def test_an_address_is_forgiven_capitals_and_spaces_and_nothing_else(typed: str, kept: str) -> None:
    assert normal_email(typed) == kept


LOOK_ALIKES = [
    "аlice@northwind.example",  # Cyrillic а
    "ａlice@northwind.example",  # full width
    "al\u0131ce@northwind.example",  # dotless i
    "alice@nоrthwind.example",  # Cyrillic о in the domain
    "alice\u200b@northwind.example",  # a zero-width space
    "al\u0456ce@northwind.example",  # Ukrainian і
]


@pytest.mark.parametrize("typed", LOOK_ALIKES)
def test_a_look_alike_is_another_address(cast: Cast, typed: str) -> None:
    assert normal_email(typed) != EMAIL
    assert "Location" not in attempt(typed)


def test_the_kelvin_sign_is_no_k() -> None:
    assert normal_email("\u212aim@example.com") != "kim@example.com"


def test_a_plus_tag_is_part_of_the_address(cast: Cast) -> None:
    assert "Location" not in attempt("alice+x@northwind.example")
