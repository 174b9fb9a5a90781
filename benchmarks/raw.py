"""The raw limit: the same bytes encrypted, written, fsynced, and one fsynced insert each."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from benchmarks import crowd
from clearwork.database import address, embedded

_TABLE = """
    CREATE TABLE raw_limit (id uuid PRIMARY KEY, name text NOT NULL, size integer NOT NULL);
    GRANT INSERT ON raw_limit TO clearwork_app
"""
_INSERT = "INSERT INTO raw_limit VALUES (gen_random_uuid(), %s, %s)"


@dataclass(frozen=True)
class Part:
    """What one worker stores: `count` documents of these bytes."""

    data: Path
    folder: Path
    document: bytes
    count: int


def prepare(data: Path) -> None:
    with embedded.connect(data, address.DATABASE) as connection:
        connection.execute(_TABLE)


def rate(data: Path, document: bytes, *, workers: int, count: int) -> float:
    """Documents a second with this many workers: threads or processes, whichever is faster."""
    return max(
        workers * count / crowd.threads(storing, _parts(data, document, workers, count)),
        workers * count / crowd.processes(storing, _parts(data, document, workers, count)),
    )


def _parts(data: Path, document: bytes, workers: int, count: int) -> list[Part]:
    """Folders as the documents', beside them: what a new file costs depends on its neighbors."""
    folders = [data / "documents" / f"raw-{worker}" / "2026" / "11" for worker in range(workers)]
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
    return [Part(data, folder, document, count) for folder in folders]


@contextmanager
def storing(part: Part) -> Iterator[Callable[[], None]]:
    url = address.url(part.data, "clearwork_app")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT 1")
        yield lambda: _store(part, connection)


def _store(part: Part, connection: psycopg.Connection) -> None:
    cipher = AESGCM(AESGCM.generate_key(256))
    for _ in range(part.count):
        path = part.folder / os.urandom(16).hex()
        _write(path, cipher.encrypt(os.urandom(12), part.document, None))
        connection.execute(_INSERT, [path.name, len(part.document)])


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, content)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
