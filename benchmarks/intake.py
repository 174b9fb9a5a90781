"""Results over MLLP into the real listener, in turn with the raw limit."""

from __future__ import annotations

import hashlib
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks import network, papers, raw, stage
from benchmarks.sender import Post, Sent, send
from benchmarks.table import Row
from clearwork.audit.actions import Action
from clearwork.audit.models import AuditEvent
from clearwork.centers.models import MedicalCenter
from clearwork.database import scope
from clearwork.documents.storage import read_document
from clearwork.results.models import Report

SENDERS = (1, 8)
WARM_UP = 3
LISTENERS = max(1, (os.cpu_count() or 1) // 2)
_HEAD = (
    "\x0bMSH|^~\\&|{center.hl7_application}|{center.hl7_facility}|CLEARWORK|DEMONET"
    "|20260601120000-0500||ORU^R01^ORU_R01|{number}|P|2.5.1||||||UNICODE UTF-8\r"
    "PID|1||E1^^^100^EI||{one.family}^{one.given}||{one.born:%Y%m%d}\r"
    "ORC|RE|{one.number}^CLEARWORK|F{number}\r"
    "OBR|1|{one.number}^CLEARWORK|F{number}|mec_dot_card^MEC DOT card^99CW"
    "|||20260601113000-0500|||||||||||||||20260601120000-0500|||F\r"
    "OBX|1|ED|mec_dot_card^MEC DOT card^99CW||^application^pdf^Base64^"
)
_TAIL = "||||||F|||20260601113000-0500\r\x1c\r"


@dataclass(frozen=True)
class Size:
    """How many rounds, and how many results each sender sends in a round: alone, in company."""

    rounds: int
    results: dict[int, int]

    @property
    def of_one_center(self) -> int:
        return WARM_UP + self.rounds * sum(self.results.values())


FULL = Size(rounds=6, results={1: 250, 8: 100})
SMOKE = Size(rounds=1, results={1: 3, 8: 2})


@dataclass
class _Figures:
    """One number a round: rates a second, the ratio of the two, milliseconds."""

    raw: list[float] = field(default_factory=list)
    intake: list[float] = field(default_factory=list)
    ratio: list[float] = field(default_factory=list)
    round_trip: list[float] = field(default_factory=list)

    def add(self, raw_rate: float, results: int, sent: Sent) -> None:
        rate = results / sent.seconds
        self.raw.append(raw_rate)
        self.intake.append(rate)
        self.ratio.append(rate / raw_rate)
        self.round_trip.append(sent.round_trip * 1000)


class Mail:
    """Results not sent yet, of one center a sender. Remembers the digests of those handed out."""

    def __init__(self, size: Size) -> None:
        self._waiting = {
            center: iter(self._authorized(center, size.of_one_center))
            for center in network.centers("IN", max(SENDERS))
        }
        self.digests: list[bytes] = []

    @staticmethod
    def _authorized(center: MedicalCenter, count: int) -> list[network.Waiting]:
        """Authorizations of an employer that sends its people to this center alone."""
        return network.authorizations(network.employer(f"3{center.code}"), center, count)

    def posts(self, port: int, senders: int, each: int) -> list[Post]:
        """For each of `senders` its next `each` messages."""
        body = papers.shared_base64()
        centers = list(self._waiting)[:senders]
        return [Post(port, body, [self._ends(center) for _ in range(each)]) for center in centers]

    def _ends(self, center: MedicalCenter) -> tuple[bytes, bytes]:
        number = len(self.digests)
        paper = papers.paper(number)
        self.digests.append(hashlib.sha256(paper.data).digest())
        one = next(self._waiting[center])
        head = _HEAD.format(center=center, one=one, number=number)
        return head.encode(), paper.mark_base64 + _TAIL.encode()


def measure(data: Path, *, smoke: bool) -> list[Row]:
    """The table's rows. RuntimeError where one result is not whole afterwards."""
    size = SMOKE if smoke else FULL
    raw.prepare(data)
    mail = Mail(size)
    stage.analyze(data)
    figures = {senders: _Figures() for senders in SENDERS}
    with _listeners() as port:
        send(mail.posts(port, max(SENDERS), WARM_UP))
        for turn in range(size.rounds):
            for senders, each in size.results.items():
                _round(figures[senders], data, mail.posts(port, senders, each), turn)
    _verify(mail.digests)
    return [row for senders in SENDERS for row in _rows(senders, figures[senders])]


def _round(figures: _Figures, data: Path, posts: list[Post], turn: int) -> None:
    """Each goes first every other time: new files cost more the more were made just before."""
    senders, each = len(posts), len(posts[0].ends)
    sent = send(posts) if turn % 2 else None
    limit = raw.rate(data, papers.paper(0).data, workers=senders, count=each)
    figures.add(limit, senders * each, sent or send(posts))


@contextmanager
def _listeners() -> Iterator[int]:
    """Listeners on one port, as many as docs/operations.md advises; the port."""
    port = _free_port()
    environment = {**os.environ, "CLEARWORK_MLLP_PORT": str(port)}
    command = stage.manage_command("listener")
    processes = [
        subprocess.Popen(command, env=environment, stderr=subprocess.PIPE) for _ in range(LISTENERS)
    ]
    try:
        for process in processes:
            _wait_for(process)
        yield port
    finally:
        for process in processes:
            process.terminate()
            process.communicate()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def _wait_for(process: subprocess.Popen[bytes]) -> None:
    """Until the process says in its log that it listens."""
    log = process.stderr
    if log is None or not any(b"listening" in line for line in iter(log.readline, b"")):
        raise RuntimeError("The listener did not start.")


def _verify(digests: list[bytes]) -> None:
    """Every result is there once, can be decrypted, and has its audit event."""
    with scope.acting_as(scope.OPERATOR):
        reports = list(Report.objects.exclude(authorization=None))
        received = AuditEvent.objects.filter(action=Action.REPORT_RECEIVED)
        audited = sorted(received.values_list("subject_id", flat=True))
    stored = sorted(hashlib.sha256(read_document(report.document)).digest() for report in reports)
    if stored != sorted(digests) or stored != sorted(bytes(r.sha256) for r in reports):
        raise RuntimeError(f"{len(digests)} results were sent, {len(stored)} are there.")
    if audited != sorted(report.pk for report in reports):
        raise RuntimeError("The audit trail does not hold each result once.")


def _rows(senders: int, figures: _Figures) -> list[Row]:
    who = f"{senders} sender{'s' if senders > 1 else ''}"
    goal = 5 * 126
    fast_enough = f", ≥{goal}/s" if senders == 8 else ""
    return [
        Row(f"Raw limit, {senders} at once", f"{median(figures.raw):,.0f}/s"),
        Row(
            f"Intake of 50 kB results, {who}",
            f"{median(figures.intake):,.0f}/s",
            "raw limit",
            median(figures.ratio),
            f"≥0.40{fast_enough}",
        ),
        Row(f"Sent to acknowledged, {who}", f"{median(figures.round_trip):.1f} ms"),
    ]
