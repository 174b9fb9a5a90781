"""Loaded before Django's settings (pytest -p): each test process has a data folder of its own."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

DATA = tempfile.mkdtemp(prefix="cw-test-")
atexit.register(shutil.rmtree, DATA, ignore_errors=True)

for name in [name for name in os.environ if name.startswith("CLEARWORK_")]:
    del os.environ[name]
os.environ.pop("DATABASE_URL", None)
os.environ["CLEARWORK_MODE"] = "test"
os.environ["CLEARWORK_DATA"] = DATA
