"""Where the embedded PostgreSQL listens."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

DATABASE = "clearwork"
_SOCKET_PATH_LIMIT = 90  # sockaddr_un holds 107 characters, and PostgreSQL adds its file name


def socket_folder(data: Path) -> Path:
    """Where the server's socket lives: in the data folder unless its path is too long."""
    wanted = data.resolve() / "postgres.socket"
    name = f"clearwork-{hashlib.sha256(str(wanted).encode()).hexdigest()[:16]}"
    short = (wanted, Path(tempfile.gettempdir()) / name)
    return next((p for p in short if len(str(p)) <= _SOCKET_PATH_LIMIT), Path("/tmp") / name)  # noqa: S108


def url(data: Path, role: str, database: str = DATABASE) -> str:
    host = str(socket_folder(data)).replace("/", "%2F")
    return f"postgresql://{role}@{host}/{database}"
