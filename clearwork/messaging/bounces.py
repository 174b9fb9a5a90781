"""Mail that comes back. What is to be followed has a return address of its own, signed:
`bounces+<what was sent><signature>@…`, so that a report there is of that mail and of no other.

What became of it a delivery status notification says (RFC 3464), in codes of RFC 3463.
"""

from __future__ import annotations

import hmac
import re
from base64 import b32decode, b32encode
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from email.utils import getaddresses
from uuid import UUID

from django.conf import settings
from django.utils.crypto import salted_hmac

_ID_BYTES, _SIGNATURE_BYTES = 16, 14
_WHOLE = re.compile(r"[a-z2-7]{48}")  # both in base32: mail servers may change the case
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_NO_SERVER = "No mail server answers for this address. Check what stands after the @."
# The longest beginning that fits says it.
_WHY = {
    "5": "The mail server at this address did not accept it.",
    "5.1": "There is no such mailbox. Check the address.",
    "5.1.2": _NO_SERVER,
    "5.2": "The mailbox at this address takes no mail.",
    "5.2.2": "The mailbox at this address is full.",
    "5.4": _NO_SERVER,
    "5.7": "The mail server at this address refused it. Its owner may have to allow our mail.",
    "4": "The mail server at this address could not be reached for days.",
    "4.2.2": "The mailbox at this address has been full for days.",
}


def return_address(sent: UUID) -> str:
    """Where this mail comes back to; "" where the network reads no bounces."""
    mailbox, _, host = settings.ENVIRONMENT.bounce_address.partition("@")
    signed = b32encode(sent.bytes + _signature(sent)).decode().lower()
    return f"{mailbox}+{signed}@{host}" if host else ""


def returned(address: str) -> UUID | None:
    """What was sent with this return address; None for one that was not made here."""
    _, _, signed = address.rpartition("@")[0].lower().rpartition("+")
    if not _WHOLE.fullmatch(signed):
        return None
    raw = b32decode(signed.upper())
    sent = UUID(bytes=raw[:_ID_BYTES])
    return sent if hmac.compare_digest(raw[_ID_BYTES:], _signature(sent)) else None


def addresses(report: Message) -> list[str]:
    """Where a report came to, by the headers that mail servers write."""
    names = ("X-Original-To", "Delivered-To", "To")
    named = [str(value) for name in names for value in report.get_all(name, [])]
    return [address for _, address in getaddresses(named)]


def read(raw: bytes) -> Message:
    return message_from_bytes(raw)


def why_undeliverable(report: Message) -> str:
    """In plain words; "" for whatever is no report of a mail that was given up."""
    for fields in _recipients(report):
        status = _STATUS.search(str(fields.get("Status", "")))
        if str(fields.get("Action", "")).strip().lower() == "failed":
            return _in_words(status[0] if status else "5")
    return ""


def _recipients(report: Message) -> Iterator[Message]:
    """The blocks of fields that a report holds, one for the mail and one for each address."""
    for part in report.walk():
        blocks = part.get_payload()
        if part.get_content_type() == "message/delivery-status" and isinstance(blocks, list):
            yield from (block for block in blocks if isinstance(block, Message))


def _in_words(status: str) -> str:
    fitting = [code for code in _WHY if f"{status}.".startswith(f"{code}.")]
    return _WHY[max(fitting, key=len, default="5")]


def _signature(sent: UUID) -> bytes:
    signed = salted_hmac("clearwork.bounce", str(sent), algorithm="sha256")
    return signed.digest()[:_SIGNATURE_BYTES]
