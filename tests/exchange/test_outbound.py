"""An order on its way to a center's system, over a real line and a real database."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from datetime import timedelta
from itertools import islice
from uuid import UUID, uuid4

import pytest
from django.db import connection, connections
from django.template.loader import render_to_string
from procrastinate import PsycopgConnector
from procrastinate.contrib.django import app
from procrastinate.jobs import Job

from clearwork.audit.actions import Action
from clearwork.authorizations import actions, changes, deliveries
from clearwork.authorizations.dot import DotTest
from clearwork.authorizations.models import Authorization, Delivery
from clearwork.authorizations.rules import DeliveryState, Reason, State
from clearwork.centers.models import MedicalCenter, Service
from clearwork.database import scope
from clearwork.exchange import inbound, matching, outbound, patience
from clearwork.exchange import jobs as exchange_jobs
from clearwork.exchange.hl7.message import parse
from clearwork.exchange.management.commands.worker import CONCURRENCY
from clearwork.exchange.models import HeldResult
from clearwork.foundation import clock
from tests.authorizations.test_document import DOT as DOT_DATA
from tests.cast import Cast
from tests.exchange import wire
from tests.exchange.records import events, jobs, kept


def accepts(raw: bytes) -> bytes:
    return wire.framed(wire.answer_to(raw))


def ordered(cast: Cast, port: int, **changes: object) -> Delivery:
    """Alice orders at a center whose system is at this port; her order's delivery."""
    with scope.acting_as(scope.OPERATOR):
        MedicalCenter.objects.update(hl7_port=port)
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        authorization = actions.authorize(cast.order(**changes), by=cast.alice.viewer)
        return Delivery.objects.get(authorization=authorization)


def deliver(delivery: Delivery, *, last_try: bool = False) -> Delivery:
    """One attempt, and what is known after it; that it failed is the retry's business."""
    try:
        outbound.deliver(delivery.employer_id, delivery.pk, last_try=last_try)
    except outbound.NotDelivered as error:
        assert str(error) == str(delivery.pk)  # all that a job's log gets to see
    except patience.NotNow as put_off:
        assert 0 < put_off.seconds <= patience.LONGEST_WAIT_SECONDS
    return fresh(delivery)


def fresh(delivery: Delivery) -> Delivery:
    with scope.acting_as(scope.OPERATOR):
        return Delivery.objects.select_related("authorization").get(pk=delivery.pk)


def attempt(cast: Cast, replies: Sequence[wire.Reply], **changes: object) -> Delivery:
    with wire.center_system(replies) as center:
        return deliver(ordered(cast, center.port, **changes))


def test_an_accepted_order_is_delivered(cast: Cast) -> None:
    with wire.center_system([accepts]) as center:
        delivery = deliver(ordered(cast, center.port))
    assert (delivery.state, delivery.attempts) == (DeliveryState.ACKNOWLEDGED, 1)
    assert delivery.last_error == "" and delivery.finished_at
    assert delivery.authorization.state == State.DELIVERED
    assert len(events(Action.DELIVERY_ACKNOWLEDGED)) == 1
    with scope.acting_as(scope.OPERATOR):
        timeline = list(delivery.authorization.events.values_list("state", "actor"))
    assert (State.DELIVERED, "Dallas Medical Center") in timeline


def test_the_order_carries_what_the_center_needs(cast: Cast) -> None:
    with wire.center_system([accepts]) as center:
        delivery = deliver(ordered(cast, center.port, center_note="Fasting & ready|now"))
    (raw,) = center.received
    message = parse(raw)
    assert message.header.control_id == delivery.control_id
    assert (message.header.sending_application, message.header.receiving_facility) == (
        "CLEARWORK",
        "C-TX-DAL",
    )
    assert message.segments("PID")[0].get(5) == "Garcia"
    assert message.segments("ORC")[0].get(2) == delivery.authorization.number
    assert message.segments("ORC")[0].get(21, 10) == "200100"
    assert message.segments("OBR")[0].get(4) == "DOT-PHYS"
    assert message.segments("NTE")[0].get(3) == "Fasting & ready|now"


def test_each_center_gets_the_message_it_takes(cast: Cast) -> None:
    types = []
    for place in (cast.dallas, cast.mesa):
        with wire.center_system([accepts]) as center:
            delivery = deliver(ordered(cast, center.port, center=place))
        assert delivery.state == DeliveryState.ACKNOWLEDGED
        header = parse(center.received[0]).header
        types.append((header.message_type, header.trigger, header.receiving_facility))
    assert types == [("OMG", "O19", "C-TX-DAL"), ("ORM", "O01", "C-AZ-MES")]


