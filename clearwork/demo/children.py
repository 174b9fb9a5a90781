"""Processes that cannot outlive the one that started them."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1


def dies_with_parent(number: signal.Signals = signal.SIGKILL) -> Callable[[], None]:
    """A preexec_fn: the kernel sends `number` when the starting thread ends (prctl(2))."""
    parent = os.getpid()
    c_library = ctypes.CDLL(None)  # loaded here: little is safe between fork and exec

    def prepare() -> None:
        if sys.platform == "linux":
            c_library.prctl(_PR_SET_PDEATHSIG, number)
            if os.getppid() != parent:  # it ended before it was watched
                os._exit(1)

    return prepare


def signal_group(process: subprocess.Popen[bytes] | subprocess.Popen[str], number: int) -> None:
    """Signal a session leader and all it started that stayed in its group."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)
