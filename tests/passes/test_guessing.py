"""Guessing gets nowhere: one after another, all at once, and with dates that nearly fit."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from http import HTTPStatus

import pytest
from django.db import connections
from django.test import Client

from clearwork.database import scope
from clearwork.passes import actions, opening, tokens
from clearwork.passes.models import Pass
from clearwork.passes.opening import Outcome
from clearwork.passes.rules import TRIES
from tests.cast import BORN, Cast
from tests.database.stage import northwinds
from tests.passes.conftest import MARIAS, Issue, as_it_is, path_of

GUESSES = 1_000


def test_a_thousand_guesses_have_five_tries(issue: Issue) -> None:
    """Every date of three years, the right one among them, by someone who found the pass
    while it was open and asks on."""
    issued = issue()
    with scope.acting_as(scope.ANONYMOUS):
        found = opening.find(tokens.token(issued.pk))
        assert found
        born = [date(1986, 1, 1) + timedelta(days=days) for days in range(GUESSES)]
        outcomes = Counter(opening.try_date(found, one) for one in born)
        assert opening.find(tokens.token(issued.pk)) is None
    assert BORN in born
    assert outcomes == {Outcome.WRONG: TRIES - 1, Outcome.OVER: GUESSES - TRIES + 1}
    assert (as_it_is(issued).tries_left, as_it_is(issued).times_opened) == (0, 0)


def test_two_hundred_links_nobody_sent_open_nothing(issue: Issue) -> None:
    """Each with the id of a pass there is, and a secret guessed."""
    issued = issue()
    with scope.acting_as(scope.ANONYMOUS):
        for number in range(200):
            secret = number.to_bytes(32)
            guessed = urlsafe_b64encode(issued.pk.bytes + secret).decode()
            assert opening.find(guessed) is None
            assert scope.current() == scope.ANONYMOUS
    assert as_it_is(issued).tries_left == TRIES, "and costs its owner no try"


@pytest.fixture
def committed(committed_cast: Cast) -> Pass:
    authorization = northwinds(committed_cast).authorization
    with scope.acting_as(scope.employer(committed_cast.northwind.pk)):
        return actions.send(by=committed_cast.alice.viewer, authorization=authorization, to=MARIAS)


def test_tries_at_the_same_moment_are_five_all_the_same(committed: Pass) -> None:
    with ThreadPoolExecutor(8) as pool:
        outcomes = Counter(pool.map(lambda n: wrong_try(committed, n), range(24)))
    assert outcomes[Outcome.WRONG] == TRIES - 1
    assert outcomes[Outcome.OVER] + outcomes[None] == 24 - TRIES + 1
    assert as_it_is(committed).tries_left == 0


def wrong_try(issued: Pass, number: int) -> Outcome | None:
    """As one request does, on a connection of its own."""
    try:
        with scope.acting_as(scope.ANONYMOUS):
            found = opening.find(tokens.token(issued.pk))
            if found is None:
                return None
            return opening.try_date(found, BORN + timedelta(days=number + 1))
    finally:
        connections["default"].close()


def test_a_try_is_counted_though_the_browser_hangs_up(committed: Pass) -> None:
    """It is committed with the answer, and before it is sent."""
    wrong = {"month": "1", "day": "1", "year": "1990"}
    answer = Client().post(path_of(committed), wrong)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    connections["default"].close()
    assert as_it_is(committed).tries_left == TRIES - 1
