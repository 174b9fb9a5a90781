"""Sealing: what goes in comes out, and nothing else ever does."""

from __future__ import annotations

import os
import time
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearwork.documents import crypto
from clearwork.documents.crypto import OVERHEAD, SealBroken, open_sealed, seal

MASTER = bytes(range(32))
OTHER = bytes(range(1, 33))
NAME = "reports/2026/11/0192.pdf.sealed"


@given(st.binary(max_size=5000), st.text(min_size=1, max_size=300))
def test_every_document_comes_back_byte_for_byte(plain: bytes, name: str) -> None:
    sealed = seal(plain, master=MASTER, name=name)
    assert open_sealed(sealed, masters=[MASTER], name=name) == plain
    assert len(sealed) == len(plain) + OVERHEAD


def test_the_plain_bytes_are_nowhere_in_the_sealed_ones() -> None:
    plain = b"Maria Gonzalez " * 40
    sealed = seal(plain, master=MASTER, name=NAME)
    assert b"Maria" not in sealed
    assert MASTER not in sealed


def test_sealing_twice_uses_another_key_and_nonce() -> None:
    first, second = (seal(b"same", master=MASTER, name=NAME) for _ in range(2))
    assert first[:13] == second[:13]
    assert not {first[13:25], first[25:73], first[73:85], first[85:]} & {
        second[13:25],
        second[25:73],
        second[73:85],
        second[85:],
    }


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_one_altered_byte_anywhere_breaks_the_seal(position: int, change: int) -> None:
    sealed = bytearray(seal(b"result", master=MASTER, name=NAME))
    sealed[position % len(sealed)] ^= change
    with pytest.raises(SealBroken):
        open_sealed(bytes(sealed), masters=[MASTER], name=NAME)


@given(st.integers(min_value=0, max_value=OVERHEAD + 5))
def test_a_truncated_document_does_not_open(length: int) -> None:
    sealed = seal(b"result", master=MASTER, name=NAME)
    with pytest.raises(SealBroken):
        open_sealed(sealed[:length], masters=[MASTER], name=NAME)


@given(st.binary(max_size=400))
def test_foreign_bytes_break_the_seal_and_nothing_else(noise: bytes) -> None:
    for candidate in (noise, crypto.MAGIC + noise, _header() + noise):
        with pytest.raises(SealBroken):
            open_sealed(candidate, masters=[MASTER], name=NAME)


def _header() -> bytes:
    return seal(b"", master=MASTER, name=NAME)[:13]


def test_a_document_moved_to_another_name_does_not_open() -> None:
    sealed = seal(b"for Alice", master=MASTER, name="alice")
    with pytest.raises(SealBroken, match="moved"):
        open_sealed(sealed, masters=[MASTER], name="bob")


def test_the_key_of_one_document_does_not_open_another() -> None:
    alice = seal(b"for Alice", master=MASTER, name=NAME)
    carol = seal(b"for Carol", master=MASTER, name=NAME)
    with pytest.raises(SealBroken):
        open_sealed(alice[:85] + carol[85:], masters=[MASTER], name=NAME)


def test_another_master_key_does_not_open_it() -> None:
    sealed = seal(b"result", master=MASTER, name=NAME)
    with pytest.raises(SealBroken, match="master key"):
        open_sealed(sealed, masters=[OTHER], name=NAME)


def test_a_retired_master_key_still_opens_what_it_sealed() -> None:
    sealed = seal(b"result", master=OTHER, name=NAME)
    assert open_sealed(sealed, masters=[MASTER, OTHER], name=NAME) == b"result"


def test_a_master_key_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        seal(b"result", master=MASTER[:16], name=NAME)


def test_sealing_50_kb_takes_a_small_part_of_a_write() -> None:
    document = os.urandom(50_000)
    assert median(_milliseconds(document) for _ in range(50)) < 0.15


def _milliseconds(document: bytes) -> float:
    start = time.perf_counter()
    seal(document, master=MASTER, name=NAME)
    return (time.perf_counter() - start) * 1000
