"""The secrets in links we mail: 256 bits, made again from the row's id, kept only as a hash."""

from __future__ import annotations

import hashlib
import hmac
from uuid import UUID

from django.utils.crypto import salted_hmac


def token(purpose: str, row_id: UUID) -> str:
    """The token of one row, in hex. Whoever holds neither the server's key nor the mail
    cannot make it; the job that mails it needs the id alone."""
    return salted_hmac(f"clearwork.link.{purpose}", str(row_id), algorithm="sha256").hexdigest()


def token_hash(value: str) -> bytes:
    return hashlib.sha256(value.encode()).digest()


def is_token(value: str, kept: bytes | memoryview) -> bool:
    return hmac.compare_digest(token_hash(value), bytes(kept))
