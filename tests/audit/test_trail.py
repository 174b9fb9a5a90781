"""The audit trail is added to, in the very transaction it speaks of, and never changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from clearwork.audit.actions import SYSTEM, Action, Actor, record
from clearwork.audit.models import AuditEvent, AuditSeal
from clearwork.authorizations.actions import authorize
from clearwork.authorizations.models import Authorization, AuthorizationEvent, Delivery
from clearwork.database import embedded, scope
from clearwork.database.address import DATABASE
from clearwork.people.models import Employee
from tests.cast import Cast
from tests.database.test_isolation import order_fields
from tests.environment import DATA


@pytest.mark.parametrize("model", [AuditEvent, AuditSeal])
def test_even_the_operator_changes_and_removes_nothing(
    cast: Cast, model: type[AuditEvent | AuditSeal]
) -> None:
    with scope.acting_as(scope.OPERATOR):
        record(Action.SIGNED_IN, by=SYSTEM)
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            model._base_manager.update(at=None)
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            model._base_manager.all().delete()


def test_an_employer_reads_its_own_events_alone(cast: Cast) -> None:
    for employer in (cast.northwind, cast.southport):
        with scope.acting_as(scope.employer(employer.pk)):
            record(Action.REPORT_VIEWED, by=cast.alice.viewer.actor, employer_id=employer.pk)
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        assert [event.employer_id for event in AuditEvent.objects.all()] == [cast.northwind.pk]
    with scope.acting_as(scope.ANONYMOUS):
        assert AuditEvent.objects.count() == 0


@pytest.mark.parametrize("who", ["anonymous", "user", "employer", "center"])
def test_nobody_writes_an_event_into_anothers_trail(cast: Cast, who: str) -> None:
    asking = {
        "anonymous": scope.ANONYMOUS,
        "user": scope.user(cast.bob.user.pk),
        "employer": scope.employer(cast.southport.pk),
        "center": scope.center(cast.dallas.pk),
    }[who]
    with scope.acting_as(asking), pytest.raises(DatabaseError, match="row-level security"):
        record(Action.REPORT_VIEWED, by=Actor("user"), employer_id=cast.northwind.pk)


@pytest.fixture
def trail_refuses(committed_cast: Cast) -> Iterator[Cast]:
    """The database takes no event of a new authorization, or of a new employee."""
    with embedded.connect(Path(DATA), DATABASE) as superuser:
        superuser.execute(
            "ALTER TABLE audit_auditevent ADD CONSTRAINT refused CHECK (action NOT IN"
            " ('authorization:created', 'employee:added', 'report:viewed'))"
        )
        yield committed_cast
        superuser.execute("ALTER TABLE audit_auditevent DROP CONSTRAINT refused")


def everything() -> list[int]:
    models = (Authorization, AuthorizationEvent, Delivery, AuditEvent, ProcrastinateJob, Employee)
    with scope.acting_as(scope.OPERATOR):
        return [model._base_manager.count() for model in models]


def test_what_cannot_be_audited_does_not_happen(trail_refuses: Cast) -> None:
    before, cast = everything(), trail_refuses
    asking = scope.acting_as(scope.employer(cast.northwind.pk))
    with pytest.raises(DatabaseError, match="refused"), asking:
        authorize(cast.order(), by=cast.alice.viewer)
    assert everything() == before


def test_nor_through_the_pages_where_it_is_one_plain_error(trail_refuses: Cast) -> None:
    cast = trail_refuses
    client = Client(raise_request_exception=False)
    with scope.acting_as(scope.ANONYMOUS):
        client.force_login(cast.alice.user)
    before = everything()
    added = {"who": "new", "first_name": "Ida", "last_name": "Roe", "date_of_birth": "1990-01-02"}
    for fields in (order_fields(cast), order_fields(cast, **added)):
        answer = client.post("/authorizations/new/", fields)
        assert answer.status_code == 500
        assert b"Traceback" not in answer.content
        assert b"refused" not in answer.content
    assert everything() == before


def test_an_event_holds_ids_and_no_names(cast: Cast) -> None:
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        authorize(cast.order(), by=cast.alice.viewer)
    with scope.acting_as(scope.OPERATOR):
        text = str(list(AuditEvent.objects.values())).lower()
    for word in ("maria", "garcia", "1988", "alice", "northwind"):
        assert word not in text


def test_a_rolled_back_action_leaves_no_event(cast: Cast) -> None:
    with scope.acting_as(scope.OPERATOR):
        record(Action.SIGNED_IN, by=SYSTEM, subject_id=uuid4())
        transaction.set_rollback(True)
    with scope.acting_as(scope.OPERATOR):
        assert AuditEvent.objects.count() == 0
