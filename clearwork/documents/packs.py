"""Documents laid end to end in pack files, on disk before `write` returns (Linux).

A file costs more than the document in it: an inode, a name, a folder, each synced on its own. So a
process fills one pack, which no other process writes: room is reserved, which gives a document
its place, then many are written and synced together. A process killed in between leaves blank
room that nothing names. Each document begins on a block of its own, so that what was synced once
is not written again. Pure file functions: no Django.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Sequence
from ctypes import CDLL, c_long
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Self

from clearwork.foundation import clock, ids

FILE_MODE = 0o600
FOLDER_MODE = 0o700
BLOCK = 4096
PACK_BYTES = 64 * 1024 * 1024
_LIBC = CDLL(None)
_PUNCH_HOLE = 0x01 | 0x02  # FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE: fallocate(2)
_GROWTH = 1024 * 1024  # room is asked of the disk by the megabyte
_PLACE = re.compile(
    r"(?P<pack>\d{4}/\d\d/[0-9a-f-]{36})/(?P<offset>\d{1,12})-(?P<size>\d{1,12})", re.ASCII
)


@dataclass(frozen=True)
class Place:
    """Where a document lies: its pack and the bytes from `offset` on. Written as a path."""

    pack: str
    offset: int
    size: int

    def __str__(self) -> str:
        return f"{self.pack}/{self.offset}-{self.size}"

    @classmethod
    def read(cls, text: str) -> Self | None:
        """The place that str() wrote as `text`; None where there is none."""
        if not (found := _PLACE.fullmatch(text)):
            return None
        return cls(found["pack"], int(found["offset"]), int(found["size"]))


class Packs:
    """The packs below `root`, of which this process fills one."""

    _pack: str
    _end: int
    _room: int

    def __init__(self, root: Path) -> None:
        self._root = root
        self._forget()
        os.register_at_fork(after_in_child=self._forget)

    def reserve(self, size: int) -> Place:
        """Room for `size` bytes. OSError where the disk has none left."""
        with self._lock:
            if not self._pack or self._end + size > PACK_BYTES:
                self._begin()
            place = Place(self._pack, self._end, size)
            self._grow(place.offset + size)
            self._end = -(-(place.offset + size) // BLOCK) * BLOCK
            return place

    def write(self, files: Sequence[tuple[Place, bytes]]) -> None:
        """Write each content to its place. OSError where the disk refuses: then none counts."""
        packs: dict[str, list[tuple[Place, bytes]]] = defaultdict(list)
        for place, content in files:
            if len(content) != place.size:
                raise ValueError(f"{place} is not for {len(content)} bytes.")
            packs[place.pack].append((place, content))
        for pack, contents in packs.items():
            self._write(pack, contents)

    def read(self, place: Place) -> bytes:
        """The bytes there. FileNotFoundError where none were written, or they were destroyed."""
        descriptor = os.open(f"{self._root}/{place.pack}.pack", os.O_RDONLY)
        try:
            content = os.pread(descriptor, place.size, place.offset)
        finally:
            os.close(descriptor)
        if not content.strip(b"\0"):
            raise FileNotFoundError(f"Nothing lies at {place}.")
        return content

    def destroy(self, place: Place) -> None:
        """Overwrite the bytes there, if there are any, and give the room back to the disk."""
        if self._path(place.pack).exists():
            self._write(place.pack, [(place, bytes(place.size))])
            self._give_back(place)

    def _give_back(self, place: Place) -> None:
        """A file system that knows no holes keeps the room: nothing is wrong with that."""
        descriptor = os.open(self._path(place.pack), os.O_WRONLY)
        try:
            _LIBC.fallocate(descriptor, _PUNCH_HOLE, c_long(place.offset), c_long(place.size))
        finally:
            os.close(descriptor)

    def _write(self, pack: str, contents: Sequence[tuple[Place, bytes]]) -> None:
        descriptor = os.open(self._path(pack), os.O_WRONLY)
        try:
            for place, content in contents:
                _write_at(descriptor, content, place.offset)
            os.fdatasync(descriptor)
        finally:
            os.close(descriptor)

    def _begin(self) -> None:
        pack = f"{clock.now():%Y/%m}/{ids.uuid7()}"
        path = self._path(pack)
        make_folder(path.parent)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE))
        sync_folder(path.parent)
        self._pack, self._end, self._room = pack, 0, 0

    def _grow(self, needed: int) -> None:
        if needed <= self._room:
            return
        room = -(-needed // _GROWTH) * _GROWTH
        descriptor = os.open(self._path(self._pack), os.O_WRONLY)
        try:
            os.posix_fallocate(descriptor, 0, room)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        self._room = room

    def _path(self, pack: str) -> Path:
        return self._root / f"{pack}.pack"

    def _forget(self) -> None:
        """A process begins with no pack of its own, and so does one that was forked off."""
        self._lock = Lock()
        self._pack = ""
        self._end = 0
        self._room = 0


def make_folder(folder: Path) -> None:
    """Make `folder` and what is missing above it, for this user alone."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    try:
        folder.mkdir(FOLDER_MODE)
    except FileExistsError:
        if not folder.is_dir():
            raise
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` survive a power failure."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_at(descriptor: int, content: bytes, offset: int) -> None:
    rest = memoryview(content)
    while rest:
        written = os.pwrite(descriptor, rest, offset)
        rest, offset = rest[written:], offset + written
