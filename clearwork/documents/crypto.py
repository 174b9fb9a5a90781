"""Sealed documents: one AES-256-GCM key per document, wrapped by a master key.

A sealed document is a fixed header and the ciphertext, so its plain size is its
sealed size less `OVERHEAD`:

    offset  bytes
         0      4  magic "CWSD"
         4      1  format version, 1
         5      8  id of the master key (a hash of it, see `key_id`)
        13     12  nonce of the wrapped key
        25     48  the document's key, encrypted under the master key, with its tag
        73     12  nonce of the document
        85      …  the document, encrypted under its own key, with its 16-byte tag

The first 13 bytes and the document's name are associated data of both
encryptions: a sealed document put under another name does not open.
Pure functions: no Django, no files. GCM is NIST SP 800-38D.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC = b"CWSD"
VERSION = 1
KEY_BYTES = 32
_NONCE = 12
_TAG = 16
_KEY_ID = 8
_PREFIX = len(MAGIC) + 1 + _KEY_ID
_WRAPPED = _PREFIX + _NONCE
_DOCUMENT_NONCE = _WRAPPED + KEY_BYTES + _TAG
_DOCUMENT = _DOCUMENT_NONCE + _NONCE
OVERHEAD = _DOCUMENT + _TAG


class SealBroken(Exception):
    """The bytes do not open: damaged, truncated, moved to another name, or a foreign key."""


def key_id(master: bytes) -> bytes:
    """The 8 bytes a sealed document names its master key by; they tell nothing of the key."""
    return hashlib.sha256(b"clearwork master key id\0" + master).digest()[:_KEY_ID]


def seal(plain: bytes, *, master: bytes, name: str) -> bytes:
    """Encrypt `plain` under a fresh key of its own, bound to `name`.

    Raises ValueError unless `master` is 32 bytes.
    """
    prefix = _prefix(master)
    bound = _bound(prefix, name)
    key = os.urandom(KEY_BYTES)
    wrap_nonce, nonce = os.urandom(_NONCE), os.urandom(_NONCE)
    wrapped = AESGCM(master).encrypt(wrap_nonce, key, bound)
    return b"".join((prefix, wrap_nonce, wrapped, nonce, AESGCM(key).encrypt(nonce, plain, bound)))


def open_sealed(sealed: bytes, *, masters: Sequence[bytes], name: str) -> bytes:
    """The plain bytes sealed under `name` by one of `masters` (the current one, then retired).

    Raises SealBroken where they cannot be had whole and unaltered.
    """
    prefix = sealed[:_PREFIX]
    if len(sealed) < OVERHEAD or not prefix.startswith(MAGIC):
        raise SealBroken("Not a sealed document, or its end is missing.")
    master = next((m for m in masters if _prefix(m) == prefix), None)
    if master is None:
        raise SealBroken("Sealed in another version, or under a master key that is not at hand.")
    bound = _bound(prefix, name)
    try:
        key = AESGCM(master).decrypt(
            sealed[_PREFIX:_WRAPPED], sealed[_WRAPPED:_DOCUMENT_NONCE], bound
        )
        nonce = sealed[_DOCUMENT_NONCE:_DOCUMENT]
        return AESGCM(key).decrypt(nonce, memoryview(sealed)[_DOCUMENT:], bound)
    except InvalidTag:
        raise SealBroken("Altered since it was sealed, or moved to another name.") from None


def _prefix(master: bytes) -> bytes:
    if len(master) != KEY_BYTES:
        raise ValueError(f"A master key is {KEY_BYTES} bytes, not {len(master)}.")
    return MAGIC + bytes((VERSION,)) + key_id(master)


def _bound(prefix: bytes, name: str) -> bytes:
    return prefix + name.encode("utf-8")
