"""Web, worker and listener do not start as a role that sees past the policies."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from clearwork.database import address
from tests.environment import DATA

STARTS = {
    "web": [sys.executable, "-c", "import clearwork.config.wsgi"],
    "worker": [sys.executable, "manage.py", "worker"],
    "listener": [sys.executable, "manage.py", "listener"],
}
ROOT = Path(__file__).resolve().parents[2]


def start(
    command: list[str], role: str, database: str = address.DATABASE
) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "DATABASE_URL": address.url(Path(DATA), role, database)}
    return subprocess.run(
        command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False
    )


OWNS = "bypasses row-level security and owns tables"


@pytest.mark.parametrize(
    ("process", "role", "why"),
    [
        ("web", "postgres", "is a superuser"),
        ("web", "clearwork_owner", OWNS),
        ("web", "clearwork_backup", "bypasses row-level security"),
        ("worker", "clearwork_owner", OWNS),
        ("listener", "clearwork_owner", OWNS),
    ],
)
def test_a_privileged_role_stops_the_start_with_one_line(
    django_db_setup: None, process: str, role: str, why: str
) -> None:
    done = start(STARTS[process], role)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith(f"DATABASE_URL: the role {role} ")
    assert why in done.stderr
    assert "Fix: connect as clearwork_app" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("process", STARTS)
def test_a_database_that_is_not_there_stops_the_start_with_one_line(
    django_db_setup: None, process: str
) -> None:
    done = start(STARTS[process], "clearwork_app", "elsewhere")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith("DATABASE_URL: the database cannot be reached: ")
    assert '"elsewhere" does not exist. Fix: ' in done.stderr


def test_the_applications_role_starts_the_web(django_db_setup: None) -> None:
    done = start(STARTS["web"], "clearwork_app")
    assert (done.returncode, done.stderr) == (0, "")
