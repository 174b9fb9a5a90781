"""Account information's stage: Northwind's people beside the cast, and how it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO

import pikepdf
import pytest

from clearwork.database import scope
from clearwork.employers.models import Contact, Worksite
from tests.cast import Cast


@pytest.fixture
def as_northwind(cast: Cast) -> Callable[[], object]:
    """`with as_northwind(): ...` reads and writes as Northwind Freight."""

    @contextmanager
    def acting() -> Iterator[None]:
        with scope.acting_as(scope.employer(cast.northwind.pk)):
            yield

    return acting


@pytest.fixture
def ann(cast: Cast) -> Contact:
    """A safety manager without portal access."""
    return _contact(cast, "Ann", "Lee")


@pytest.fixture
def ben(cast: Cast) -> Contact:
    return _contact(cast, "Ben", "Okafor")


@pytest.fixture
def depot(cast: Cast) -> Worksite:
    """Northwind's second worksite."""
    with scope.acting_as(scope.OPERATOR):
        return Worksite.objects.create(employer=cast.northwind, name="Depot", state="TX")


@pytest.fixture
def theirs(cast: Cast) -> Contact:
    """A contact of Southport Tile."""
    with scope.acting_as(scope.OPERATOR):
        return Contact.objects.create(employer=cast.southport, first_name="Carla", last_name="Diaz")


def _contact(cast: Cast, first: str, last: str) -> Contact:
    with scope.acting_as(scope.OPERATOR):
        return Contact.objects.create(
            employer=cast.northwind,
            first_name=first,
            last_name=last,
            email=f"{first.lower()}@northwind.example",
            phone="214-555-0142",
        )


@pytest.fixture
def pdf() -> bytes:
    """A blank page: a signed request as far as a machine can tell."""
    with pikepdf.new() as document:
        document.add_blank_page()
        written = BytesIO()
        document.save(written)
    return written.getvalue()
