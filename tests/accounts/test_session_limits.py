"""Whoever left is signed out after 15 minutes, everyone after 12 hours."""

from __future__ import annotations

import time
from collections.abc import Callable
from http import HTTPStatus

import pytest
from django.test import Client

from clearwork.audit.actions import Action
from clearwork.audit.models import AuditEvent
from clearwork.database import scope
from tests.cast import Cast
from tests.conftest import SignIn

MINUTE, HOUR = 60, 3600
type Clock = Callable[[float], None]


@pytest.fixture
def wait(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Let this many seconds pass, for the sessions alone."""
    offset = 0.0
    real = time.time

    def later(seconds: float) -> None:
        nonlocal offset
        offset += seconds
        monkeypatch.setattr("clearwork.accounts.middleware.time.time", lambda: real() + offset)

    return later


@pytest.fixture
def alice(cast: Cast, sign_in: SignIn) -> Client:
    client = sign_in(cast.alice)
    assert client.get("/").status_code == HTTPStatus.OK
    return client


def is_in(client: Client, **headers: str) -> bool:
    path = "/employees/suggest/?employee_search=m"
    return client.get(path, headers=headers).status_code == HTTPStatus.OK


def self_refreshed(client: Client) -> bool:
    return is_in(client, **{"X-Unattended": "1"})


def test_whoever_works_stays_in(alice: Client, wait: Clock) -> None:
    for _ in range(10):
        wait(14 * MINUTE)
        assert is_in(alice)


def test_whoever_left_is_out_after_fifteen_minutes(alice: Client, wait: Clock) -> None:
    wait(15 * MINUTE + 1)
    assert not is_in(alice)


def test_the_session_is_gone_not_only_refused(alice: Client, wait: Clock) -> None:
    key = alice.cookies["sessionid"].value
    wait(15 * MINUTE + 1)
    assert not is_in(alice)
    wait(-15 * MINUTE)
    alice.cookies["sessionid"] = key
    assert not is_in(alice)


def test_a_page_that_refreshes_itself_keeps_nobody_in(alice: Client, wait: Clock) -> None:
    for _ in range(7):
        wait(2 * MINUTE)
        assert self_refreshed(alice)
    wait(2 * MINUTE)
    assert not self_refreshed(alice)


def test_nor_does_one_that_only_ever_refreshed_itself(
    cast: Cast, sign_in: SignIn, wait: Clock
) -> None:
    client = sign_in(cast.alice)
    assert self_refreshed(client)
    wait(15 * MINUTE + 1)
    assert not self_refreshed(client)


def test_everyone_signs_in_again_after_twelve_hours(alice: Client, wait: Clock) -> None:
    for _ in range(6 * 12 - 1):
        wait(10 * MINUTE)
        assert is_in(alice)
    wait(10 * MINUTE)
    assert not is_in(alice)


def test_being_signed_out_is_on_record_with_its_reason(
    cast: Cast, alice: Client, wait: Clock
) -> None:
    wait(15 * MINUTE + 1)
    assert not is_in(alice)
    with scope.acting_as(scope.OPERATOR):
        (event,) = AuditEvent.objects.filter(action=Action.SIGNED_OUT)
    assert (event.actor_id, event.detail) == (cast.alice.user.pk, {"why": "session over"})
