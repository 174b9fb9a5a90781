"""An export's file as sealed parts: written and read without ever holding the whole of it."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO

from clearwork.access.decide import Viewer
from clearwork.database import scope
from clearwork.documents.crypto import SealBroken
from clearwork.documents.storage import read_document, reserve_document, save_reserved
from clearwork.exports import actions
from clearwork.exports.models import Export
from clearwork.exports.queries import part_names

PART_BYTES = 4 * 1024 * 1024
_BUFFER = 1024 * 1024


def note(export: Export, file: BinaryIO) -> list[tuple[str, int]]:
    """Reserve and note the parts of a whole file: their names and sizes. Stopped as below."""
    size = file.seek(0, os.SEEK_END)
    sizes = [min(PART_BYTES, size - at) for at in range(0, size, PART_BYTES)]
    names = [reserve_document(part) for part in sizes]
    with scope.acting_as(scope.employer(export.employer_id)):
        actions.add_parts(export, 0, names)
    return list(zip(names, sizes, strict=True))


def store(file: BinaryIO, parts: Sequence[tuple[str, int]]) -> int:
    """Store what note() noted, and close the file; its size. No SQL."""
    with file:
        file.seek(0)
        for name, size in parts:
            save_reserved(name, file.read(size))
        return file.tell()


@contextmanager
def written(export: Export) -> Iterator[tuple[BinaryIO, PartWriter]]:
    """A buffered file for the block, and the parts below it; all is stored when it ends well."""
    parts = PartWriter(export)
    file = io.BufferedWriter(parts, _BUFFER)
    try:
        yield file, parts
        file.flush()
        parts.finish()
    finally:
        parts.give_up()
        file.close()


class PartWriter(io.RawIOBase):
    """A binary file one only writes to. finish() stores the rest; `size` counts the bytes.

    Stopped is raised where the export is not this worker's any more.
    """

    def __init__(self, export: Export) -> None:
        super().__init__()
        self.size = 0
        self._export = export
        self._rest = bytearray()
        self._parts = 0
        self._given_up = False

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        view = memoryview(data)  # type: ignore[arg-type]
        if self._given_up:
            return view.nbytes
        self._rest += view
        self.size += view.nbytes
        while len(self._rest) >= PART_BYTES:
            self._store(PART_BYTES)
        return view.nbytes

    def finish(self) -> None:
        """Store what is left."""
        if self._rest:
            self._store(len(self._rest))

    def give_up(self) -> None:
        """Take no more: what a buffer above still holds goes nowhere."""
        self._given_up = True

    def _store(self, size: int) -> None:
        part = bytes(memoryview(self._rest)[:size])
        del self._rest[:size]
        name = reserve_document(size)
        with scope.acting_as(scope.employer(self._export.employer_id)):
            actions.add_parts(self._export, self._parts, [name])
        save_reserved(name, part)
        self._parts += 1


def read(export: Export, *, by: Viewer) -> Iterator[bytes]:
    """Part by part; the first is read at once, so that a missing file shows before it is sent.

    Raises OSError or SealBroken where a part cannot be read, once support is told.
    """
    first, *rest = part_names(export)
    return _chained(_part(export, first, by), (_part(export, name, by) for name in rest))


def _chained(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _part(export: Export, name: str, by: Viewer) -> bytes:
    try:
        return read_document(name)
    except (OSError, SealBroken):
        with scope.acting_as(scope.employer(export.employer_id)):  # also while it is sent
            actions.note_unreadable(export, name, by=by)
        raise
