"""What is new is told once, though transactions commit out of order."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

from django.db import connections

from clearwork.database import scope
from clearwork.foundation import clock
from clearwork.messaging.models import Watermark
from clearwork.messaging.watermark import settled, told, untold
from tests.cast import Cast


def test_each_span_begins_where_the_last_one_ended(db: None) -> None:
    with scope.acting_as(scope.OPERATOR):
        assert untold("x") is None, "the first run begins now"
        Watermark.objects.update(until=clock.now() - timedelta(minutes=5))
        first = untold("x")
        assert first and first.until - first.since > timedelta(minutes=4)
        told("x", first)
        again = untold("x")
        assert again is None or again.since == first.until


def test_what_comes_after_the_clock_was_set_back_is_told(db: None) -> None:
    with scope.acting_as(scope.OPERATOR):
        Watermark.objects.create(name="x", until=clock.now() + timedelta(hours=1))
        assert untold("x") is None
        assert Watermark.objects.get().until < clock.now()


def test_a_writer_not_yet_done_holds_the_mark_back(committed_cast: Cast) -> None:
    begun, done = Event(), Event()

    def write() -> None:
        try:
            with scope.acting_as(scope.OPERATOR):
                begun.set()
                done.wait(30)
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        begun.wait(30)
        began = clock.now()
        with scope.acting_as(scope.OPERATOR):
            held = settled()
        done.set()
        writing.result()
    with scope.acting_as(scope.OPERATOR):
        free = settled()
    assert held < began < free + timedelta(seconds=5)
    assert held < free
