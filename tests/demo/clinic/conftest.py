from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.demo.clinic.portal import Clinic, Portal, free_port


@pytest.fixture
def portal() -> Iterator[Portal]:
    with Portal(free_port()) as listening:
        yield listening


@pytest.fixture
def clinic(portal: Portal, tmp_path: Path) -> Iterator[Clinic]:
    """A clinic that does everything at once and reports to `portal`."""
    running = Clinic(free_port(), portal.port, tmp_path / "clinic").start()
    yield running
    running.stop()
