"""The portal's side of the wire for these tests: a listener and a sender on real sockets."""

from __future__ import annotations

import base64
import os
import signal
import socket
import socketserver
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

VT, FS, CR = b"\x0b", b"\x1c", b"\r"
END = FS + CR


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.01)


def read_block(stream: socket.socket, held: bytes = b"") -> tuple[bytes, bytes]:
    """One MLLP block and what came after it; raises EOFError when the other side is gone."""
    while END not in held:
        more = stream.recv(65536)
        if not more:
            raise EOFError
        held += more
    block, rest = held.split(END, 1)
    return block.lstrip(VT), rest


def fields(block: bytes, name: str) -> list[list[str]]:
    """The fields of each segment of that name; MSH counts as the standard does."""
    lines = [line.split("|") for line in block.decode().split("\r") if line]
    return [["MSH", "|", *f[1:]] if f[0] == "MSH" else f for f in lines if f[0] == name]


@dataclass
class Received:
    """One message from the clinic."""

    block: bytes

    @property
    def control_id(self) -> str:
        return fields(self.block, "MSH")[0][10]

    @property
    def number(self) -> str:
        return fields(self.block, "ORC")[0][2].split("^")[0]

    @property
    def says(self) -> str:
        """OK, SC IP, SC CM or ORU."""
        if fields(self.block, "MSH")[0][9].startswith("ORU"):
            return "ORU"
        orc = fields(self.block, "ORC")[0]
        return f"{orc[1]} {orc[5]}".strip()

    @property
    def documents(self) -> dict[str, bytes]:
        """PDFs by report type code."""
        found = {}
        for obx in (obx for obx in fields(self.block, "OBX") if obx[2] == "ED"):
            data = obx[5].split("^")
            assert data[:4] == ["", "application", "pdf", "Base64"]
            found[obx[3].split("^")[0]] = base64.b64decode(data[4], validate=True)
        return found

    @property
    def coded(self) -> list[tuple[str, str]]:
        """What else is said, as pairs of OBX-3.1 and OBX-5."""
        said = (obx for obx in fields(self.block, "OBX") if obx[2] != "ED")
        return [(obx[3].split("^")[0], obx[5]) for obx in said]


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@dataclass
class Portal:
    """A listener; `answer` gives AA, AE or AR for a message, or None to hang up unanswered."""

    port: int
    answer: Callable[[Received], str | None] = lambda _: "AA"
    received: list[Received] = field(default_factory=list)
    _server: _Server | None = None

    def __enter__(self) -> Portal:
        portal = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                portal.converse(self.request)

        self._server = _Server(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()

    def converse(self, stream: socket.socket) -> None:
        held = b""
        try:
            while True:
                block, held = read_block(stream, held)
                message = Received(block)
                self.received.append(message)
                code = self.answer(message)
                if code is None:
                    return
                ack = (
                    f"MSH|^~\\&|CLEARWORK|DEMO|||||ACK|A|P|2.5.1\rMSA|{code}|{message.control_id}\r"
                )
                stream.sendall(VT + ack.encode() + END)
        except (EOFError, OSError):
            return

    def of(self, number: str) -> list[str]:
        """What was said of an authorization, in order, repeats included."""
        return [message.says for message in self.received if message.number == number]


@dataclass
class Clinic:
    """The clinic's process."""

    port: int
    portal_port: int
    state: Path
    pace: str = "0"
    options: tuple[str, ...] = ()
    _process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        return self.state.with_suffix(".log")

    @property
    def _command(self) -> list[str]:
        command = [sys.executable, "-W", "error", "-m", "clearwork.demo.clinic"]
        command += ["--port", str(self.port), "--portal-port", str(self.portal_port)]
        return [*command, "--state", str(self.state), "--pace", self.pace, *self.options]

    def start(self) -> Clinic:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stderr=log)
        wait_for(self.listens)
        return self

    def refuse_to_start(self) -> tuple[int, str]:
        """Its exit code and what it said."""
        done = subprocess.run(self._command, capture_output=True, text=True, timeout=20)
        return done.returncode, done.stderr

    def listens(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log.read_text()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self, number: int = signal.SIGTERM) -> int:
        if self._process is None:
            return 0
        os.kill(self._process.pid, number)
        code = self._process.wait(20)
        self._process = None
        return code

    def kill(self) -> None:
        self.stop(signal.SIGKILL)

    def order(self, block: bytes) -> bytes:
        """Send a block on a new connection; its acknowledgment."""
        with socket.create_connection(("127.0.0.1", self.port), 20) as stream:
            stream.sendall(VT + block + END)
            return read_block(stream)[0]

    def rows(self, query: str) -> list[tuple[object, ...]]:
        db = sqlite3.connect(self.state / "clinic.sqlite3")
        try:
            return db.execute(query).fetchall()
        finally:
            db.close()


def msa(ack: bytes) -> tuple[str, str]:
    """MSA-1 and MSA-2 of an acknowledgment."""
    found = fields(ack, "MSA")[0]
    return found[1], found[2]


_MSH = "MSH|^~\\&|CLEARWORK|DEMO|DEMOEHR|C-TX-DAL1|20261123100500-0600|"
_ORC_FROM_9 = (
    "20261123100400-0600|U7^Admin^Ada||||555-0100||pre_placement^Pre-placement^99CW"
    "|||||Northwind Freight^^^^^^^^^NWF-001"
)


def an_order(
    number: str = "CW-4K7M-2QX9",
    control_id: str = "A1",
    services: tuple[str, ...] = ("DOT-PHYS",),
    kind: str = "non_injury",
    message_type: str = "OMG^O19^OMG_O19",
    name: str = "Delgado^Rosa",
) -> bytes:
    """An order by the wire profile."""
    segments = [
        f"{_MSH}|{message_type}|{control_id}|P|2.5.1||||||UNICODE UTF-8",
        f"PID|1||E-10442^^^NWF-001^EI||{name}||19880417||||||555-0142",
        "PV1|1|O",
    ]
    for index, code in enumerate(services, start=1):
        segments += [
            f"ORC|NW|{number}^CLEARWORK||{number}^CLEARWORK|||||{_ORC_FROM_9}",
            f"OBR|{index}|{number}^CLEARWORK||{code}^Service {code}^99CW",
        ]
        if index == 1:
            segments += [
                "NTE|1||Please call ahead",
                f"OBX|1|ST|KIND^Kind^99CW||{kind}",
                "OBX|2|ST|WORKSITE^Worksite^99CW||Dallas hub",
            ]
        if index == 1 and kind == "injury":
            segments += [
                "OBX|3|ST|INJDATE^Date^99CW||20261120",
                "OBX|4|ST|BODYPART^Body part^99CW||Left wrist",
                "OBX|5|ST|CLAIMNO^Claim^99CW||CL-88213",
            ]
    return ("\r".join(segments) + "\r").encode()
