"""The listener on a real line, before a real database: commit first, answer after."""

from __future__ import annotations

import logging
import resource
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from django.db import connections

from clearwork.authorizations.actions import authorize
from clearwork.authorizations.models import Authorization
from clearwork.centers.models import MedicalCenter
from clearwork.database import embedded, scope
from clearwork.database.address import DATABASE
from clearwork.exchange import inbound
from clearwork.exchange.hl7.ack import read_ack
from tests.cast import Cast
from tests.environment import DATA
from tests.exchange import wire
from tests.exchange.records import kept

SAMPLES = sorted((Path(__file__).parent / "hl7" / "samples").rglob("*.hl7"))
FILED = {"messages": 1, "reports": 1, "changes": 1, "events": 2, "documents": 1}
AGAIN = {"messages": 1, "reports": 1, "events": 1, "documents": 1}


@pytest.fixture
def ordered(committed_cast: Cast) -> Authorization:
    with scope.acting_as(scope.employer(committed_cast.northwind.pk)):
        return authorize(committed_cast.order(), by=committed_cast.alice.viewer)


@pytest.fixture
def dallas(committed_cast: Cast) -> MedicalCenter:
    return committed_cast.dallas


@pytest.fixture
def port(committed_cast: Cast) -> Iterator[int]:
    with wire.listening() as port:
        yield port


def code(line: wire.Line, raw: bytes) -> str | None:
    answer = line.ask(raw)
    return answer.code if answer else None


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)


def test_an_answer_means_that_it_is_kept(
    port: int, ordered: Authorization, dallas: MedicalCenter
) -> None:
    before = kept()
    with wire.Line(port) as line:
        assert code(line, wire.result(ordered, dallas)) == "AA"
        assert kept() - before == FILED
        assert code(line, wire.status("CW-0000-0000", dallas)) == "AE"
        assert code(line, wire.status(ordered.number, dallas, "SC", "CM")) == "AA"


def test_messages_sent_without_waiting_are_answered_in_order(
    port: int, ordered: Authorization, dallas: MedicalCenter
) -> None:
    raws = [wire.status(ordered.number, dallas) for _ in range(20)]
    with wire.Line(port) as line:
        line.socket.sendall(b"".join(map(wire.framed, raws)))
        answers = [line.read() for _ in raws]
    assert [a and a.control_id for a in answers] == [wire.control_id_of(raw) for raw in raws]


def test_eight_connections_with_one_control_id_store_it_once(
    port: int, ordered: Authorization, dallas: MedicalCenter
) -> None:
    raw, before = wire.result(ordered, dallas), kept()
    start = threading.Barrier(8)

    def send(_: int) -> str | None:
        with wire.Line(port) as line:
            start.wait()
            return code(line, raw)

    with ThreadPoolExecutor(8) as senders:
        assert list(senders.map(send, range(8))) == ["AA"] * 8
    assert kept() - before == FILED


def test_two_processes_that_take_in_the_same_message_store_it_once(
    ordered: Authorization, dallas: MedicalCenter
) -> None:
    raw, before = wire.result(ordered, dallas), kept()
    with wire.listening() as one, wire.listening() as other:
        for _ in range(5):
            with wire.Line(one) as first, wire.Line(other) as second:
                first.post(raw)
                second.post(raw)
                assert (first.read(), second.read()) != (None, None)
    assert {**(kept() - before), "documents": 1} == FILED


def test_a_resend_after_a_lost_answer_is_acknowledged_again(
    port: int, ordered: Authorization, dallas: MedicalCenter
) -> None:
    """As after a kill between commit and answer: the center never hears of the first."""
    raw, before = wire.result(ordered, dallas), kept()
    with wire.Line(port) as line:
        line.post(raw)
    wait_for(lambda: kept() - before == FILED)
    with wire.Line(port) as line:
        assert code(line, raw) == "AA"
    assert kept() - before == FILED


def test_committed_but_never_answered_then_sent_again_is_stored_once(
    port: int, ordered: Authorization, dallas: MedicalCenter
) -> None:
    raw, before = wire.result(ordered, dallas), kept()
    inbound.receive([raw])  # a listener that died right after this
    with wire.Line(port) as line:
        assert code(line, raw) == "AA"
    assert kept() - before == FILED


@pytest.mark.parametrize("end", range(0, 60_000, 12_000))
def test_a_truncated_frame_leaves_nothing(
    port: int, ordered: Authorization, dallas: MedicalCenter, end: int
) -> None:
    before = kept()
    raw = wire.result(ordered, dallas)
    with wire.Line(port) as line:
        line.socket.sendall((wire.VT + raw)[: end or 1])
    with wire.Line(port) as line:  # and the listener lives on
        assert code(line, wire.status("CW-0000-0000", dallas)) == "AE"
    assert kept() - before == {}


