"""Documents lie whole in a pack or not at all, whatever interrupts the writing."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from clearwork.documents import packs
from clearwork.documents.packs import BLOCK, Packs, Place

ENDLESS_WRITER = """
import itertools, sys
from pathlib import Path
from clearwork.documents.packs import Packs
packs = Packs(Path(sys.argv[1]))
for n in itertools.count():
    places = [packs.reserve(300_000) for _ in range(3)]
    packs.write([(place, bytes([n % 255 + 1]) * 300_000) for place in places])
    print(*places, flush=True)
"""


@pytest.fixture
def store(tmp_path: Path) -> Packs:
    return Packs(tmp_path)


def put(store: Packs, *contents: bytes) -> list[Place]:
    places = [store.reserve(len(content)) for content in contents]
    store.write(list(zip(places, contents, strict=True)))
    return places


def pack_files(root: Path) -> list[Path]:
    return sorted(root.rglob("*.pack"))


def test_documents_of_all_sizes_come_back_byte_for_byte(store: Packs, tmp_path: Path) -> None:
    contents = [os.urandom(size) for size in (1, BLOCK - 1, BLOCK, BLOCK + 1, 3_000_000)]
    places = put(store, *contents)
    assert [store.read(place) for place in places] == contents
    assert len(pack_files(tmp_path)) == 1, "one process, one pack"


def test_each_begins_on_a_block_of_its_own(store: Packs) -> None:
    places = put(store, *(b"x" * size for size in (10, BLOCK, BLOCK + 5, 7)))
    assert [place.offset for place in places] == [0, BLOCK, 2 * BLOCK, 4 * BLOCK]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "reports/a.pdf",
        "2026/11/../../etc/0-5",
        "2026/11/0192f5f0-0000-7000-8000-000000000000/-1-5",
        "2026/11/0192f5f0-0000-7000-8000-000000000000/0-5\n",
        "/2026/11/0192f5f0-0000-7000-8000-000000000000/0-5",
        "2026/11/0192f5f0-0000-7000-8000-000000000000/٠-5",
    ],
)
def test_what_is_no_place_is_none(text: str) -> None:
    assert Place.read(text) is None


def test_a_place_is_written_as_it_is_read(store: Packs) -> None:
    (place,) = put(store, b"x" * 70)
    assert Place.read(str(place)) == place


def test_packs_are_this_users_alone(store: Packs, tmp_path: Path) -> None:
    put(store, b"x")
    (pack,) = pack_files(tmp_path)
    modes = [path.stat().st_mode & 0o777 for path in (pack, pack.parent, pack.parent.parent)]
    assert modes == [0o600, 0o700, 0o700]


def test_content_of_another_size_than_reserved_is_refused_before_anything_is_written(
    store: Packs,
) -> None:
    first, second = store.reserve(3), store.reserve(3)
    with pytest.raises(ValueError, match="not for 4 bytes"):
        store.write([(first, b"abc"), (second, b"abcd")])
    with pytest.raises(FileNotFoundError):
        store.read(first)


def test_a_full_pack_is_followed_by_another_and_both_are_read(
    store: Packs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packs, "PACK_BYTES", 10 * BLOCK)
    contents = [bytes([n + 1]) * 3 * BLOCK for n in range(7)]
    places = put(store, *contents)
    assert [store.read(place) for place in places] == contents
    assert len(pack_files(tmp_path)) == 3


def test_a_document_larger_than_a_pack_has_one_of_its_own(
    store: Packs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packs, "PACK_BYTES", 2 * BLOCK)
    contents = [b"1" * 9 * BLOCK, b"2"]
    places = put(store, *contents)
    assert [store.read(place) for place in places] == contents
    assert places[0].pack != places[1].pack


def test_a_destroyed_document_is_gone_from_the_disk_and_its_neighbours_are_not(
    store: Packs, tmp_path: Path
) -> None:
    before, secret, after = put(store, b"before", b"secret" * 2000, b"after")
    (pack,) = pack_files(tmp_path)
    held = pack.stat().st_blocks
    store.destroy(secret)
    store.destroy(secret)
    with pytest.raises(FileNotFoundError):
        store.read(secret)
    assert b"secret" not in pack.read_bytes()
    assert (store.read(before), store.read(after)) == (b"before", b"after")
    assert pack.stat().st_blocks <= held


def test_destroying_what_was_never_there_is_nothing_to_do(store: Packs) -> None:
    store.destroy(Place("2026/11/0192f5f0-0000-7000-8000-000000000000", 0, 5))


def test_a_full_disk_at_the_reservation_leaves_nothing_reserved(
    store: Packs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, "posix_fallocate", full)
        with pytest.raises(OSError, match="No space left"):
            store.reserve(2_000_000)
    (place,) = put(store, b"later")
    assert place.offset == 0


def test_bytes_are_synced_before_write_returns_and_the_name_before_the_bytes(
    store: Packs, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    fsync, fdatasync, pwrite = os.fsync, os.fdatasync, os.pwrite

    def watched_fsync(descriptor: int) -> None:
        folder = Path(f"/proc/self/fd/{descriptor}").is_dir()
        steps.append("sync folder" if folder else "sync room")
        fsync(descriptor)

    def watched_pwrite(descriptor: int, content: bytes, offset: int) -> int:
        steps.append("write")
        return pwrite(descriptor, content, offset)

    def watched_fdatasync(descriptor: int) -> None:
        steps.append("sync")
        fdatasync(descriptor)

    monkeypatch.setattr(os, "fsync", watched_fsync)
    monkeypatch.setattr(os, "pwrite", watched_pwrite)
    monkeypatch.setattr(os, "fdatasync", watched_fdatasync)
    put(store, b"1", b"2", b"3")
    assert steps[-5:] == ["sync room", "write", "write", "write", "sync"]
    assert "sync folder" in steps[:-5]


def test_a_writer_killed_at_any_moment_keeps_what_it_said_was_written(tmp_path: Path) -> None:
    found = 0
    for round_ in range(6):
        root = tmp_path / str(round_)
        command = [sys.executable, "-c", ENDLESS_WRITER, str(root)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            first = writer.stdout.readline()
            time.sleep(0.01 + round_ * 0.007)
            writer.send_signal(signal.SIGKILL)
            said = [first, *writer.stdout.read().splitlines()]
        for name in " ".join(said[:-1]).split():
            place = Place.read(name)
            assert place is not None
            content = Packs(root).read(place)
            assert len(content) == 300_000 and len(set(content)) == 1
            found += 1
    assert found > 0


def test_many_threads_never_share_a_place(store: Packs) -> None:
    def fill(writer: int) -> bool:
        contents = [bytes([writer + 1]) * (1000 + n * 4000) for n in range(5)]
        return [store.read(place) for place in put(store, *contents)] == contents

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(fill, range(60)))


def test_a_forked_process_fills_a_pack_of_its_own(store: Packs, tmp_path: Path) -> None:
    (mine,) = put(store, b"parent")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # other tests' threads
        child = os.fork()
    if child == 0:
        signal.alarm(20)
        put(store, b"child")
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert len(pack_files(tmp_path)) == 2
    assert store.read(mine) == b"parent"


def test_a_file_where_a_folder_should_be_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "documents").write_bytes(b"")
    with pytest.raises(OSError, match="documents"):
        Packs(tmp_path / "documents").reserve(1)
