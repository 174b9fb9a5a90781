"""Someone more on stage."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from clearwork.accounts.models import Role
from clearwork.database import scope
from clearwork.employers.models import Contact
from tests.access.story import northwind
from tests.cast import Cast, Person, person


@pytest.fixture
def dana(cast: Cast) -> Person:
    """A second Admin User at Northwind."""
    with scope.acting_as(scope.OPERATOR):
        return person(cast.northwind, "Dana", Role.ADMIN)


@pytest.fixture
def new_contact(cast: Cast) -> Callable[..., Contact]:
    """A contact at Northwind without portal access."""

    def make(first: str = "Carla", last: str = "Contact", email: str = "") -> Contact:
        with northwind(cast):
            return Contact.objects.create(
                employer=cast.northwind, first_name=first, last_name=last, email=email
            )

    return make
