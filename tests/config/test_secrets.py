"""Keys made on first use: one for all processes, readable by this user alone."""

from __future__ import annotations

import base64
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from clearwork.config import secrets

PRINT = "import sys, pathlib; from clearwork.config.secrets import kept; "
PRINT += "sys.stdin.read(); print(kept(pathlib.Path(sys.argv[1]), 'master'))"


def test_a_key_is_32_random_bytes_and_stays(tmp_path: Path) -> None:
    key = secrets.kept(tmp_path, "master")
    assert len(base64.b64decode(key, validate=True)) == 32
    assert secrets.kept(tmp_path, "master") == key
    assert secrets.kept(tmp_path, "secret") != key


def test_nobody_else_reads_it(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        secrets.kept(tmp_path, "master")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "keys/master").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["master"], "no draft is left"


def test_processes_that_start_at_once_agree(tmp_path: Path) -> None:
    starting = [
        subprocess.Popen(
            [sys.executable, "-c", PRINT, str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(8)
    ]
    for process in starting:  # all wait for their input to end
        assert process.stdin
    keys = set()
    for process in starting:
        assert process.stdin
        process.stdin.close()
    for process in starting:
        assert process.stdout
        keys.add(process.stdout.read())
        assert process.wait() == 0
        process.stdout.close()
    assert keys == {secrets.kept(tmp_path, "master") + "\n"}


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where a folder belongs")
    with pytest.raises(SystemExit, match=r"^CLEARWORK_DATA: .*Not a directory\. Fix: ") as stopped:
        secrets.kept(tmp_path / "data", "master")
    assert "\n" not in str(stopped.value)


def test_a_retired_master_key_opens_what_it_sealed(tmp_path: Path) -> None:
    old, new = (base64.b64encode(bytes([one]) * 32).decode() for one in (1, 2))
    sealing = "print(save_document(b'%PDF-'), MFAAdapter().encrypt('app'))"
    opening = "print(read_document(sys.argv[1]), MFAAdapter().decrypt(sys.argv[2]))"
    document, factor = _django(tmp_path, sealing, CLEARWORK_MASTER_KEY=old).split()
    keys = {"CLEARWORK_MASTER_KEY": new, "CLEARWORK_RETIRED_MASTER_KEYS": old}
    assert _django(tmp_path, opening, document, factor, **keys) == "b'%PDF-' app\n"


def _django(data: Path, code: str, *arguments: str, **settings: str) -> str:
    """What the code prints in a process of its own."""
    begin = "import sys, django; django.setup()\n"
    begin += "from clearwork.accounts.second_factor import MFAAdapter\n"
    begin += "from clearwork.documents.storage import read_document, save_document\n"
    own = {"CLEARWORK_DATA": str(data), "DJANGO_SETTINGS_MODULE": "clearwork.config.settings"}
    command = [sys.executable, "-c", begin + code, *arguments]
    environment = {**os.environ, **own, **settings}
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=True
    ).stdout
