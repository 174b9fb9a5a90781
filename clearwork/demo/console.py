"""What the demo says on the terminal: numbered steps and each process's lines."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

# bin/bootstrap.py numbers the first three steps: Python, its packages, front-end packages.
FIRST_STEP = 4
STEPS = 7
_COLOURS = ("36", "33", "35", "32", "34")
_RESET = "\x1b[0m"


class Console:
    """Writes whole lines, in colour on a terminal (unless NO_COLOR is set)."""

    def __init__(self, out: TextIO | None = None) -> None:
        self.out = out or sys.stdout
        self.coloured = self.out.isatty() and "NO_COLOR" not in os.environ
        self._step = FIRST_STEP
        self._colours: dict[str, str] = {}

    def say(self, line: str = "") -> None:
        self.out.write(line + "\n")
        self.out.flush()

    def relay(self, name: str, line: str) -> None:
        """One line of a process's output, behind its name."""
        colour = self._colours.setdefault(name, _COLOURS[len(self._colours) % len(_COLOURS)])
        label = f"{name:<9}│"
        self.say(f"\x1b[{colour}m{label}{_RESET} {line}" if self.coloured else f"{label} {line}")

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Say what is being done, and how long it took."""
        self.say(f"[{self._step}/{STEPS}] {title} …")
        self._step += 1
        began = time.monotonic()
        yield
        self.say(f"      done in {time.monotonic() - began:.1f} s")
