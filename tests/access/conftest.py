"""Someone more on stage."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from pytest_django.plugin import DjangoDbBlocker

from clearwork.accounts.models import Role
from clearwork.database import scope
from clearwork.employers.models import Contact
from tests.access import visitors
from tests.access.story import northwind
from tests.access.visitors import Stage
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


@pytest.fixture(scope="module")
def standing(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Stage]:
    """Everyone signed in once for a whole module: its tests use `stage`, never `cast`."""
    with django_db_blocker.unblock(), visitors.undone():
        yield visitors.build()


@pytest.fixture
def stage(standing: Stage) -> Iterator[Stage]:
    with visitors.undone():
        yield standing


@pytest.fixture(params=["both layers", "the code alone"])
def layers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages keep employers apart even where the database would let everything through."""
    if request.param == "the code alone":
        for whose in ("employer", "user"):
            monkeypatch.setattr(scope, whose, lambda _: scope.OPERATOR)
