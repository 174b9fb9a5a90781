"""The key under which a browser keeps a form that is not sent yet (see ui/kept.js).

A phone may be shared: what was typed lies there encrypted, and only pages of the same signed-in
person carry the key. Signing out removes the text; the key is never stored in the browser.
"""

from __future__ import annotations

import base64
from uuid import UUID

from django.utils.crypto import salted_hmac


def key_for(user_id: UUID) -> str:
    """32 bytes for AES-256-GCM, in base64: the same for one person until the secret changes."""
    digest = salted_hmac("clearwork.forms.kept", str(user_id), algorithm="sha256").digest()
    return base64.b64encode(digest).decode()
