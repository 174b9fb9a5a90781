"""Twelve threads share four connections; none ever sees what another asked for."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, connections, transaction

from clearwork.database import scope
from clearwork.employers.models import Worksite
from clearwork.people.models import Employee
from tests.cast import Cast

THREADS, ROUNDS, CONNECTIONS = 12, 250, 4


@pytest.fixture
def pool_of_four(committed_cast: Cast) -> Iterator[Cast]:
    def with_pool(**sizes: int) -> None:
        connections["default"].close()
        connections["default"].close_pool()  # type: ignore[attr-defined]
        options["pool"] = {**before, **sizes}

    options = connections.settings["default"]["OPTIONS"]
    before = options["pool"]
    with_pool(max_size=CONNECTIONS, timeout=60)
    yield committed_cast
    with_pool()


class Person:
    """One thread's work: as either employer, by every way a transaction can end."""

    def __init__(self, cast: Cast, seed: int) -> None:
        self.people = {
            cast.northwind.pk: {cast.maria.pk, cast.wei.pk},
            cast.southport.pk: {cast.other_maria.pk},
        }
        self.sites = {cast.northwind.pk: cast.plant, cast.southport.pk: cast.yard}
        self.random = random.Random(seed)
        self.served: dict[int, set[UUID]] = defaultdict(set)
        self.rounds = 0

    def work(self) -> Person:
        ways: list[Callable[[UUID], None]] = [
            self.reads,
            self.fails,
            self.aborts,
            self.aborts_halfway,
            self.acts_for_another,
            self.writes_and_rolls_back,
        ]
        for _ in range(ROUNDS):
            self.random.choice(ways)(self.random.choice(list(self.people)))
            self.forgets_to_say_who_asks()
            connection.close()  # back into the pool, for any thread to take
            self.rounds += 1
        return self

    def reads(self, employer: UUID) -> None:
        with scope.acting_as(scope.employer(employer)):
            self.sees_own(employer)
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                self.served[cursor.fetchone()[0]].add(employer)

    def fails(self, employer: UUID) -> None:
        with suppress(ZeroDivisionError), scope.acting_as(scope.employer(employer)):
            self.sees_own(employer)
            raise ZeroDivisionError

    def aborts(self, employer: UUID) -> None:
        with scope.acting_as(scope.employer(employer)), connection.cursor() as cursor:
            self.sees_own(employer)
            with pytest.raises(DatabaseError):
                cursor.execute("SELECT 1/0")
            transaction.set_rollback(True)

    def aborts_halfway(self, employer: UUID) -> None:
        with scope.acting_as(scope.employer(employer)):
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT set_config('clearwork.scope', 'operator', true)")
                with pytest.raises(DatabaseError):
                    cursor.execute("SELECT 1/0")
                transaction.set_rollback(True)
            self.sees_own(employer)

    def acts_for_another(self, employer: UUID) -> None:
        other = next(one for one in self.people if one != employer)
        with scope.acting_as(scope.employer(employer)):
            with scope.acting_as(scope.employer(other)):
                self.sees_own(other)
            self.sees_own(employer)

    def writes_and_rolls_back(self, employer: UUID) -> None:
        with scope.acting_as(scope.employer(employer)):
            Worksite.objects.create(employer_id=employer, name=str(uuid4()))
            assert Worksite.objects.count() == 2
            transaction.set_rollback(True)

    def forgets_to_say_who_asks(self) -> None:
        with pytest.raises(scope.ScopeMissing), transaction.atomic():
            Employee.objects.count()
        # Past our own check, the database itself refuses what the pool hands out.
        connection.execute_wrappers.clear()
        with pytest.raises(DatabaseError, match="without a scope"):
            Employee.objects.count()
        scope.guard(connection)

    def sees_own(self, employer: UUID) -> None:
        assert set(Employee.objects.values_list("pk", flat=True)) == self.people[employer]
        assert [site.pk for site in Worksite.objects.all()] == [self.sites[employer].pk]


def test_threads_mixing_employers_errors_and_aborts_see_only_their_own(pool_of_four: Cast) -> None:
    with ThreadPoolExecutor(THREADS) as threads:
        workers = [Person(pool_of_four, seed) for seed in range(THREADS)]
        done = [future.result() for future in [threads.submit(one.work) for one in workers]]

    assert sum(person.rounds for person in done) == THREADS * ROUNDS
    served: dict[int, set[UUID]] = defaultdict(set)
    for person in done:
        for backend, employers in person.served.items():
            served[backend] |= employers
    assert 1 < len(served) <= CONNECTIONS
    assert all(len(employers) == 2 for employers in served.values()), "each served both"
