"""A process that makes one download; says how much memory that took at the most: it by itself,
and together with the one that sets the contents page, a page of memory they share counted once.

    python -m benchmarks.downloads_memory EMPLOYER EXPORT

Started by benchmarks.downloads, in the environment of its portal.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from threading import Event, Thread
from uuid import UUID

import django
from django.db import connection

_OFTEN = 0.01  # seconds


def main() -> None:
    django.setup()
    # Its models need the settings of the environment.
    making = importlib.import_module("clearwork.exports.making")
    looking = Looking()
    looking.start()
    making.make(UUID(sys.argv[1]), UUID(sys.argv[2]), tell=False)
    looking.over.set()
    looking.join()
    print(json.dumps({"peak": _peak(), "together": looking.peak}))
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]


class Looking(Thread):
    """`peak`: kilobytes of this process and its children at the most, looked at now and then."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.over = Event()
        self.peak = 0

    def run(self) -> None:
        while not self.over.wait(_OFTEN):
            children = [_read(path) for path in Path("/proc/self/task").glob("*/children")]
            pids = ["self", *" ".join(children).split()]
            self.peak = max(self.peak, sum(_share(pid) for pid in pids))


def _share(pid: str) -> int:
    """Kilobytes it has, of what it shares with others its part; 0 where it is over."""
    said = _read(Path("/proc", pid, "smaps_rollup")).partition("\nPss:")[2]
    return int(said.split()[0]) if said else 0


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def _peak() -> int:
    """Kilobytes. Of this program alone: what getrusage() says includes who started it."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


if __name__ == "__main__":
    main()
