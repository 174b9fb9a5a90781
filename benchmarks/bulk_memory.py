"""A process that takes in one file and makes all of it; says how much memory that took.

    python -m benchmarks.bulk_memory FILE

Started by benchmarks.bulk, in the environment of its portal.
"""

from __future__ import annotations

import importlib
import json
import resource
import sys
from pathlib import Path

import django
from django.db import connection


def main() -> None:
    django.setup()
    # Its models need the settings of the environment.
    bulk = importlib.import_module("benchmarks.bulk")
    before = _peak()
    on = bulk.set_the_stage("500199")
    bulk.make(on, bulk.dry_run(on, Path(sys.argv[1]).read_bytes()))
    print(json.dumps({"before": before, "peak": _peak()}))
    connection.close()
    connection.close_pool()


def _peak() -> int:
    """Kilobytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main()
