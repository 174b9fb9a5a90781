"""The portal's real processes on free ports: started, killed, started again, ended."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from clearwork.config.env import Environment
from clearwork.demo.__main__ import children
from clearwork.demo.children import signal_group
from clearwork.demo.supervisor import ChildProcess

HOST = "127.0.0.1"
_START_SECONDS = 45.0
_GRACE_SECONDS = 8.0
_LINES_SHOWN = 60


@dataclass(frozen=True)
class Ports:
    web: int
    mllp: int
    clinic: int


def free_ports() -> Ports:
    """Three different ones: each is held until all are found."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(3)]
        for probe in probes:
            probe.bind((HOST, 0))
        return Ports(*(probe.getsockname()[1] for probe in probes))


@dataclass
class RealProcess:
    """One process of the portal, as the demo's supervisor starts it."""

    child: ChildProcess
    environment: Mapping[str, str]
    log: Path
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        # setpriv and not a preexec_fn: these tests have threads, and little is safe after a fork.
        guard = ["setpriv", "--pdeathsig", self.child.orphaned.name.removeprefix("SIG"), "--"]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*guard, *self.child.command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=dict(self.environment),
                start_new_session=True,
            )

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """SIGKILL: no handler runs, nothing is flushed."""
        assert self._process
        assert self._process.poll() is None, (
            f"{self.child.name} had ended by itself:\n{self.said()}"
        )
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            signal_group(self._process, signal.SIGKILL)
            self._process.wait()
        signal_group(self._process, signal.SIGKILL)  # what it left behind

    def said(self) -> str:
        """The end of its log, to be shown where a test fails."""
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "\n".join([f"--- {self.child.name} ---", *lines[-_LINES_SHOWN:]])


@dataclass
class Portal:
    """Web, worker, listener and the demo clinic on one database.

    `web` is one that runs already and goes on running when this portal is stopped.
    """

    ports: Ports
    folder: Path
    data: Path
    pace: float = 1.0
    web: RealProcess | None = None
    processes: dict[str, RealProcess] = field(default_factory=dict)

    def __post_init__(self) -> None:
        environment = _variables(self.data, self.ports)
        for child in children(_settings(self.data, self.ports)):
            own = self._own_clinic(child) if child.name == "clinic" else child
            log = self.folder / f"{child.name}.log"
            self.processes[child.name] = RealProcess(own, environment, log)
        if self.web:
            self.processes["web"] = self.web

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.ports.web}"

    @property
    def clinic_records(self) -> Path:
        return self.folder / "clinic" / "clinic.sqlite3"

    def start(self, *names: str) -> None:
        for name in names:
            if not self.processes[name].is_running:
                self.processes[name].start()
        answers: dict[str, Callable[[], bool]] = {
            "web": lambda: _is_healthy(self.address),
            "listener": lambda: _takes_connections(self.ports.mllp),
            "clinic": lambda: _takes_connections(self.ports.clinic),
        }
        for name in names:
            if name in answers:
                wait_for(answers[name], _START_SECONDS, self.said)

    def stop(self) -> None:
        for process in self.processes.values():
            if process is not self.web:
                process.stop()

    def said(self) -> str:
        return "\n".join(process.said() for process in self.processes.values())

    def _own_clinic(self, child: ChildProcess) -> ChildProcess:
        own = [f"--pace={self.pace}", f"--state={self.clinic_records.parent}"]
        return ChildProcess(child.name, [*child.command, *own], child.orphaned)


def wait_for(
    condition: Callable[[], bool],
    seconds: float,
    report: Callable[[], str] = str,
    every: float = 0.1,
) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds:g} s in vain\n{report()}"
        time.sleep(every)


def _settings(data: Path, ports: Ports) -> Environment:
    named = {"port": ports.web, "mllp_port": ports.mllp, "clinic_port": ports.clinic}
    return Environment(data=data, **named)  # type: ignore[arg-type]


def _variables(data: Path, ports: Ports) -> dict[str, str]:
    own = {
        "CLEARWORK_DATA": str(data),
        "CLEARWORK_PORT": str(ports.web),
        "CLEARWORK_MLLP_PORT": str(ports.mllp),
        "CLEARWORK_CLINIC_PORT": str(ports.clinic),
        "DJANGO_SETTINGS_MODULE": "clearwork.config.settings",
        "PYTHONUNBUFFERED": "1",
    }
    return {**os.environ, **own}


def _is_healthy(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _takes_connections(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0
