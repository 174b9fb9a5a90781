"""A portal of the benchmarks' own: data folder, PostgreSQL that fsyncs, tables, nothing else.

It knows no Django, so that it can be set up before Django reads its settings.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from clearwork.database import address, embedded

# What a server with gigabytes of tables is given: a small part of its memory, room in its log.
FOR_LARGE = {"shared_buffers": "2GB", "max_wal_size": "16GB"}
_ROOT = Path(__file__).resolve().parents[1]


@contextmanager
def empty_portal(options: dict[str, str] | None = None) -> Iterator[Path]:
    """The data folder of a migrated, empty portal, named in this process's environment.

    `options` are the server's own, PostgreSQL's defaults else.
    """
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
        with _server(Path(folder), options):
            yield Path(folder)


@contextmanager
def _server(data: Path, options: dict[str, str] | None) -> Iterator[None]:
    server = embedded.Server(data, options=options)
    server.start()
    try:
        embedded.create_roles_and_database(data)
        _manage("migrate", "--database=owner", "--verbosity=0")
        _manage("collectstatic", "--noinput", "--verbosity=0")
        yield
    finally:
        server.stop()
        shutil.rmtree(address.socket_folder(data), ignore_errors=True)


def analyze(data: Path) -> None:
    """What a running server does by itself some time after rows were added."""
    with embedded.connect(data, address.DATABASE) as owner:
        owner.execute("VACUUM ANALYZE")


def _manage(*arguments: str) -> None:
    subprocess.run(manage_command(*arguments), cwd=_ROOT, check=True)


def manage_command(*arguments: str) -> list[str]:
    """The command line of one of the portal's own commands."""
    return [sys.executable, str(_ROOT / "manage.py"), *arguments]
