"""SQL of the hot paths: the same transaction and scope as Django's own, only quicker."""

from __future__ import annotations

from datetime import date

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

from clearwork.audit.actions import Action, event
from clearwork.database import fast, scope
from clearwork.database.scope import ScopeMissing
from clearwork.employers.models import Worksite
from clearwork.people.models import Employee
from clearwork.people.rules import name_keys
from tests.cast import BORN, Cast


def of(site: Worksite, first: str, **facts: object) -> Employee:
    return Employee(
        employer_id=site.employer_id,
        worksite=site,
        first_name=first,
        last_name="Ruiz",
        date_of_birth=BORN,
        **name_keys(first, "Ruiz"),
        **facts,
    )


def test_rows_are_inserted_as_django_would(cast: Cast) -> None:
    new = [of(cast.plant, "Ana", hire_date=date(2020, 1, 2)), of(cast.plant, "Bea")]
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        northwind, alice = cast.northwind.pk, cast.alice.viewer.actor
        why = "“\\x0a”\n"
        noted = event(Action.EMPLOYEE_ADDED, by=alice, employer_id=northwind, why=why)
        rows: list[Model] = [*new, noted]
        fast.insert_all(rows)
        for row in rows:
            stored = type(row)._default_manager.get(pk=row.pk)
            for field in row._meta.local_concrete_fields:
                value = getattr(stored, field.attname)
                assert value == getattr(row, field.attname), field.attname


def test_nothing_to_insert_asks_nothing(cast: Cast) -> None:
    fast.insert_all([])  # not even a scope


def test_a_statement_fetches_its_rows(cast: Cast) -> None:
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        found = fast.execute("SELECT id FROM people_employee WHERE name_key = %s", ["maria garcia"])
        assert found.fetchall() == [(cast.maria.pk,)], "and no other employer's Maria"


def test_without_a_scope_nothing_is_sent(cast: Cast) -> None:
    with pytest.raises(ScopeMissing):
        fast.execute("SELECT 1", [])
    with pytest.raises(ScopeMissing):
        fast.insert_all([of(cast.plant, "Ana")])


def test_a_row_of_another_employer_is_refused(cast: Cast) -> None:
    with (
        pytest.raises(psycopg.errors.InsufficientPrivilege),
        scope.acting_as(scope.employer(cast.southport.pk)),
    ):
        fast.insert_all([of(cast.plant, "Ana")])


def test_what_was_inserted_goes_with_its_transaction(cast: Cast) -> None:
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        with transaction.atomic():
            fast.insert_all([of(cast.plant, "Ana")])
            transaction.set_rollback(True)
        assert not Employee.objects.filter(first_name="Ana").exists()


def test_statements_sent_together_each_have_their_answer(cast: Cast) -> None:
    with scope.acting_as(scope.employer(cast.northwind.pk)), fast.together():
        fast.insert_all([of(cast.plant, "Ana")])
        answers = [
            fast.execute("SELECT count(*) FROM people_employee WHERE first_name = %s", [name])
            for name in ("Ana", "Nobody")
        ]
        assert [answer.fetchone() for answer in answers] == [(1,), (0,)]


def test_an_error_among_them_shows_at_the_latest_when_the_block_ends(cast: Cast) -> None:
    with (
        pytest.raises(DatabaseError),
        scope.acting_as(scope.employer(cast.northwind.pk)),
        fast.together(),
    ):
        fast.execute("SELECT 1 / %s", [0])


def test_a_statement_is_prepared_once_a_connection(cast: Cast) -> None:
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        for number in range(3):
            fast.execute("SELECT %s::int AS only_here", [number])
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s"
                " AND statement NOT LIKE %s",
                ["%only_here%", "%pg_prepared%"],
            )
            assert cursor.fetchone() == (1,)


def test_rows_come_with_what_they_point_at(cast: Cast) -> None:
    with scope.acting_as(scope.employer(cast.northwind.pk)), CaptureQueriesContext(connection) as q:
        (found,) = fast.find_with(
            Employee,
            ("last_name", "worksite__name"),
            "people_employee.name_key = %s",
            ["maria garcia"],
        )
        assert (found, found.worksite.name) == (cast.maria, cast.maria.worksite.name)
    assert not [query for query in q if "SELECT" in query["sql"]], "nothing was asked after"


def test_a_row_is_the_one_django_would_make(cast: Cast) -> None:
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        (found,) = fast.find(Employee, "id = %s", [cast.maria.pk])
        by_django = Employee.objects.get(pk=cast.maria.pk)
        assert {**vars(found), "_state": 0} == {**vars(by_django), "_state": 0}
        found.first_name = "Mia"
        found.save(update_fields=["first_name"])
        assert Employee.objects.get(pk=cast.maria.pk).first_name == "Mia"
        assert found.worksite == cast.maria.worksite
