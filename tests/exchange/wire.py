"""What a center's system sends, and the lines it sends it on."""

from __future__ import annotations

import asyncio
import queue
import socket
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache

from clearwork.authorizations.models import Authorization
from clearwork.centers.models import MedicalCenter
from clearwork.demo.clinic import documents
from clearwork.exchange.hl7.ack import Ack, read_ack
from clearwork.exchange.listener import Listener
from clearwork.foundation.ids import new_control_id
from clearwork.people.models import Employee
from tests.cast import BORN

VT, END = b"\x0b", b"\x1c\r"


@cache
def pdf(seed: str = "card", kind: str = "mec_dot_card") -> bytes:
    return documents.make(kind, {"seed": seed, "family": "Garcia", "given": "Maria"})


def message(
    center: MedicalCenter,
    *segments: str,
    kind: str = "ORU^R01^ORU_R01",
    control_id: str | None = None,
    sender: str | None = None,
    sent: str = "20261101120000-0600",
) -> bytes:
    """A message of this center; `sender` is MSH-3 and MSH-4 where they are others."""
    sender = sender or f"{center.hl7_application}|{center.hl7_facility}"
    header = (
        f"MSH|^~\\&|{sender}|CLEARWORK|NET|{sent}||{kind}"
        f"|{control_id or new_control_id()}|P|2.5.1||||||UNICODE UTF-8"
    )
    return "\r".join([header, *segments, ""]).encode()


def pid(family: str = "Garcia", given: str = "Maria", born: date = BORN) -> str:
    return f"PID|1||N-1||{family}^{given}||{born:%Y%m%d}"


def person(employee: Employee) -> str:
    return pid(employee.last_name, employee.first_name, employee.date_of_birth)


def document(
    number: str = "",
    data: bytes | str | None = None,
    *,
    kind: str = "mec_dot_card",
    title: str = "MEC DOT card",
    account: str = "",
) -> list[str]:
    """The segments of one document; `data` is the PDF, or its base64 as it stands."""
    encoded = data if isinstance(data, str) else b64encode(pdf() if data is None else data).decode()
    placer = f"{number}^CLEARWORK" if number else ""
    coded = f"{kind}^{title}^99CW"
    visit = "20261101093000-0600"
    orc = f"ORC|RE|{placer}|F-1|" + "|" * 17 + f"Northwind^^^^^^^^^{account}"
    obr = f"OBR|1|{placer}|F-1|{coded}|||{visit}"
    obx = f"OBX|1|ED|{coded}||^application^pdf^Base64^{encoded}||||||F|||{visit}"
    return [orc, obr, obx]


def result(
    authorization: Authorization, center: MedicalCenter, control_id: str | None = None
) -> bytes:
    """A DOT card for the authorization's own employee."""
    who = person(authorization.employee)
    return message(center, who, *document(authorization.number), control_id=control_id)


def status(
    number: str,
    center: MedicalCenter,
    control: str = "OK",
    order_status: str = "",
    *,
    reason: str = "",
    control_id: str | None = None,
) -> bytes:
    orc = f"ORC|{control}|{number}^CLEARWORK|||{order_status}||||20261101100000-0600"
    orc += "|" * 7 + f"R1^{reason}^99X" if reason else ""
    return message(center, pid(), orc, kind="ORM^O01^ORM_O01", control_id=control_id)


def control_id_of(raw: bytes) -> str:
    return raw.split(b"|")[9].decode()


def answer_to(raw: bytes, code: str = "AA", text: str = "") -> bytes:
    """A center's acknowledgment of an order."""
    control = control_id_of(raw)
    return f"MSH|^~\\&|A|B|C|D|20261101||ACK|1|P|2.5.1\rMSA|{code}|{control}|{text}\r".encode()


class Line:
    """One connection to a listener."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=15)
        self._rest = b""

    def __enter__(self) -> Line:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def post(self, raw: bytes) -> None:
        self.socket.sendall(VT + raw + END)

    def read(self) -> Ack | None:
        """The next answer; None where the other side hung up."""
        while END not in self._rest:
            try:
                more = self.socket.recv(65_536)
            except ConnectionResetError:
                return None
            if not more:
                return None
            self._rest += more
        block, _, self._rest = self._rest.partition(END)
        return read_ack(block.removeprefix(VT))

    def ask(self, raw: bytes) -> Ack | None:
        self.post(raw)
        return self.read()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def listening(*, max_bytes: int = 30_000_000) -> Iterator[int]:
    """The portal's listener in a thread of its own; its port."""
    port = free_port()
    stop = asyncio.Event()
    loop: queue.Queue[asyncio.AbstractEventLoop] = queue.Queue()

    async def serve() -> None:
        loop.put(asyncio.get_running_loop())
        serving = asyncio.create_task(Listener("127.0.0.1", port, max_bytes=max_bytes).serve())
        await asyncio.wait(
            [serving, asyncio.create_task(stop.wait())], return_when="FIRST_COMPLETED"
        )
        assert not serving.done(), serving

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    try:
        _wait_until_open(port)
        yield port
    finally:
        loop.get().call_soon_threadsafe(stop.set)
        thread.join(20)
        assert not thread.is_alive(), "the listener did not stop"


def _wait_until_open(port: int) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            assert time.monotonic() < deadline, "nobody listens"
            time.sleep(0.01)
        else:
            return


type Reply = Callable[[bytes], bytes | None]
"""What to put on the line for a message, frame included; None hangs up."""


@dataclass
class Center:
    """A center's order system: notes what it is sent and answers as it is told."""

    port: int
    received: list[bytes]


@contextmanager
def center_system(replies: Sequence[Reply]) -> Iterator[Center]:
    """Answers the first message with the first reply and so on; the last one stays."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        center = Center(server.getsockname()[1], [])
        thread = threading.Thread(target=_answer_all, args=(server, center, list(replies)))
        thread.start()
        try:
            yield center
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(10)


def _answer_all(server: socket.socket, center: Center, replies: list[Reply]) -> None:
    while True:
        try:
            line, _ = server.accept()
        except OSError:
            return
        with line:
            reply = replies.pop(0) if len(replies) > 1 else replies[0]
            block = b""
            while END not in block and (more := line.recv(65_536)):
                block += more
            if block:
                raw = block.removeprefix(VT).removesuffix(END)
                center.received.append(raw)
                if answer := reply(raw):
                    line.sendall(answer)


@contextmanager
def listening_but_silent() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def framed(raw: bytes) -> bytes:
    return VT + raw + END
