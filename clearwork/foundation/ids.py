"""Identifiers: time-ordered UUIDs for rows, spoken numbers for people."""

from __future__ import annotations

import secrets
import time
import uuid
from collections.abc import Iterable

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_SPOKEN_AS = str.maketrans("OIL", "011")
_LENGTH = 8
_NOISE_BYTES = 10  # 74 random bits
_LOW_62 = (1 << 62) - 1


def uuid7() -> uuid.UUID:
    """A version 7 UUID (RFC 9562, 5.7): sorts by the time it was made.

    The 12 bits after the millisecond are its fraction (6.2, method 3), a quarter of a
    microsecond each: what one process makes one after the other sorts so.
    """
    millis, nanos = divmod(time.time_ns(), 1_000_000)
    fraction = (nanos << 12) // 1_000_000
    noise = fraction << 64 | 0b10 << 62 | secrets.randbits(62)
    return uuid.UUID(int=millis << 80 | 0x7 << 76 | noise)


def many_uuid7(count: int) -> list[uuid.UUID]:
    """As many as uuid7() would make in this millisecond, for a fraction of the time each."""
    fixed = (time.time_ns() // 1_000_000) << 80 | 0x7 << 76 | 0b10 << 62
    noise = secrets.token_bytes(_NOISE_BYTES * count)
    made = []
    for at in range(0, len(noise), _NOISE_BYTES):
        bits = int.from_bytes(noise[at : at + _NOISE_BYTES])
        made.append(uuid.UUID(int=fixed | (bits >> 62 & 0xFFF) << 64 | bits & _LOW_62))
    return made


def read_uuid(text: object) -> uuid.UUID | None:
    """The UUID that an address or a form says, or None where it says none."""
    try:
        return uuid.UUID(str(text))
    except ValueError:
        return None


def read_uuids(texts: Iterable[object]) -> list[uuid.UUID]:
    """The UUIDs among `texts`, in order; the rest is passed over."""
    return [found for found in map(read_uuid, texts) if found]


def check_character(digits: str) -> str:
    """The check symbol of Crockford base32 digits, itself one of the 32.

    The digits are a polynomial over GF(32), evaluated at a generator: any one wrong
    digit and any two exchanged ones show, which a sum modulo 31 (32 is 1 there) or
    modulo 37 (needs five more symbols) does not give.
    """
    value = 0
    for digit in digits:
        value = _doubled(value) ^ CROCKFORD.index(digit)
    return CROCKFORD[_doubled(value)]


def new_number(prefix: str) -> str:
    """A fresh number such as CW-4K7M-2QX9: 35 random bits and one check character."""
    digits = "".join(CROCKFORD[byte % 32] for byte in secrets.token_bytes(_LENGTH - 1))
    return _grouped(prefix, digits + check_character(digits))


def read_number(prefix: str, typed: str) -> str | None:
    """The number a person typed, in its standard form, or None where it cannot be one.

    Lower case, any dashes and spaces, a missing prefix and the look-alikes O, I and L
    are forgiven; a wrong check character is not.
    """
    bare = "".join(c for c in typed.upper() if c.isalnum())
    if len(bare) > _LENGTH:
        bare = bare.removeprefix(prefix)
    bare = bare.translate(_SPOKEN_AS)
    if len(bare) != _LENGTH or any(c not in CROCKFORD for c in bare):
        return None
    return _grouped(prefix, bare) if check_character(bare[:-1]) == bare[-1] else None


def _doubled(element: int) -> int:
    """Times x in GF(32) = GF(2)[x] / (x^5 + x^2 + 1)."""
    doubled = element << 1
    return doubled ^ 0b100101 if doubled & 0b100000 else doubled


def _grouped(prefix: str, digits: str) -> str:
    return f"{prefix}-{digits[:4]}-{digits[4:]}"


def new_control_id() -> str:
    """A message control id (HL7 MSH-10, at most 20 characters)."""
    return "".join(CROCKFORD[byte % 32] for byte in secrets.token_bytes(20))
