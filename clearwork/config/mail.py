"""Where mails go: an SMTP server, or files where none is set."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

_BACKENDS = "django.core.mail.backends"
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_TIMEOUT_SECONDS = 20


def mailer(url: str, data: Path) -> dict[str, Any]:
    """Django's MAILERS entry for CLEARWORK_EMAIL_URL. Only loopback goes unencrypted."""
    if not url:
        folder = data / "mail"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # there are links in mails
        options: dict[str, Any] = {"file_path": str(folder)}
        return {"BACKEND": "clearwork.messaging.files.EmailBackend", "OPTIONS": options}
    parts = urlsplit(url)
    over_tls = parts.scheme == "smtps"
    options = {
        "host": parts.hostname,
        "port": parts.port or (465 if over_tls else 587),
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "use_ssl": over_tls,
        "use_tls": not over_tls and parts.hostname not in _LOOPBACK,
        "timeout": _TIMEOUT_SECONDS,
    }
    return {"BACKEND": f"{_BACKENDS}.smtp.EmailBackend", "OPTIONS": options}
