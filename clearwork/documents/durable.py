"""Files that appear whole or not at all, and stay after a power failure.

Each file is written under a hidden draft name, fsynced, linked to its name (which
fails where the name is taken, as a rename would not) and its folder fsynced. A
process killed at any point leaves at most a draft, which no one reads and
`remove_drafts` clears. Pure file functions: no Django.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

FILE_MODE = 0o600
FOLDER_MODE = 0o700
DRAFT_SUFFIX = ".draft"
_THREADS = 4  # enough to share the journal's commits; more only wait for each other


def write_new(files: Sequence[tuple[str, bytes]]) -> None:
    """Write all of `files`, (absolute path, content), or none of them.

    Raises FileExistsError where a path is taken, OSError where the disk refuses.
    """
    folders = {os.path.dirname(path) for path, _ in files}
    for folder in folders:
        make_folder(folder)
    drafts = [_draft_name(path) for path, _ in files]
    try:
        _write_drafts(drafts, [content for _, content in files])
        _publish(drafts, [path for path, _ in files])
    finally:
        for draft in drafts:
            remove(draft)
    for folder in folders:
        sync_folder(folder)


def make_folder(folder: str) -> None:
    """Make `folder` and what is missing above it, for this user alone."""
    if os.path.isdir(folder):
        return
    parent = os.path.dirname(folder)
    make_folder(parent)
    try:
        os.mkdir(folder, FOLDER_MODE)
    except FileExistsError:
        if not os.path.isdir(folder):
            raise
    sync_folder(parent)


def remove(path: str) -> None:
    """Remove the file if it is there."""
    Path(path).unlink(missing_ok=True)


def remove_drafts(root: Path, *, before: float) -> int:
    """Clear drafts that killed processes left, last written `before` (POSIX seconds)."""
    stale = [p for p in root.rglob(f".*{DRAFT_SUFFIX}") if p.stat().st_mtime < before]
    for draft in stale:
        draft.unlink(missing_ok=True)
    return len(stale)


def sync_folder(folder: str) -> None:
    """Make the names in `folder` survive a power failure."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _draft_name(path: str) -> str:
    folder, name = os.path.split(path)
    return os.path.join(folder, f".{name}.{secrets.token_hex(4)}{DRAFT_SUFFIX}")


def _write_drafts(drafts: Sequence[str], contents: Sequence[bytes]) -> None:
    if len(drafts) == 1:
        _write_draft(drafts[0], contents[0])
        return
    written = [_pool().submit(_write_draft, *draft) for draft in zip(drafts, contents, strict=True)]
    errors = [error for each in written if (error := each.exception()) is not None]
    if errors:  # raised only now: no thread may still write a draft that is being removed
        raise errors[0]


def _write_draft(draft: str, content: bytes) -> None:
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)


def _publish(drafts: Sequence[str], paths: Sequence[str]) -> None:
    published: list[str] = []
    try:
        for draft, path in zip(drafts, paths, strict=True):
            os.link(draft, path)
            published.append(path)
    except OSError:
        for path in published:
            remove(path)
        raise


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_THREADS, thread_name_prefix="durable")


os.register_at_fork(after_in_child=_pool.cache_clear)  # threads do not survive a fork
