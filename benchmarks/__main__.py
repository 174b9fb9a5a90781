"""`make bench`: the table. Everything happens in a folder that is gone afterwards."""

from __future__ import annotations

import argparse
import importlib
import sys
import time

import django
from django.db import connection

from benchmarks.stage import FOR_LARGE, empty_portal
from benchmarks.table import draw

BENCHMARKS = ("search", "orders", "intake", "bulk", "form", "downloads")
ALONE = "large"  # only when it is asked for: it takes half an hour and 20 GB


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "which",
        nargs="*",
        default=BENCHMARKS,
        help=f"{', '.join(BENCHMARKS)}: all by default; {ALONE}",
    )
    parser.add_argument("--smoke", action="store_true", help="only see that it runs: tiny sizes")
    options = parser.parse_args()
    started = time.monotonic()
    rows = []
    with empty_portal(FOR_LARGE if ALONE in options.which else None) as data:
        django.setup()
        for name in options.which:
            print(f"Measuring {name} …", file=sys.stderr)
            # Their models need the settings that empty_portal() has just made.
            rows += importlib.import_module(f"benchmarks.{name}").measure(data, smoke=options.smoke)
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]
    print(draw(rows))
    print(f"\n{time.monotonic() - started:.0f} s. How to read it: benchmarks/README.md")


if __name__ == "__main__":
    main()
