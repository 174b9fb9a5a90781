"""The benchmarks run from start to end and leave nothing behind. How fast is not asked here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("benchmark", "rows"),
    [
        ("search", ["Search page without rows", "Search, deep page", "its SQL alone"]),
        ("intake", ["Raw limit, 8 at once", "Intake of 50 kB results, 8 senders", "≥630/s"]),
    ],
)
def test_a_benchmark_prints_its_table_and_leaves_nothing(
    benchmark: str, rows: list[str], tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", benchmark, "--smoke"],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert [row for row in rows if row not in done.stdout] == []
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []
