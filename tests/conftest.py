"""A real PostgreSQL for each test process, reached as the unprivileged role."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.test import Client, override_settings
from pytest_django.plugin import DjangoDbBlocker

from clearwork.database import embedded, scope
from clearwork.database.address import DATABASE
from tests.cast import Cast, Person, assemble
from tests.environment import DATA
from tests.handler import share_middleware

# A test server may forget everything in a power cut: nothing reads it afterwards.
_QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}

# Truncating makes some thousand files anew, for however few rows: a few are deleted. All rows
# go, so that no foreign key needs to be looked at, and no trigger that keeps the trail.
_EMPTY = f"""
DO $$ DECLARE every text; size bigint; one text; BEGIN
    SELECT string_agg(oid::regclass::text, ', '), sum(pg_relation_size(oid)) INTO every, size
    FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
    AND relname <> 'django_migrations';
    IF size > {4 << 20} THEN
        EXECUTE 'TRUNCATE ' || every || ' CASCADE';
    ELSE
        EXECUTE 'LOCK TABLE ' || every || ' IN SHARE ROW EXCLUSIVE MODE';  -- whoever still writes
        SET LOCAL session_replication_role = replica;
        FOREACH one IN ARRAY string_to_array(every, ', ') LOOP
            EXECUTE 'DELETE FROM ' || one;
        END LOOP;
    END IF;
END $$
"""
_OBJECTS_BETWEEN_COLLECTIONS = 20_000


def pytest_collection_finish() -> None:
    """What is imported by now stays: the collector need not walk through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)


@pytest.fixture(scope="session")
def server() -> Iterator[embedded.Server]:
    server = embedded.Server(Path(DATA), options=_QUICK)
    server.start()
    embedded.create_roles_and_database(Path(DATA))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def django_db_setup(server: embedded.Server, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Instead of pytest-django's: tables by the owner, tests as clearwork_app."""
    with django_db_blocker.unblock():
        call_command("migrate", database="owner", verbosity=0)
        yield
        for connection in connections.all():
            connection.close()
            connection.close_pool()  # type: ignore[attr-defined]


@pytest.fixture(scope="session", autouse=True)
def _quicker() -> Iterator[None]:
    """Pages are drawn without collecting the static files first (tests/ui tests that), and
    passwords hashed at the least cost."""
    share_middleware()
    Path(settings.STATIC_ROOT).mkdir(exist_ok=True)
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    storages = {**settings.STORAGES, "staticfiles": plain}
    with override_settings(STORAGES=storages, PASSWORD_HASHERS=["tests.hashing.QuickArgon2"]):
        yield


@pytest.fixture
def cast(db: None) -> Cast:
    """The standing cast, in a transaction that is undone after the test."""
    with scope.acting_as(scope.OPERATOR):
        return assemble()


@pytest.fixture
def committed_cast(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Cast]:
    """The standing cast, committed: for tests with several connections or processes."""
    with django_db_blocker.unblock():
        with scope.acting_as(scope.OPERATOR):
            cast = assemble()
        yield cast
        connections["default"].close()
        _empty_tables()


def _empty_tables() -> None:
    with embedded.connect(Path(DATA), DATABASE) as connection:
        connection.execute(_EMPTY)


@pytest.fixture
def sign_in(cast: Cast) -> SignIn:
    return SignIn()


@pytest.fixture
def alice(cast: Cast, sign_in: SignIn) -> Client:
    """Her browser: she is signed in."""
    return sign_in(cast.alice)


@pytest.fixture
def victor(cast: Cast, sign_in: SignIn) -> Client:
    return sign_in(cast.victor)


class SignIn:
    """`sign_in(alice)` gives a browser in which Alice is signed in."""

    def __call__(self, person: Person) -> Client:
        client = Client()
        with scope.acting_as(scope.ANONYMOUS):
            client.force_login(person.user)
        return client
