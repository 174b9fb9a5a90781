"""Keys kept in the data folder, made on first use (production sets its own)."""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path


def kept(folder: Path, name: str) -> str:
    """The secret `name`: 32 random bytes in base64, the same at every start.

    Stops the start (SystemExit) where the folder cannot be written or read.
    """
    path = folder / "keys" / name
    try:
        if not path.exists():
            _write_once(path, base64.b64encode(secrets.token_bytes(32)))
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise SystemExit(
            f"CLEARWORK_DATA: {error.filename}: {error.strerror}. "
            "Fix: name a folder that this user can write to, on a disk with space."
        ) from None


def _write_once(path: Path, value: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_suffix(f".{os.getpid()}.new")
    draft.touch(mode=0o600)
    try:
        draft.write_bytes(value)
        os.link(draft, path)  # two processes starting at once agree on the first
    except FileExistsError:
        pass
    finally:
        draft.unlink()
