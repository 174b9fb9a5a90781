"""A process that makes one download; says how much memory that took at the most.

    python -m benchmarks.downloads_memory EMPLOYER EXPORT

Started by benchmarks.downloads, in the environment of its portal.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from uuid import UUID

import django
from django.db import connection


def main() -> None:
    django.setup()
    # Its models need the settings of the environment.
    making = importlib.import_module("clearwork.exports.making")
    making.make(UUID(sys.argv[1]), UUID(sys.argv[2]), tell=False)
    print(json.dumps({"peak": _peak()}))
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]


def _peak() -> int:
    """Kilobytes. Of this program alone: what getrusage() says includes who started it."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


if __name__ == "__main__":
    main()
