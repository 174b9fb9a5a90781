"""Northwind's roster beside the cast: a second worksite, and who sees only that one."""

from __future__ import annotations

from datetime import date

import pytest

from clearwork.accounts.models import GrantedWorksite, PortalAccess, Role
from clearwork.database import scope
from clearwork.employers.models import Worksite
from clearwork.people.models import Employee
from tests import cast as people
from tests.cast import Cast, Person


@pytest.fixture
def depot(cast: Cast) -> Worksite:
    with scope.acting_as(scope.OPERATOR):
        return Worksite.objects.create(employer=cast.northwind, name="Depot", state="TX")


@pytest.fixture
def dora(cast: Cast, depot: Worksite) -> Employee:
    """A DOT driver at the depot."""
    with scope.acting_as(scope.OPERATOR):
        return people.employee(
            depot,
            "Dora",
            "Núñez",
            born=date(1990, 1, 2),
            employee_number="N-77",
            is_dot_driver=True,
            job_title="Driver",
        )


@pytest.fixture
def dan(cast: Cast, depot: Worksite) -> Person:
    """A View Only User who was granted the depot alone."""
    with scope.acting_as(scope.OPERATOR):
        dan = people.person(cast.northwind, "Dan", Role.VIEW_ONLY)
        access = PortalAccess.objects.get(user=dan.user)
        PortalAccess.objects.filter(pk=access.pk).update(all_worksites=False, sees_non_injury=True)
        GrantedWorksite.objects.create(employer=cast.northwind, access=access, worksite=depot)
    return dan
