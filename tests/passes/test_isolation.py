"""What the database shows to whoever opened a pass, though the code asked for everything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from pytest_django.plugin import DjangoDbBlocker

from clearwork.audit.models import AuditEvent
from clearwork.authorizations.models import Authorization, AuthorizedService
from clearwork.authorizations.rules import Modality
from clearwork.database import scope
from clearwork.database.models import TenantModel
from clearwork.employers.models import Employer, Worksite
from clearwork.passes.models import Pass, Sending
from clearwork.people.models import Employee
from tests.access.visitors import undone
from tests.cast import Cast, assemble
from tests.database.stage import account, northwinds, southports
from tests.passes.conftest import SAMS, issuing

# Each table a pass reads, and what it sees there.
SEEN = {Pass, Sending, Authorization, AuthorizedService, Employee}


@pytest.fixture(scope="module")
def standing(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[tuple[Cast, Pass]]:
    """Maria's pass, beside another of hers, Sam's, and Southport's."""
    with django_db_blocker.unblock(), undone():
        with scope.acting_as(scope.OPERATOR):
            cast = assemble()
        account(northwinds(cast))
        account(southports(cast))
        issue = issuing(cast, northwinds(cast).authorization)
        issue(SAMS)
        yield cast, issue()


@pytest.fixture
def cast(standing: tuple[Cast, Pass]) -> Iterator[Cast]:
    """Made once for all tests here: what one does to it is undone."""
    with undone():
        yield standing[0]


@pytest.fixture
def issued(cast: Cast, standing: tuple[Cast, Pass]) -> Pass:
    return standing[1]


@pytest.mark.parametrize(
    "model",
    [model for model in apps.get_models() if issubclass(model, TenantModel)],
    ids=lambda model: model.__name__,
)
def test_a_pass_sees_its_one_authorization_and_nothing_else(
    issued: Pass, model: type[TenantModel]
) -> None:
    own = {
        Pass: {"pk": issued.pk},
        Sending: {"of": issued.pk},
        Authorization: {"pk": issued.authorization_id},
        AuthorizedService: {"authorization": issued.authorization_id},
        Employee: {"pk": issued.authorization.employee_id},
    }
    with scope.acting_as(scope.OPERATOR):
        may = ids(model, own[model]) if model in SEEN else set()
        assert model not in SEEN or (may and len(ids(model, {})) > len(may)), "there is more"
    with scope.acting_as(scope.opened_pass(issued.pk)):
        assert ids(model, {}) == may


def ids(model: Any, which: dict[str, Any]) -> set[UUID]:
    return set(model._base_manager.filter(**which).values_list("pk", flat=True))


def test_a_pass_sees_the_employer_it_came_from(issued: Pass) -> None:
    with scope.acting_as(scope.opened_pass(issued.pk)):
        assert [employer.pk for employer in Employer.objects.all()] == [issued.employer_id]


def test_a_pass_for_centralized_care_sees_the_worksite_it_is_for(issued: Pass) -> None:
    with scope.acting_as(scope.OPERATOR):
        own = Authorization.objects.filter(pk=issued.authorization_id)
        own.update(center=None, modality=Modality.TELEMED)
        assert Worksite.objects.count() > 1
    with scope.acting_as(scope.opened_pass(issued.pk)):
        assert ids(Worksite, {}) == {issued.authorization.worksite_id}


def test_a_pass_that_is_not_there_sees_nothing(issued: Pass) -> None:
    with scope.acting_as(scope.opened_pass(uuid4())):
        for model in (*SEEN, Employer):
            assert not model._base_manager.exists()


def test_a_pass_changes_itself_alone(issued: Pass) -> None:
    changes: list[tuple[Any, dict[str, Any]]] = [
        (Authorization, {"state": "cancelled"}),
        (Employee, {"email": "mine@x.example"}),
        (Employer, {"phone": "1"}),
        (AuthorizedService, {"service_id": uuid4()}),
    ]
    with scope.acting_as(scope.opened_pass(issued.pk)):
        for model, facts in changes:
            assert model.objects.update(**facts) == 0
        assert Pass.objects.update(tries_left=4) == 1


def test_a_pass_leaves_its_trace_with_its_employer_and_reads_none(cast: Cast, issued: Pass) -> None:
    with scope.acting_as(scope.opened_pass(issued.pk)):
        AuditEvent(action="pass:opened", employer_id=issued.employer_id).save(force_insert=True)
        assert not AuditEvent.objects.exists()
        elsewhere = AuditEvent(action="pass:opened", employer_id=cast.southport.pk)
        with pytest.raises(DatabaseError), transaction.atomic():
            elsewhere.save(force_insert=True)


def test_no_one_elses_query_asks_for_a_pass(cast: Cast, issued: Pass) -> None:
    """What the policies for passes ask is planned, and not executed, for an employer's rows."""
    asked = "EXPLAIN (ANALYZE, VERBOSE, COSTS OFF, TIMING OFF) SELECT id FROM people_employee"
    with scope.acting_as(scope.employer(cast.northwind.pk)), connection.cursor() as cursor:
        cursor.execute(f"{asked} WHERE employer_id = %s", [cast.northwind.pk])
        plan = [line for (line,) in cursor.fetchall()]
    asking = next(at for at, line in enumerate(plan) if "clearwork_pass_shows('employee" in line)
    assert "never executed" in plan[asking - 1], plan


@pytest.mark.parametrize("kind", ["employer", "center", "user", "invitation", "anonymous"])
def test_a_passes_id_in_another_scope_shows_nothing(issued: Pass, kind: str) -> None:
    with scope.acting_as(scope.Scope(f"{kind}:{issued.pk}")):
        for model in SEEN:
            assert not model._base_manager.exists(), model
