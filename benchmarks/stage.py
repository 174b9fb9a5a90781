"""A portal of the benchmarks' own: data folder, PostgreSQL that fsyncs, tables, nothing else.

It knows no Django, so that it can be set up before Django reads its settings.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from clearwork.database import embedded

OPTIONS: dict[str, str] = {}
_ROOT = Path(__file__).resolve().parents[1]


@contextmanager
def empty_portal() -> Iterator[Path]:
    """The data folder of a migrated, empty portal, named in this process's environment."""
    for name in [name for name in os.environ if name.startswith("CLEARWORK_")]:
        del os.environ[name]
    os.environ.pop("DATABASE_URL", None)
    with tempfile.TemporaryDirectory(prefix="cw-bench-", ignore_cleanup_errors=True) as folder:
        os.environ |= {
            "CLEARWORK_DATA": folder,
            "CLEARWORK_MODE": "test",
            "DJANGO_SETTINGS_MODULE": "clearwork.config.settings",
        }
        Path(folder).chmod(0o755)  # PostgreSQL may run as another user
        with _server(Path(folder)):
            yield Path(folder)


@contextmanager
def _server(data: Path) -> Iterator[None]:
    server = embedded.Server(data, options=OPTIONS)
    server.start()
    try:
        embedded.create_roles_and_database(data)
        manage("migrate", "--database=owner", "--verbosity=0").check_returncode()
        yield
    finally:
        server.stop()


def manage(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(manage_command(*arguments), cwd=_ROOT)


def manage_command(*arguments: str) -> list[str]:
    return [sys.executable, str(_ROOT / "manage.py"), *arguments]
