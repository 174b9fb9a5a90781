"""What a pass's link carries: which pass it is, and the 256-bit secret that proves the link."""

from __future__ import annotations

import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from uuid import UUID

from django.utils.crypto import salted_hmac

from clearwork.accounts import tokens

_PURPOSE = "pass"
_ID_BYTES, _SECRET_BYTES = 16, 32
_WHOLE = re.compile("[A-Za-z0-9_-]{64}")  # 48 bytes in base64, without padding
_CODES = 1_000_000


def token(pass_id: UUID) -> str:
    """64 URL-safe characters. Made again from the id by the job that sends it; never stored."""
    secret = bytes.fromhex(tokens.token(_PURPOSE, pass_id))
    return urlsafe_b64encode(pass_id.bytes + secret).decode()


def kept(pass_id: UUID) -> bytes:
    """The hash to keep of a pass's secret."""
    return tokens.token_hash(tokens.token(_PURPOSE, pass_id))


def parts(typed: str) -> tuple[UUID, str]:
    """The id and the secret in a link. What is no link gives those of no pass."""
    raw = bytes(_ID_BYTES + _SECRET_BYTES)
    if _WHOLE.fullmatch(typed):
        raw = urlsafe_b64decode(typed)
    return UUID(bytes=raw[:_ID_BYTES]), raw[_ID_BYTES:].hex()


def code(pass_id: UUID, asked_at: datetime) -> str:
    """The six digits that were asked for at that moment; the job that sends them needs no more."""
    at = asked_at.astimezone(UTC).isoformat()
    digest = salted_hmac("clearwork.pass.code", f"{pass_id}/{at}", algorithm="sha256").digest()
    return f"{int.from_bytes(digest[:8]) % _CODES:06d}"


def is_code(typed: str, pass_id: UUID, asked_at: datetime) -> bool:
    given = "".join(character for character in typed if character.isdigit() and character.isascii())
    return hmac.compare_digest(given, code(pass_id, asked_at))
