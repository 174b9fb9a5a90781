"""Typesetting in a process of its own, which gives back all its memory by ending.

typst keeps what it has laid out, some 20 MB of 500 lines, until it has set ten other documents.
Beside that, this process is free to do something else meanwhile. The data goes by a pipe.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from clearwork.documents.typesetting import TypesettingFailure, typeset

_ROOT = Path(__file__).resolve().parents[2]
_COMMAND = (sys.executable, "-m", "clearwork.documents.apart")
_LENGTH = 8  # bytes before each PDF, that say how long it is


def typeset_apart(template: Path, sets: Sequence[Mapping[str, object]]) -> list[bytes]:
    """A PDF of `template` for each of `sets`, as typeset() makes them; raises what it raises."""
    if not template.is_file():
        raise FileNotFoundError(template)
    asked = json.dumps({"template": str(template), "sets": list(sets)})
    done = subprocess.run(_COMMAND, input=asked.encode(), capture_output=True, cwd=_ROOT)
    if done.returncode:
        raise TypesettingFailure(done.stderr.decode(errors="replace").strip().rpartition("\n")[2])
    return list(_parted(memoryview(done.stdout)))


def _parted(rest: memoryview) -> Iterator[bytes]:
    while rest:
        end = _LENGTH + int.from_bytes(rest[:_LENGTH])
        yield bytes(rest[_LENGTH:end])
        rest = rest[end:]


def _main() -> None:
    asked = json.load(sys.stdin.buffer)
    template = Path(asked["template"])
    for one in asked["sets"]:
        try:
            made = typeset(template, one)
        except TypesettingFailure as failure:
            sys.exit(str(failure))
        sys.stdout.buffer.write(len(made).to_bytes(_LENGTH) + made)


if __name__ == "__main__":
    _main()