def test_an_injury_is_told_in_full(cast: Cast) -> None:
    with wire.center_system([accepts]) as center:
        with scope.acting_as(scope.OPERATOR):
            MedicalCenter.objects.update(hl7_port=center.port)
        with scope.acting_as(scope.employer(cast.northwind.pk)):
            injury = actions.authorize(cast.injury_order(), by=cast.alice.viewer)
            delivery = Delivery.objects.get(authorization=injury)
        deliver(delivery)
    told = {obx.get(3): obx.get(5) for obx in parse(center.received[0]).segments("OBX")}
    assert told["KIND"] == "injury" and told["BODYPART"] == "Left hand"
    assert told["INJDESC"] == "Cut by a tile edge."


def test_a_dot_test_takes_its_collectors_data_along(cast: Cast) -> None:
    with wire.center_system([accepts]) as center:
        with scope.acting_as(scope.OPERATOR):
            MedicalCenter.objects.update(hl7_port=center.port)
            Service.objects.filter(pk=cast.audiogram.pk).update(dot_test="drug")
            cast.audiogram.refresh_from_db()
        with scope.acting_as(scope.employer(cast.northwind.pk)):
            order = cast.order(
                services=[cast.audiogram], reason=Reason.RANDOM, dot=DotTest(**DOT_DATA)
            )
            made = actions.authorize(order, by=cast.alice.viewer)
            delivery = Delivery.objects.get(authorization=made)
        deliver(delivery)
    told = {obx.get(3): obx.get(5) for obx in parse(center.received[0]).segments("OBX")}
    assert (told["DOTAGENCY"], told["DOTDONOR"], told["DOTOBSERVED"]) == ("fmcsa", "N-1", "Y")
    assert told["DOTDER"] == "Dana Whitfield, 800-555-0100" and "DOTCTPA" not in told


@pytest.mark.parametrize("code", ["AE", "AR"])
def test_a_no_is_final_and_says_the_centers_words(cast: Cast, code: str) -> None:
    delivery = attempt(
        cast, [lambda raw: wire.framed(wire.answer_to(raw, code, "We do no DOT physicals"))]
    )
    assert (delivery.state, delivery.attempts) == (DeliveryState.FAILED, 1)
    assert delivery.last_error == (
        "Dallas Medical Center could not take the order: We do no DOT physicals"
    )
    assert delivery.authorization.state == State.SUBMITTED
    assert len(events(Action.DELIVERY_FAILED)) == 1


def test_a_long_no_is_kept_in_part(cast: Cast) -> None:
    delivery = attempt(cast, [lambda raw: wire.framed(wire.answer_to(raw, "AE", "no " * 400))])
    assert (delivery.state, len(delivery.last_error)) == (DeliveryState.FAILED, 300)


@pytest.mark.parametrize(
    "reply",
    [
        lambda raw: b"HTTP/1.1 400 Bad Request\r\n\r\n",
        lambda raw: wire.framed(b"hello"),
        lambda raw: wire.framed(wire.answer_to(raw, "XX")),
        lambda raw: wire.framed(wire.answer_to(raw).replace(raw.split(b"|")[9], b"OTHER")),
        lambda raw: wire.framed(wire.answer_to(raw))[:-5],
        lambda raw: None,
    ],
    ids=["http", "text", "unknown code", "another's control id", "cut off", "hung up"],
)
def test_an_answer_that_cannot_be_read_is_tried_again(cast: Cast, reply: wire.Reply) -> None:
    delivery = attempt(cast, [reply])
    assert (delivery.state, delivery.attempts) == (DeliveryState.QUEUED, 1)
    assert delivery.last_error == "The center's system gave an answer that could not be read."
    assert delivery.authorization.state == State.SUBMITTED
    assert not events(Action.DELIVERY_FAILED)


def test_a_refused_connection_is_said_in_plain_words(cast: Cast) -> None:
    delivery = deliver(ordered(cast, wire.free_port()))
    assert delivery.state == DeliveryState.QUEUED
    assert delivery.last_error == "The center's system could not be reached."


def test_an_unknown_host_is_said_in_plain_words(cast: Cast) -> None:
    queued = ordered(cast, 1)
    for host in ("center.invalid", "x" * 70 + ".example", ""):
        with scope.acting_as(scope.OPERATOR):
            MedicalCenter.objects.update(hl7_host=host)
        assert deliver(queued).last_error == "The center's system could not be reached."


