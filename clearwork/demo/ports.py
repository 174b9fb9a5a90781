"""Are the demo's ports free? Asked before anything is started."""

from __future__ import annotations

import errno
import socket
from collections.abc import Mapping

from clearwork.demo.refusal import Refusal

HOST = "127.0.0.1"


def require_free(ports: Mapping[str, int]) -> None:
    """Refuse to go on where a port, keyed by its setting's name, is taken."""
    seen: dict[int, str] = {}
    for setting, port in ports.items():
        if port in seen:
            raise Refusal(f"{setting} and {seen[port]} are both {port}. Give each its own port.")
        seen[port] = setting
        _require_free(setting, port)


def _require_free(setting: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            reason = (
                "is in use. Stop what uses it" if taken else f"cannot be used ({error.strerror})"
            )
            fix = f"choose another: {setting}={port + 1000 if port < 64000 else port - 1000}"
            raise Refusal(f"Port {port} {reason}, or {fix} make demo") from error
