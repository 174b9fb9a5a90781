"""E-mail addresses as they are kept and compared: the sign-in name of a person.

Forgiven as people type: spaces around, capitals. A plus tag is part of the address.
Only ASCII letters are folded: "K" (the Kelvin sign) or a Cyrillic "а" stay what they
are, so a look-alike never becomes somebody else's address. A domain in other scripts is
kept in its ASCII form (IDNA, RFC 5891): both spellings name one mailbox.
"""

from __future__ import annotations

import string

_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def normal_email(email: str) -> str:
    """E.g. " Ann+Yard@Bücher.Example " is "ann+yard@xn--bcher-kva.example"."""
    local, at, domain = email.strip().translate(_LOWER).rpartition("@")
    return f"{local}{at}{_ascii(domain)}"


def _ascii(domain: str) -> str:
    if domain.isascii():
        return domain
    try:
        return domain.encode("idna").decode()
    except UnicodeError:
        return domain  # no such domain can be: it equals nothing but itself
