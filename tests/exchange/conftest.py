from __future__ import annotations

import pytest

from clearwork.authorizations.actions import authorize
from clearwork.authorizations.models import Authorization
from clearwork.database import scope
from tests.cast import Cast


@pytest.fixture
def authorized(cast: Cast) -> Authorization:
    """Alice's authorization for Maria in Dallas."""
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        return authorize(cast.order(), by=cast.alice.viewer)
