"""SQL needs to say who is asking; what it says ends with the transaction."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from clearwork.database import scope
from clearwork.people.models import Employee
from tests.cast import Cast


def test_sql_without_a_scope_is_refused_before_it_is_sent(db: None) -> None:
    with pytest.raises(scope.ScopeMissing):
        Employee.objects.count()


def test_the_database_itself_refuses_without_a_scope(cast: Cast) -> None:
    with scope.acting_as(scope.OPERATOR), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('clearwork.scope', '', true)")
        with pytest.raises(DatabaseError, match="without a scope"):
            cursor.execute("SELECT count(*) FROM people_employee")
        transaction.set_rollback(True)


def test_each_scope_sees_its_own_rows(cast: Cast) -> None:
    def seen_by(asking: scope.Scope) -> int:
        with scope.acting_as(asking):
            return Employee.objects.count()

    assert seen_by(scope.employer(cast.northwind.pk)) == 2
    assert seen_by(scope.employer(cast.southport.pk)) == 1
    assert seen_by(scope.OPERATOR) == 3
    assert seen_by(scope.ANONYMOUS) == 0
    assert seen_by(scope.user(cast.alice.user.pk)) == 0
    assert seen_by(scope.center(cast.dallas.pk)) == 0


def test_an_inner_scope_ends_and_the_outer_one_is_back(cast: Cast) -> None:
    with scope.acting_as(scope.employer(cast.southport.pk)):
        with scope.acting_as(scope.OPERATOR):
            assert Employee.objects.count() == 3
        assert Employee.objects.count() == 1
        with pytest.raises(ZeroDivisionError), scope.acting_as(scope.OPERATOR):
            raise ZeroDivisionError
        assert Employee.objects.count() == 1


def test_a_scope_needs_a_transaction(committed_cast: Cast) -> None:
    with pytest.raises(scope.ScopeMissing):
        scope.become(scope.OPERATOR)
