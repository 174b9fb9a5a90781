from __future__ import annotations

from collections.abc import Iterator

import pytest

from clearwork.authorizations.actions import authorize
from clearwork.authorizations.models import Authorization
from clearwork.database import scope
from clearwork.exchange import patience
from tests.cast import Cast


@pytest.fixture(autouse=True)
def answering_centers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What one test's silent center taught this process is nothing to the next."""
    with monkeypatch.context() as patched:
        patched.setattr(patience, "lines", {})
        yield


@pytest.fixture
def authorized(cast: Cast) -> Authorization:
    """Alice's authorization for Maria in Dallas."""
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        return authorize(cast.order(), by=cast.alice.viewer)
