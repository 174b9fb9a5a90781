"""A page of a PDF as a picture. Another process draws it: see drawing.py."""

from __future__ import annotations

import atexit
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock, Timer
from typing import IO

from clearwork.documents.drawing import ANSWERED, ASKED, MAX_WIDTH, Kind
from clearwork.documents.inspect import NotAPdf

MOST_SECONDS = 10.0  # others wait so long: most pages take a tenth of a second
_ROOT = Path(__file__).resolve().parents[2]
_COMMAND = (sys.executable, "-m", "clearwork.documents.drawing")
_BEYOND = 2**31  # more than any PDF has pages
_TOO_MUCH = "This page takes too much to draw and cannot be shown."


def render_page(data: bytes, page: int, *, width: int = 1100) -> bytes:
    """Page `page` (the first is 0) as PNG, `width` pixels wide, less where it is very long.

    Raises NotAPdf where `data` cannot be opened or drawn, IndexError where it has no
    such page.
    """
    page, width = max(-1, min(page, _BEYOND)), min(max(width, 1), MAX_WIDTH)
    kind, said = _drawer.ask(ASKED.pack(len(data), page, width), data)
    if kind == Kind.NO_PAGE:
        raise IndexError(said.decode())
    if kind == Kind.NOT_DRAWN:
        raise NotAPdf(said.decode())
    return said


class _Drawer:
    """The process that draws, one page after the other; another one where it has ended."""

    def __init__(self) -> None:
        self._turn = Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, *said: bytes) -> tuple[int, bytes]:
        """What it answers. Raises NotAPdf where it takes too long, or ends."""
        with self._turn, self._watched() as process:
            return _answer(process, said)

    @contextmanager
    def _watched(self) -> Iterator[subprocess.Popen[bytes]]:
        """The process while it is asked. Where that fails, nobody hears what it says later."""
        process = self._running()
        watch = Timer(MOST_SECONDS, process.kill)
        watch.start()
        try:
            yield process
        except OSError as error:
            self.end()
            raise NotAPdf(_TOO_MUCH) from error
        except BaseException:
            self.end()
            raise
        finally:
            watch.cancel()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.end()
            pipe = subprocess.PIPE
            self._process = subprocess.Popen(_COMMAND, stdin=pipe, stdout=pipe, cwd=_ROOT)
        return self._process

    def end(self) -> None:
        if self._process:
            self._process.kill()
            self._process.communicate()
            self._process = None


def _answer(process: subprocess.Popen[bytes], said: tuple[bytes, ...]) -> tuple[int, bytes]:
    assert process.stdin and process.stdout  # noqa: S101 - narrows the type
    for part in said:
        process.stdin.write(part)
    process.stdin.flush()
    kind, size = ANSWERED.unpack(_read(process.stdout, ANSWERED.size))
    return kind, _read(process.stdout, size)


def _read(file: IO[bytes], size: int) -> bytes:
    found = file.read(size)
    if len(found) < size:
        raise BrokenPipeError
    return found


_drawer = _Drawer()
atexit.register(_drawer.end)
