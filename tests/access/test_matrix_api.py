"""Every operation of the API by every kind of token, read from its own schema."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from clearwork.access import decide
from clearwork.accounts.models import PortalAccess
from clearwork.api.models import ApiToken
from clearwork.api.rules import Scope
from clearwork.api.service import api
from clearwork.database import scope
from clearwork.foundation import clock
from tests.access.visitors import Stage, comparable, undone
from tests.api.story import PROBLEM, Integration, integration
from tests.database.stage import Case

# Of whose records an address with an id speaks.
_RECORDS: dict[str, Callable[[Case], UUID]] = {
    "/authorizations/": lambda case: case.authorization.pk,
    "/employees/": lambda case: case.authorization.employee_id,
    "/results/": lambda case: case.report.pk,
}
# Too little or too much for any of them: what is made or changed, other tests tell.
_SENT: dict[str, Any] = {"anything": "else"}


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    scope: Scope

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def address(self, stage: Stage, pk: UUID | None = None) -> str:
        if "{pk}" not in self.path:
            return self.path
        return self.path.replace("{pk}", str(pk or self.record(stage.alices)))

    def record(self, case: Case) -> UUID:
        start = f"/{self.path.split('/')[1]}/"
        return _RECORDS[start](case)

    def ask(self, system: Integration, path: str) -> Any:
        with undone():
            if self.method == "get":
                return system.get(path)
            return getattr(system, self.method)(path, _SENT)


def operations() -> list[Operation]:
    schema = api.get_openapi_schema(path_prefix="/")
    return [
        Operation(method, path, Scope(said["security"][0]["Token"][0]))
        for path, methods in schema["paths"].items()
        for method, said in methods.items()
    ]


OPERATIONS = operations()
OF_ONE = [each for each in OPERATIONS if "{pk}" in each.path]
LISTS = [each for each in OPERATIONS if each not in OF_ONE and each.method == "get"]


# What an address speaks of, where it is not what its scope is named after.
_ABOUT = {
    "services": "authorizations",
    "centers": "authorizations",
    "worksites": "employees",
    "work-status": "visits",
}


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_it_asks_for_the_scope_of_what_it_speaks_of(operation: Operation) -> None:
    first = operation.path.split("/")[1]
    does = "read" if operation.method == "get" else "write"
    assert operation.scope == f"{_ABOUT.get(first, first)}:{does}"


def system(stage: Stage, *scopes: Scope) -> Integration:
    return integration(stage.cast.alice, scopes)


def change(token: ApiToken, **facts: Any) -> None:
    with scope.acting_as(scope.OPERATOR):
        ApiToken.objects.filter(pk=token.pk).update(**facts)


def without_admin(stage: Stage) -> None:
    with scope.acting_as(scope.OPERATOR):
        PortalAccess.objects.filter(user=stage.cast.alice.user).update(is_active=False)


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_the_one_scope_opens_it(operation: Operation, stage: Stage) -> None:
    answer = operation.ask(system(stage, operation.scope), operation.address(stage))
    assert answer.status_code == (200 if operation.method == "get" else 422), answer.content


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_all_other_scopes_do_not(operation: Operation, stage: Stage) -> None:
    others = [each for each in Scope if each != operation.scope]
    answer = operation.ask(system(stage, *others), operation.address(stage))
    assert answer.status_code == 403 and answer["Content-Type"] == PROBLEM


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_no_other_token_opens_it(operation: Operation, stage: Stage) -> None:
    """Expired, revoked, of an Admin User who is none any more; none; a made-up one."""
    path, today = operation.address(stage), clock.today()
    expired, revoked, kept = (system(stage, *Scope) for _ in range(3))
    change(expired.token, expires=today - timedelta(days=1))
    change(revoked.token, revoked_at=clock.now())
    made_up = Integration(kept.token, kept.text[:-1] + "g", kept.client)
    without = Integration(kept.token, "", kept.client)
    for each in (expired, revoked, made_up, without):
        answer = operation.ask(each, path)
        assert answer.status_code == 401 and answer["Content-Type"] == PROBLEM
    without_admin(stage)
    assert operation.ask(kept, path).status_code == 401


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_no_session_opens_it_or_rides_along(operation: Operation, stage: Stage) -> None:
    """Neither Alice's own nor her preview's, with the form's token or without."""
    for who in ("alice", "preview", "victor"):
        browser = stage.visitors[who].browser(enforce_csrf_checks=True)
        with undone():
            send = getattr(browser, operation.method)
            path = f"/api/v1{operation.address(stage)}"
            options = {} if operation.method == "get" else {"content_type": "application/json"}
            answer = send(path, json.dumps(_SENT) if options else None, **options)
        assert answer.status_code == 401 and not answer.cookies


@pytest.mark.usefixtures("layers")
@pytest.mark.parametrize("operation", OF_ONE, ids=str)
def test_another_employers_record_is_a_missing_one(operation: Operation, stage: Stage) -> None:
    theirs, nowhere = operation.record(stage.bobs), uuid4()
    asked = system(stage, operation.scope)
    there, gone = (
        comparable(_right(operation, asked, operation.address(stage, pk)), theirs, nowhere)
        for pk in (theirs, nowhere)
    )
    assert there == gone and there[0] == 404


def _right(operation: Operation, asked: Integration, path: str) -> Any:
    """As it should be sent, so that only the id can be wrong."""
    if operation.method == "get":
        return operation.ask(asked, path)
    sent = {"reason": "mistake"} if path.endswith("cancel") else {"job_title": "Driver"}
    with undone():
        return getattr(asked, operation.method)(path, sent)


@pytest.mark.usefixtures("layers")
@pytest.mark.parametrize("operation", LISTS, ids=str)
def test_a_list_holds_ones_own_alone(operation: Operation, stage: Stage) -> None:
    said = operation.ask(system(stage, operation.scope), operation.path).content.decode()
    for theirs in (stage.bobs.authorization, stage.bobs.report, stage.cast.other_maria):
        assert str(theirs.pk) not in said


@pytest.mark.usefixtures("layers")
@pytest.mark.parametrize(
    ("path", "of"),
    [
        ("/authorizations?after={}", lambda stage: stage.bobs.authorization.pk),
        ("/employees?after={}", lambda stage: stage.cast.other_maria.pk),
        ("/results?after={}", lambda stage: stage.bobs.report.pk),
        ("/authorizations?employee={}", lambda stage: stage.cast.other_maria.pk),
        ("/employees?worksite={}", lambda stage: stage.cast.yard.pk),
        ("/results?worksite={}", lambda stage: stage.cast.yard.pk),
        ("/visits?employee={}", lambda stage: stage.cast.other_maria.pk),
        ("/work-status?employee={}", lambda stage: stage.cast.other_maria.pk),
    ],
)
def test_another_employers_id_in_a_query_is_a_missing_one(
    path: str, of: Callable[[Stage], UUID], stage: Stage
) -> None:
    asked, theirs, nowhere = system(stage, *Scope), of(stage), uuid4()
    there, gone = (
        comparable(asked.get(path.format(pk)), theirs, nowhere) for pk in (theirs, nowhere)
    )
    assert there == gone


def test_visit_activity_needs_an_admin_users_grants(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An integration sees what an Admin User sees, and no more."""
    monkeypatch.setattr(decide, "EVERYTHING", decide.Grants())
    for operation in OPERATIONS:
        if operation.scope in (Scope.RESULTS_READ, Scope.VISITS_READ):
            answer = operation.ask(system(stage, operation.scope), operation.address(stage))
            assert answer.status_code == 404 or answer.json()["items"] == []