def test_no_answer_is_waited_for_only_so_long(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "_ANSWER_SECONDS", 0.3)
    with wire.listening_but_silent() as port:
        delivery = deliver(ordered(cast, port))
    assert delivery.last_error == "The center's system did not answer in time."
    assert delivery.state == DeliveryState.QUEUED


def test_a_silent_system_holds_up_no_others(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """After one wait in vain nothing is sent there for a while; then one goes to see."""
    monkeypatch.setattr(outbound, "_ANSWER_SECONDS", 0.3)
    with wire.listening_but_silent() as silent, wire.center_system([accepts]) as center:
        first, second = ordered(cast, silent), ordered(cast, silent)
        deliver(first)
        elsewhere = ordered(cast, center.port, center=cast.mesa)
        put_off = deliver(second)
        assert (put_off.state, put_off.was_tried) == (DeliveryState.QUEUED, False)
        assert put_off.last_error == "The center's system does not answer at the moment."
        assert deliver(elsewhere).state == DeliveryState.ACKNOWLEDGED
        assert len(center.received) == 1

        patience.lines[cast.dallas.pk].rests_until = 0.0  # it is over
        with patience.turn(cast.dallas.pk):  # one looks; the next one waits for what it sees
            assert deliver(first).state == DeliveryState.QUEUED
        for each in (first, second):
            assert deliver(each).state == DeliveryState.ACKNOWLEDGED


def test_a_slow_system_has_some_hands_and_never_all(
    committed_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who finds none free has had no try, and is told to come one behind the other."""
    monkeypatch.setattr(patience, "SLOW_SECONDS", 0.5)
    cast, waits = committed_cast, threading.Event()
    with (
        wire.center_system([lambda raw: accepts(raw) if waits.wait(10) else None]) as slow,
        wire.center_system([accepts]) as quick,
        ThreadPoolExecutor(CONCURRENCY) as hands,
    ):
        there = [ordered(cast, slow.port) for _ in range(CONCURRENCY)]
        elsewhere = ordered(cast, slow.port, center=cast.mesa)
        with scope.acting_as(scope.OPERATOR):
            MedicalCenter.objects.filter(pk=cast.mesa.pk).update(hl7_port=quick.port)
        trying = [hands.submit(_in_a_thread, each) for each in there]
        put_off = [found.result() for found in islice(as_completed(trying), 2)]
        assert [(each.was_tried, each.message) for each in put_off] == [(False, None)] * 2
        assert deliver(elsewhere).state == DeliveryState.ACKNOWLEDGED
        waits.set()
        states = Counter(found.result().state for found in trying)
        assert states == {DeliveryState.ACKNOWLEDGED: patience.HANDS, DeliveryState.QUEUED: 2}

        line = patience.lines[cast.dallas.pk]
        assert line.is_slow and line.asked == 0
        with patience.turn(cast.dallas.pk), patience.turn(cast.dallas.pk):
            waits_for = [_put_off_for(cast.dallas.pk) for _ in range(3)]
        assert waits_for == sorted(waits_for) and waits_for[-1] - waits_for[0] > line.took / 2
        assert {deliver(each).state for each in put_off} == {DeliveryState.ACKNOWLEDGED}
    assert not line.is_slow


def _in_a_thread(delivery: Delivery) -> Delivery:
    try:
        return deliver(delivery)
    finally:
        connections["default"].close()


def _put_off_for(center_id: UUID) -> float:
    with pytest.raises(patience.NotNow) as put_off, patience.turn(center_id):
        pass
    return put_off.value.seconds


def test_all_slow_systems_together_leave_hands_for_the_rest() -> None:
    slow = [uuid4() for _ in range(CONCURRENCY)]
    patience.lines.update((each, patience.Line(took=12.0)) for each in slow)
    with ExitStack() as taken:
        for each in slow[: patience.HANDS]:
            taken.enter_context(patience.turn(each))
        assert 0 < _put_off_for(slow[-1]) <= 12.0
        taken.enter_context(patience.turn(uuid4()))  # a quick one goes
    assert patience.SLOW_HANDS < patience.HANDS < CONCURRENCY


def test_a_retry_is_the_same_to_the_byte(cast: Cast) -> None:
    with wire.center_system([lambda _: None, lambda _: b"?", accepts]) as center:
        delivery = ordered(cast, center.port)
        long_ago = clock.now() - timedelta(hours=1)
        with scope.acting_as(scope.OPERATOR):
            Delivery.objects.update(requested_at=long_ago)
        attempts = [deliver(delivery) for _ in range(3)]
    assert [a.attempts for a in attempts] == [1, 2, 3]
    assert attempts[-1].state == DeliveryState.ACKNOWLEDGED
    first, *others = center.received
    assert others == [first, first]
    told = parse(first).all_segments[0].get(7)
    assert told.startswith(f"{long_ago:%Y%m%d%H%M%S}")  # of the request, not of the attempt


def test_after_the_last_try_a_person_sees_it_and_sends_again(cast: Cast) -> None:
    with wire.center_system([lambda _: None, accepts]) as center:
        failed = deliver(ordered(cast, center.port), last_try=True)
        assert (failed.state, failed.attempts) == (DeliveryState.FAILED, 1)
        assert len(events(Action.DELIVERY_FAILED)) == 1
        with scope.acting_as(scope.employer(cast.northwind.pk)):
            assert deliveries.resend(failed.authorization, by=cast.alice.viewer)
            again = Delivery.objects.get(state=DeliveryState.QUEUED)
        assert deliver(again).state == DeliveryState.ACKNOWLEDGED
    ids = [parse(raw).header.control_id for raw in center.received]
    assert ids == [failed.control_id, again.control_id] and len(set(ids)) == 2
    assert jobs(deliveries.DELIVER_JOB)[-1].args["delivery_id"] == str(again.pk)


def test_what_was_delivered_is_not_sent_again(cast: Cast) -> None:
    with wire.center_system([accepts]) as center:
        delivery = ordered(cast, center.port)
        for _ in range(3):
            deliver(delivery)
    assert len(center.received) == 1 and fresh(delivery).attempts == 1


def test_a_cancelled_order_is_not_sent(cast: Cast) -> None:
    with wire.center_system([accepts]) as center:
        delivery = ordered(cast, center.port)
        with scope.acting_as(scope.employer(cast.northwind.pk)):
            assert not changes.cancel(delivery.authorization, by=cast.alice.viewer)
        deliver(delivery)
    assert center.received == []


def test_news_that_overtakes_the_answer_stays(cast: Cast) -> None:
    """The center accepts the order before its acknowledgment has been read."""
    delivery = ordered(cast, 1)

    with scope.acting_as(scope.OPERATOR):
        Authorization.objects.update(state=State.ACCEPTED)
        locked = Delivery.objects.select_related("authorization").get(pk=delivery.pk)
        deliveries.delivery_acknowledged(locked, center=cast.dallas)
    after = fresh(delivery)
    assert after.state == DeliveryState.ACKNOWLEDGED
    assert after.authorization.state == State.ACCEPTED


@pytest.mark.parametrize("state", [State.ACCEPTED, State.COMPLETED])
def test_an_order_the_center_spoke_of_is_not_sent_again(cast: Cast, state: State) -> None:
    """Its acknowledgment was lost with a worker that was killed."""
    with wire.center_system([accepts]) as center:
        delivery = ordered(cast, center.port)
        with scope.acting_as(scope.OPERATOR):
            Authorization.objects.update(state=state)
        after = deliver(delivery)
    assert center.received == []
    assert (after.state, after.authorization.state) == (DeliveryState.ACKNOWLEDGED, state)


def test_another_employers_delivery_is_not_there(cast: Cast) -> None:
    with wire.center_system([accepts]) as center:
        delivery = ordered(cast, center.port)
        outbound.deliver(cast.southport.pk, UUID(str(delivery.pk)), last_try=False)
    assert center.received == [] and fresh(delivery).attempts == 0


def test_waits_double_up_to_ten_minutes_and_end() -> None:
    def wait(attempts: int) -> float | None:
        job = Job(id=1, status="doing", queue="q", lock=None, queueing_lock=None,
                  task_name="t", attempts=attempts)  # fmt: skip
        decision = exchange_jobs.Backoff().get_retry_decision(exception=OSError(), job=job)
        if decision is None or decision.retry_at is None:
            return None
        return round((decision.retry_at - clock.now()).total_seconds())

    waits = [wait(attempts) for attempts in range(exchange_jobs.MOST_TRIES)]
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, None]
    assert exchange_jobs.is_last_try(exchange_jobs.MOST_TRIES - 1)


def _worker_connector() -> PsycopgConnector:
    parameters = connection.get_connection_params()
    ours = {"pool", "cursor_factory", "context", "prepare_threshold", "server_side_binding"}
    return PsycopgConnector(kwargs={k: v for k, v in parameters.items() if k not in ours})


def work_once() -> None:
    with app.replace_connector(_worker_connector()) as working:
        working.run_worker(wait=False, queues=["delivery", "matching"])


def test_a_worker_delivers_and_matches(committed_cast: Cast) -> None:
    cast = committed_cast
    walk_in = wire.message(cast.dallas, wire.pid(), *wire.document(account="200100"))
    assert inbound.receive([walk_in]) != [None]
    with wire.center_system([accepts]) as center:
        delivery = ordered(cast, center.port)
        work_once()
    assert fresh(delivery).state == DeliveryState.ACKNOWLEDGED
    assert [job.status for job in jobs(deliveries.DELIVER_JOB)] == ["succeeded"]
    assert len(center.received) == 1
    assert [job.status for job in jobs("exchange.match")] == ["succeeded"]
    assert len(events(Action.REPORT_RECEIVED)) == kept().reports == 1


def test_two_workers_that_match_one_result_file_it_once(committed_cast: Cast) -> None:
    cast, start = committed_cast, threading.Barrier(4)
    inbound.receive([wire.message(cast.dallas, wire.pid(), *wire.document(account="200100"))])
    with scope.acting_as(scope.OPERATOR):
        held = HeldResult.objects.get()

    def match(_: int) -> bool:
        start.wait()
        try:
            return matching.file_if_certain(held.pk)
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(4) as workers:
        assert sorted(workers.map(match, range(4))) == [False, False, False, True]
    assert len(events(Action.REPORT_RECEIVED)) == kept().reports == 1


def test_a_worker_leaves_a_failed_delivery_for_later(committed_cast: Cast) -> None:
    delivery = ordered(committed_cast, wire.free_port())
    work_once()
    (job,) = jobs(deliveries.DELIVER_JOB)
    assert (job.status, job.attempts) == ("todo", 1) and job.scheduled_at
    after = fresh(delivery)
    assert (after.state, after.attempts) == (DeliveryState.QUEUED, 1)


def test_what_goes_wrong_here_to_the_last_is_seen_and_sent_again(committed_cast: Cast) -> None:
    """Its center knows no message we make: no try gets as far as the line."""
    delivery, last = ordered(committed_cast, 1), exchange_jobs.MOST_TRIES - 1
    with scope.acting_as(scope.OPERATOR), connection.cursor() as cursor:
        MedicalCenter.objects.update(order_message="ZZZ_Z99")
        cursor.execute("UPDATE procrastinate_jobs SET attempts = %s", [last - 1])
    for state in (DeliveryState.QUEUED, DeliveryState.FAILED):
        with scope.acting_as(scope.OPERATOR), connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = NULL")
        work_once()
        assert fresh(delivery).state == state
    with scope.acting_as(scope.employer(committed_cast.northwind.pk)):
        assert deliveries.resend(delivery.authorization, by=committed_cast.alice.viewer)


def test_waiting_for_a_turn_is_no_try(committed_cast: Cast) -> None:
    """Not even the last one: what was never sent does not end as failed."""
    last = exchange_jobs.MOST_TRIES - 1
    with wire.center_system([accepts]) as center:
        delivery = ordered(committed_cast, center.port)
        resting = patience.Line(rests_until=float("inf"))
        patience.lines[delivery.center_id] = resting
        with scope.acting_as(scope.OPERATOR), connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_jobs SET attempts = %s", [last])
        work_once()
        (job,) = jobs(deliveries.DELIVER_JOB)
        assert (job.status, job.attempts) == ("todo", last)
        assert job.scheduled_at and job.scheduled_at > clock.now()
        waiting = fresh(delivery)
        assert (waiting.state, waiting.was_tried) == (DeliveryState.QUEUED, False)
        shown = render_to_string("authorizations/_delivery.html", {"delivery": waiting})
        assert "at the moment. It will be sent as soon as the center can receive it." in shown

        resting.rests_until = None
        with scope.acting_as(scope.OPERATOR), connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = NULL")
        work_once()
    assert fresh(delivery).state == DeliveryState.ACKNOWLEDGED


def test_nothing_of_a_person_is_in_the_queue(cast: Cast) -> None:
    ordered(cast, 1)
    (job,) = jobs(deliveries.DELIVER_JOB)
    assert set(job.args) == {"employer_id", "delivery_id"}
    assert kept().jobs == 1
