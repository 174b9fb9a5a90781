"""The data folder: is it ours, can it be written, is the demo running on it already."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from clearwork.demo.refusal import Refusal

LOCK = "clearwork.lock"  # its presence also marks the folder as Clearwork's
_OWN = {"keys", "documents", "mail", "texts", "static"} | {
    "postgres",
    "postgres.socket",
    "postgres.log",
}
_LEAST_FREE_MEGABYTES = 200
_PROBE_BYTES = 1024 * 1024
_REASONS = {
    errno.ENOSPC: "its disk is full",
    errno.EDQUOT: "its disk quota is used up",
    errno.EROFS: "its disk is read-only",
    errno.EACCES: "this user may not write there",
    errno.EPERM: "this user may not write there",
}


@contextmanager
def locked(data: Path) -> Iterator[None]:
    """Hold the folder for this process alone; Refusal where that cannot be."""
    try:
        _prepare(data)
        lock = (data / LOCK).open("a+")
    except OSError as error:
        raise Refusal(unusable(data, error)) from error
    with lock:
        _take(data, lock.fileno())
        yield


def clear(data: Path) -> None:
    """Remove all that the folder holds. The caller holds its lock."""
    for path in sorted(data.iterdir(), key=lambda path: path.name == LOCK):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def is_ours(data: Path) -> bool:
    return (data / LOCK).is_file()


def unusable(data: Path, error: OSError) -> str:
    """Why the data folder cannot be used, in one line with a fix."""
    reason = _REASONS.get(error.errno or 0, os.strerror(error.errno or 0))
    return f"The data folder {data} cannot be written: {reason}. Fix it or set CLEARWORK_DATA."


def _prepare(data: Path) -> None:
    data.mkdir(parents=True, exist_ok=True)
    strangers = {path.name for path in data.iterdir()} - _OWN
    if strangers and not is_ours(data):
        raise Refusal(
            f"The data folder {data} holds other things ({min(strangers)})."
            " Set CLEARWORK_DATA to a folder of its own."
        )
    _probe(data / f"probe.{os.getpid()}")
    free = shutil.disk_usage(data).free // 1024**2
    if free < _LEAST_FREE_MEGABYTES:
        raise Refusal(
            f"The disk of {data} is full: {free} MB are free, {_LEAST_FREE_MEGABYTES} are needed."
        )


def _probe(path: Path) -> None:
    try:
        with path.open("wb") as file:
            file.write(b"\0" * _PROBE_BYTES)
            os.fsync(file.fileno())
    finally:
        path.unlink(missing_ok=True)


def _take(data: Path, lock: int) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise Refusal(
            f"Clearwork already runs with the data folder {data}. Stop it first."
        ) from error
