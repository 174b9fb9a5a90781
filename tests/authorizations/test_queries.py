"""One box finds an authorization by its number or by its employee's name."""

from __future__ import annotations

import pytest

from clearwork.authorizations import queries
from clearwork.authorizations.actions import authorize
from clearwork.authorizations.rules import NUMBER_PREFIX
from clearwork.database import scope
from clearwork.foundation.ids import read_number
from tests.cast import Cast, employee


@pytest.mark.parametrize("name", ["Samantha", "Isabella", "Catalina"])
def test_a_name_that_could_be_a_number_is_found_as_a_name(cast: Cast, name: str) -> None:
    assert read_number(NUMBER_PREFIX, name)
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        order = cast.order(employee=employee(cast.plant, name, "Osei"))
        authorization = authorize(order, by=cast.alice.viewer)
        authorize(cast.order(), by=cast.alice.viewer)
        listed = queries.newest_first(cast.alice.viewer)
        for typed in (name, authorization.number.lower().replace("-", " ")):
            assert list(queries.found_by(listed, typed, "")) == [authorization]
