"""Maria's physical in Dallas, and the passes for it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from clearwork.authorizations.models import Authorization
from clearwork.database import scope
from clearwork.messaging import texts
from clearwork.passes import actions, tokens
from clearwork.passes.actions import Addressee
from clearwork.passes.models import Pass
from clearwork.passes.rules import Channel
from tests.cast import Cast
from tests.database.stage import northwinds

MARIAS = Addressee(Channel.EMAIL, "maria@home.example")
SAMS = Addressee(Channel.EMAIL, "sam@agency.example", "Sam Agent", "Staffing agency", False)

type Issue = Callable[..., Pass]


@pytest.fixture
def authorization(cast: Cast) -> Authorization:
    return northwinds(cast).authorization


@pytest.fixture
def issue(cast: Cast, authorization: Authorization) -> Issue:
    return issuing(cast, authorization)


def issuing(cast: Cast, authorization: Authorization) -> Issue:
    """`issue()` is Alice sending it to Maria, `issue(SAMS)` to Sam."""

    def go(to: Addressee = MARIAS) -> Pass:
        with scope.acting_as(scope.employer(cast.northwind.pk)):
            return actions.send(by=cast.alice.viewer, authorization=authorization, to=to)

    return go


@pytest.fixture
def phone() -> Client:
    """A browser in which nobody is signed in."""
    return Client()


@pytest.fixture
def texted(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """The text messages handed over: number and words."""
    sent: list[tuple[str, str]] = []

    class Carrier:
        def send(self, to: str, words: str) -> None:
            sent.append((to, words))

    monkeypatch.setattr(texts, "sender", Carrier)
    return sent


def path_of(issued: Pass) -> str:
    return f"/pass/{tokens.token(issued.pk)}/"


def as_it_is(issued: Pass) -> Pass:
    with scope.acting_as(scope.OPERATOR):
        return Pass.objects.get(pk=issued.pk)
