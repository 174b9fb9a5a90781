"""The benchmarks run from start to end and leave nothing behind. How fast is not asked here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks.__main__ import ALONE, BENCHMARKS

ROOT = Path(__file__).resolve().parents[2]


ROWS = [
    "Search page without rows",
    "Search, deep page",
    "List, service",
    "Raw limit, 8 at once",
    "Bulk: the dry run",
    "Bulk: making",
    "Bulk: memory",
    "Download: memory",
    "Download: first byte of 20 MB",
    "Form: authorizations, 8 clients",
    "Intake of 50 kB results, 8 senders",
    "Large: filling 2,000 reports",
    "Large: by name, small",
    "Large: API, largest, 8 clients, p95",
]


def test_the_benchmarks_print_their_table_and_leave_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--smoke", *BENCHMARKS, ALONE],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    assert [row for row in ROWS if row not in done.stdout] == []
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []
