"""Files appear whole or not at all, whatever interrupts the writing."""

from __future__ import annotations

import errno
import os
import resource
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from clearwork.documents import durable

ENDLESS_WRITER = """
import itertools, sys
from clearwork.documents import durable
folder = sys.argv[1]
print("writing", flush=True)
for n in itertools.count():
    durable.write_new([(f"{folder}/a/{n}-{k}", bytes([n % 256]) * 300_000) for k in range(3)])
"""


def files(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_all_files_of_a_batch_are_written_whole(tmp_path: Path) -> None:
    batch = [(str(tmp_path / f"{n % 3}" / f"{n}.pdf"), bytes([n]) * 9000) for n in range(12)]
    durable.write_new(batch)
    assert {path: Path(path).read_bytes() for path, _ in batch} == dict(batch)
    assert len(files(tmp_path)) == 12, "no draft is left beside them"


def test_files_and_folders_are_this_users_alone(tmp_path: Path) -> None:
    durable.write_new([(str(tmp_path / "a" / "b" / "c.pdf"), b"x")])
    modes = [(tmp_path / name).stat().st_mode & 0o777 for name in ("a", "a/b", "a/b/c.pdf")]
    assert modes == [0o700, 0o700, 0o600]


def test_a_taken_name_stops_the_whole_batch_and_keeps_the_first_file(tmp_path: Path) -> None:
    (tmp_path / "taken").write_bytes(b"first")
    with pytest.raises(FileExistsError):
        durable.write_new([(str(tmp_path / name), b"new") for name in ("free", "taken", "later")])
    assert files(tmp_path) == ["taken"]
    assert (tmp_path / "taken").read_bytes() == b"first"


def test_a_batch_larger_than_the_limit_of_open_files_is_written_or_taken_back(
    tmp_path: Path,
) -> None:
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, limits[1]))
    try:
        durable.write_new([(str(tmp_path / str(n)), b"x") for n in range(400)])
        with pytest.raises(FileExistsError):
            durable.write_new([(str(tmp_path / str(n)), b"y") for n in range(700, 398, -1)])
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert len(files(tmp_path)) == 400
    assert (tmp_path / "399").read_bytes() == b"x"


@pytest.mark.parametrize("batch", [1, 5])
def test_a_full_disk_leaves_nothing(
    tmp_path: Path, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def disk_full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", disk_full)
    with pytest.raises(OSError, match="No space left"):
        durable.write_new([(str(tmp_path / str(n)), b"x" * 100) for n in range(batch)])
    assert files(tmp_path) == []


def test_content_is_on_disk_before_its_name_and_the_name_before_the_return(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    fsync, link = os.fsync, os.link

    def watched_fsync(descriptor: int) -> None:
        kind = "folder" if Path(f"/proc/self/fd/{descriptor}").is_dir() else "file"
        steps.append(f"fsync {kind}")
        fsync(descriptor)

    def watched_link(source: str, target: str, **options: Any) -> None:
        steps.append("link")
        link(source, target, **options)

    monkeypatch.setattr(os, "fsync", watched_fsync)
    monkeypatch.setattr(os, "link", watched_link)
    durable.write_new([(str(tmp_path / "one"), b"1"), (str(tmp_path / "two"), b"2")])
    assert steps == ["fsync file", "fsync file", "link", "link", "fsync folder"]


@pytest.fixture
def nameless_files_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system such as NFS, which refuses O_TMPFILE."""
    opened = os.open

    def refusing(path: str, flags: int, mode: int = 0o777) -> int:
        if flags & os.O_TMPFILE == os.O_TMPFILE:
            raise OSError(errno.EOPNOTSUPP, "Operation not supported")
        return opened(path, flags, mode)

    monkeypatch.setattr(os, "open", refusing)


@pytest.mark.usefixtures("nameless_files_unknown")
def test_a_file_system_without_nameless_files_gets_hidden_drafts(tmp_path: Path) -> None:
    durable.write_new([(str(tmp_path / str(n)), b"x" * 100) for n in range(3)])
    with pytest.raises(FileExistsError):
        durable.write_new([(str(tmp_path / str(n)), b"y") for n in (4, 2)])
    assert files(tmp_path) == ["0", "1", "2"]
    assert (tmp_path / "2").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "2").read_bytes() == b"x" * 100


def test_a_writer_killed_at_any_moment_leaves_only_whole_files(tmp_path: Path) -> None:
    found = 0
    for round_ in range(8):
        folder = tmp_path / str(round_)
        command = [sys.executable, "-c", ENDLESS_WRITER, str(folder)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(0.02 + round_ * 0.007)
            writer.send_signal(signal.SIGKILL)
        for path in (folder / name for name in files(folder)):
            assert path.stat().st_size == 300_000
            assert len(set(path.read_bytes())) == 1
            found += 1
    assert found > 0


def test_drafts_left_by_a_killed_process_are_cleared_but_not_fresh_ones(tmp_path: Path) -> None:
    durable.write_new([(str(tmp_path / "a" / "kept"), b"x")])
    old, fresh = tmp_path / "a" / ".kept.1.draft", tmp_path / "a" / ".kept.2.draft"
    old.write_bytes(b"part")
    fresh.write_bytes(b"part")
    os.utime(old, (1000, 1000))
    assert durable.remove_drafts(tmp_path, before=time.time() - 60) == 1
    assert files(tmp_path) == ["a/.kept.2.draft", "a/kept"]


def test_of_many_writers_of_one_name_exactly_one_wins(tmp_path: Path) -> None:
    path = str(tmp_path / "new" / "contested")

    def attempt(writer: int) -> int | None:
        try:
            durable.write_new([(path, bytes([writer]) * 1000)])
        except FileExistsError:
            return None
        return writer

    with ThreadPoolExecutor(8) as pool:
        winners = [w for w in pool.map(attempt, range(24)) if w is not None]
    assert len(winners) == 1
    assert Path(path).read_bytes() == bytes(winners) * 1000


def test_a_file_where_a_folder_should_be_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "reports").write_bytes(b"")
    with pytest.raises(OSError, match="reports"):
        durable.write_new([(str(tmp_path / "reports" / "x"), b"")])