def test_garbage_closes_the_line_and_nothing_else(port: int, dallas: MedicalCenter) -> None:
    with wire.Line(port) as other:
        with wire.Line(port) as line:
            line.socket.sendall(b"GET / HTTP/1.1\r\n" * 20_000)
            assert line.read() is None
        with wire.Line(port) as line:
            line.socket.sendall(wire.VT + b"MSH|^~\\&|A" + wire.framed(b"MSH|^~\\&|B"))
            assert line.read() is None
        assert code(other, wire.status("CW-0000-0000", dallas)) == "AE"


def test_every_sample_gets_a_clean_answer_on_one_line(port: int, committed_cast: Cast) -> None:
    before = kept()
    with wire.Line(port) as line:
        for path in SAMPLES:
            raw = path.read_bytes()
            if wire.VT in raw or b"\x1c" in raw:
                continue
            assert code(line, raw) in ("AE", "AR"), path.name
    assert kept() - before == {}


def test_200_mb_are_rejected_in_bounded_memory(committed_cast: Cast, dallas: MedicalCenter) -> None:
    limit, chunk = 8_000_000, b"A" * 1_000_000
    with wire.listening(max_bytes=limit) as port:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with wire.Line(port) as line:
            with suppress(ConnectionError):
                line.socket.sendall(wire.VT + b"MSH|^~\\&|")
                for _ in range(200):
                    line.socket.sendall(chunk)
            answer = line.read()
            assert answer and answer.code == "AR" and str(limit) in answer.text
            assert line.read() is None
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        assert grown < 80_000  # kB
        with wire.Line(port) as line:
            assert code(line, wire.status("CW-0000-0000", dallas)) == "AE"


def test_a_sender_who_leaves_early_is_no_error(
    port: int, ordered: Authorization, dallas: MedicalCenter, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(10):
        with wire.Line(port) as line:
            line.post(wire.status(ordered.number, dallas))
    with wire.Line(port) as line:
        assert code(line, wire.result(ordered, dallas)) == "AA"
    assert not [r for r in caplog.records if r.levelno >= logging.ERROR]


# The database goes away


def _hang_up_on_everyone() -> None:
    with embedded.connect(Path(DATA), DATABASE) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'clearwork_app'"
        )


@contextmanager
def database_refuses() -> Iterator[None]:
    """Nobody of the application gets in, and those inside are thrown out."""
    connections["default"].close()
    with embedded.connect(Path(DATA), DATABASE) as connection:
        connection.execute("ALTER ROLE clearwork_app NOLOGIN")
    _hang_up_on_everyone()
    try:
        yield
    finally:
        with embedded.connect(Path(DATA), DATABASE) as connection:
            connection.execute("ALTER ROLE clearwork_app LOGIN")


def test_a_broken_database_connection_costs_an_answer_never_a_message(
    port: int, ordered: Authorization, dallas: MedicalCenter
) -> None:
    raw = wire.result(ordered, dallas)
    with wire.Line(port) as line:
        assert code(line, raw) == "AA"
    connections["default"].close()
    _hang_up_on_everyone()
    again = wire.result(ordered, dallas)
    codes = []
    for _ in range(20):
        with wire.Line(port) as line:
            codes.append(code(line, again))
        if codes[-1]:
            break
    assert codes[-1] == "AA" and set(codes[:-1]) <= {None}


def test_without_a_database_there_is_no_answer_and_with_it_all_is_well(
    port: int, ordered: Authorization, dallas: MedicalCenter
) -> None:
    with wire.Line(port) as line:
        assert code(line, wire.result(ordered, dallas)) == "AA"
    before, raw = kept(), wire.result(ordered, dallas)
    with database_refuses():
        with wire.Line(port) as line:
            line.socket.settimeout(60)
            assert line.ask(raw) is None
        lines = [wire.Line(port) for _ in range(4)]
        for line in lines:
            line.socket.settimeout(60)
            line.post(raw)
        assert [line.read() for line in lines] == [None] * 4
        for line in lines:
            line.socket.close()
    codes = []
    for _ in range(20):  # each pooled connection that died is found out once
        with wire.Line(port) as line:
            codes.append(code(line, raw))
        if codes[-1]:
            break
    assert codes[-1] == "AA"
    assert {**(kept() - before), "documents": 1} == AGAIN


def test_stopping_does_not_wait_for_centers_that_stay_connected(committed_cast: Cast) -> None:
    with wire.listening() as port:
        line = wire.Line(port)
        start = time.monotonic()
    assert time.monotonic() - start < 5
    line.socket.close()


def test_answers_hold_our_own_control_ids(port: int, dallas: MedicalCenter) -> None:
    with wire.Line(port) as line:
        line.post(wire.status("CW-0000-0000", dallas))
        block = line.socket.recv(65_536)
    assert read_ack(block[1:-2]).code == "AE"
    assert len(wire.control_id_of(block)) == 20
