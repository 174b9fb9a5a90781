"""bin/bootstrap on machines that lack something: each says so in one line, with exit 1."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NEEDED = ("uv.lock", "package-lock.json", "package.json", "pyproject.toml", ".python-version")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A clean clone as far as the bootstrap reads it."""
    shutil.copytree(ROOT / "bin", tmp_path / "bin")
    for name in NEEDED:
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


@pytest.fixture
def installed(checkout: Path) -> Path:
    """A clone whose Python packages are there: this checkout's own."""
    (checkout / ".venv").symlink_to(ROOT / ".venv")
    return checkout


def bootstrap(
    checkout: Path, *arguments: str, python: str = sys.executable, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run it away from every cache, so that what is missing cannot be found there."""
    caches = {"UV_CACHE_DIR": checkout / "uv-cache", "npm_config_cache": checkout / "npm-cache"}
    return subprocess.run(
        [python, "bin/bootstrap.py", *arguments],
        cwd=checkout,
        env={**os.environ, **{name: str(path) for name, path in caches.items()}, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )


def assert_one_line(done: subprocess.CompletedProcess[str], *words: str) -> None:
    assert done.returncode == 1
    assert done.stderr.startswith("Clearwork: ")
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stdout
    for word in words:
        assert word in done.stderr


def test_a_finished_checkout_goes_straight_to_the_command() -> None:
    began = time.monotonic()
    done = subprocess.run(
        ["bin/bootstrap", "--dev", "sh", "-c", "command -v python"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"{ROOT}/.venv/bin/python\n"
    assert time.monotonic() - began < 1


def test_a_commands_own_exit_code_is_passed_on() -> None:
    assert subprocess.run([ROOT / "bin/bootstrap", "--dev", "sh", "-c", "exit 7"]).returncode == 7


def test_a_command_that_does_not_exist_is_one_line() -> None:
    done = subprocess.run(
        [ROOT / "bin/bootstrap", "--dev", "no-such-command"], capture_output=True, text=True
    )
    assert_one_line(done, "could not run no-such-command")


def test_no_network_for_python_packages_is_one_line(checkout: Path) -> None:
    if not shutil.which("uv", path=search_path()):
        pytest.skip("this checkout was installed without uv")
    done = bootstrap(checkout, PATH=search_path(), UV_OFFLINE="1")
    assert_one_line(done, "could not install Python packages", "registry cannot be reached")
    assert "[2/7] Installing Python packages" in done.stdout


def test_no_network_for_uv_is_one_line(checkout: Path) -> None:
    done = bootstrap(checkout, PATH=without("uv"), PIP_NO_INDEX="1", PIP_FIND_LINKS="")
    assert_one_line(done, "could not install uv", "No matching distribution found")


def test_no_network_for_front_end_packages_is_one_line(installed: Path) -> None:
    if not shutil.which("npm"):
        pytest.skip("npm comes with Node, which this machine lacks")
    done = bootstrap(installed, "--dev", npm_config_offline="true")
    assert_one_line(done, "could not install front-end packages", "registry cannot be reached")


def test_a_checkout_that_cannot_be_written_is_one_line(checkout: Path) -> None:
    (checkout / ".uv").write_text("a file where a folder belongs")
    (checkout / ".uv").chmod(0o400)
    done = bootstrap(checkout, PATH=without("uv"))
    assert_one_line(done, "could not install uv")


def test_a_python_that_is_too_old_is_told_so(checkout: Path) -> None:
    old, uv = "/usr/bin/python3", shutil.which("uv", path=search_path())
    code = "import sys; sys.exit(sys.version_info >= (3, 12))"
    if uv is None or subprocess.run([old, "-c", code]).returncode:
        pytest.skip("this machine has no Python older than 3.12, or no uv")
    (checkout / "tools").mkdir()
    (checkout / "tools/uv").symlink_to(uv)
    lonely = {"PATH": str(checkout / "tools"), "PYENV_ROOT": "/nonexistent", "UV_OFFLINE": "1"}
    done = bootstrap(checkout, python=old, UV_PYTHON_DOWNLOADS="never", **lonely)
    assert_one_line(done, "Python 3.12 or newer is needed")


def search_path() -> str:
    """PATH, and where the bootstrap puts a uv of its own."""
    return os.pathsep.join([str(ROOT / ".uv/bin"), os.environ["PATH"]])


def without(program: str) -> str:
    """PATH less the folders that hold `program`."""
    folders = os.environ["PATH"].split(os.pathsep)
    return os.pathsep.join(f for f in folders if not (Path(f) / program).exists())
