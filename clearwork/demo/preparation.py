"""What must be there before the processes start: tables, static files, demo data.

Each part leaves a stamp of what it was made from and is skipped while that still
holds, so that a second start is quick.
"""

from __future__ import annotations

import hashlib
import re
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from clearwork.demo.children import dies_with_parent, signal_group
from clearwork.demo.refusal import Refusal

ROOT = Path(__file__).resolve().parents[2]
MANAGE = (sys.executable, str(ROOT / "manage.py"))
ACCOUNTS = "demo-accounts.txt"
# What PostgreSQL adds belongs to the error before it.
_ERROR = re.compile(r"(?!HINT|DETAIL|CONTEXT)[A-Za-z_.]+: ")
_LONGEST_REASON = 300
_LOCKS = (ROOT / "uv.lock", ROOT / "package-lock.json")


def manage(*arguments: str, environment: Mapping[str, str], capture: bool = False) -> str:
    """Run a manage.py command to its end; Refusal with its last line where it fails."""
    with subprocess.Popen(
        [*MANAGE, *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if capture else None,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=dies_with_parent(),  # noqa: PLW1509 - there are no threads
    ) as process:
        try:
            output, errors = process.communicate()
        finally:
            signal_group(process, signal.SIGKILL)
    if process.returncode:
        raise Refusal(f"manage.py {arguments[0]} failed: {last_error(errors)}")
    return output or ""


def static_digest() -> str:
    """Changes when a file to be served as a static one does."""
    apps = ROOT / "clearwork"
    sources = [path for path in apps.rglob("static/**/*") if path.is_file()]
    sources += apps.glob("ui/*.py")
    times = "".join(f"{path}{path.stat().st_mtime_ns}" for path in sorted(sources))
    return hashlib.sha256(times.encode() + _contents(_LOCKS)).hexdigest()


def database_digest() -> str:
    """Changes when a migration, a dependency that may bring one, or the seed does."""
    apps = ROOT / "clearwork"
    sources = [*apps.glob("*/migrations/*.py"), *(apps / "demo").rglob("*.py"), _LOCKS[0]]
    return hashlib.sha256(_contents(sorted(sources))).hexdigest()


def collect_static(data: Path, environment: Mapping[str, str]) -> bool:
    """Gather static files into the data folder; False where they are already there."""
    stamp, digest = data / "static" / ".stamp", static_digest()
    if stamp.exists() and stamp.read_text() == digest:
        return False
    manage("collectstatic", "--no-input", "--verbosity=0", environment=environment)
    stamp.parent.mkdir(exist_ok=True)
    stamp.write_text(digest)
    return True


def fill_database(data: Path, environment: Mapping[str, str]) -> None:
    """Make the tables and, in an empty database, the demo network."""
    manage("migrate", "--database=owner", "--verbosity=0", environment=environment)
    manage("seed", "--if-empty", environment=environment)
    accounts = manage("demo_accounts", environment=environment, capture=True)
    _write_private(data / ACCOUNTS, accounts)


def ready_accounts(data: Path) -> list[str]:
    """The ready accounts, one line each."""
    path = data / ACCOUNTS
    return path.read_text().splitlines() if path.exists() else []


def last_error(errors: str) -> str:
    """The last error a command wrote, its lines joined into one."""
    lines = [line for line in errors.splitlines() if line.strip()]
    starts = [number for number, line in enumerate(lines) if _ERROR.match(line)]
    last = lines[starts[-1] if starts else -1 :]
    return " ".join(" ".join(last).split())[:_LONGEST_REASON] or "no reason given"


def _write_private(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text)


def _contents(paths: Iterable[Path]) -> bytes:
    return b"\0".join(path.read_bytes() for path in paths if path.exists())
