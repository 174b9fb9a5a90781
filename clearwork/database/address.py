"""Where the embedded PostgreSQL listens."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

DATABASE = "clearwork"
_SOCKET_PATH_LIMIT = 90  # sockaddr_un holds 107 characters, and PostgreSQL adds its file name


def socket_folder(data: Path) -> Path:
    """Where the server's socket lives: in the data folder unless its path is too long."""
    folder = data.resolve() / "postgres.socket"
    if len(str(folder)) <= _SOCKET_PATH_LIMIT:
        return folder
    digest = hashlib.sha256(str(folder).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"clearwork-{digest}"


def url(data: Path, role: str, database: str = DATABASE) -> str:
    host = str(socket_folder(data)).replace("/", "%2F")
    return f"postgresql://{role}@{host}/{database}"
