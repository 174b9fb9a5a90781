"""Files that appear whole or not at all, and stay after a power failure (Linux).

Each file is written without a name (O_TMPFILE), fsynced, linked to its name (which
fails where the name is taken, as a rename would not) and its folder fsynced. A process
killed at any point leaves nothing. Where the file system knows no files without a name
(NFS, some container layers) a hidden draft takes their place; one that a killed process
left there is read by no one and cleared by `remove_drafts`. Pure file functions: no Django.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from io import FileIO
from itertools import batched
from pathlib import Path

FILE_MODE = 0o600
FOLDER_MODE = 0o700
DRAFT_SUFFIX = ".draft"
_NO_TMPFILE = {errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL}  # as open(2) names them
_OPEN_AT_ONCE = 64  # far below the usual limit of 1,024 open files
_THREADS = 4  # enough to share the journal's commits; more only wait for each other


def write_new(files: Sequence[tuple[str, bytes]]) -> None:
    """Write all of `files`, (absolute path, content), or none of them.

    Raises FileExistsError where a path is taken, OSError where the disk refuses.
    """
    folders = {os.path.dirname(path) for path, _ in files}
    for folder in folders:
        make_folder(folder)
    published: list[str] = []
    try:
        for batch in batched(files, _OPEN_AT_ONCE):
            _write_batch(batch, published)
    except OSError:
        for path in published:
            remove(path)
        raise
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


class _Draft:
    """A file that has no name yet, or only a hidden one."""

    def __init__(self, path: str, content: bytes) -> None:
        folder, name = os.path.split(path)
        self.path = path
        self._folder = folder
        self._content = content
        self._name = name
        self._hidden = ""
        self._file: FileIO | None = None

    def write(self) -> None:
        self._file = os.fdopen(self._open(), "wb", buffering=0)
        rest = memoryview(self._content)
        while rest:
            rest = rest[self._file.write(rest) or 0 :]
        os.fsync(self._file.fileno())

    def publish(self) -> None:
        if self._file is None:
            raise ValueError("write() comes before publish()")
        descriptor = self._file.fileno()
        # Only with a directory's descriptor, unused here, does Python follow the symbolic link.
        os.link(f"/proc/self/fd/{descriptor}", self.path, src_dir_fd=descriptor)

    def discard(self) -> None:
        with contextlib.suppress(OSError):  # a full disk fails again to flush at the close
            if self._file is not None:
                self._file.close()
        if self._hidden:
            remove(self._hidden)

    def _open(self) -> int:
        try:
            return os.open(self._folder, os.O_WRONLY | os.O_TMPFILE, FILE_MODE)
        except OSError as error:
            if error.errno not in _NO_TMPFILE:
                raise
        draft = f".{self._name}.{secrets.token_hex(4)}{DRAFT_SUFFIX}"
        self._hidden = os.path.join(self._folder, draft)
        return os.open(self._hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)


def _write_batch(files: Sequence[tuple[str, bytes]], published: list[str]) -> None:
    """Write `files`, then give each its name, adding it to `published`."""
    drafts = [_Draft(path, content) for path, content in files]
    try:
        _write(drafts)
        for draft in drafts:
            draft.publish()
            published.append(draft.path)
    finally:
        for draft in drafts:
            draft.discard()


def _write(drafts: Sequence[_Draft]) -> None:
    if len(drafts) == 1:
        drafts[0].write()
        return
    written = [_pool().submit(draft.write) for draft in drafts]
    errors = [error for each in written if (error := each.exception()) is not None]
    if errors:  # raised only now: no thread may still write a draft that is being discarded
        raise errors[0]


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_THREADS, thread_name_prefix="durable")


os.register_at_fork(after_in_child=_pool.cache_clear)  # threads do not survive a fork
