"""Employees, visits, work status and results by the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clearwork.api.rules import Scope
from clearwork.database import scope
from clearwork.documents.storage import read_document
from clearwork.foundation import clock
from clearwork.foundation.ids import uuid7
from clearwork.people.models import Employee
from clearwork.results.models import Report
from clearwork.results.removal import remove
from clearwork.visits.models import Visit, WorkStatus
from tests.api.story import Integration, events, integration
from tests.cast import BORN, Cast
from tests.conftest import SignIn
from tests.database.stage import Case, northwinds, southports


@pytest.fixture
def payroll(cast: Cast) -> Integration:
    return integration(cast.alice)


@pytest.fixture
def case(cast: Cast) -> Case:
    southports(cast)
    return northwinds(cast)


def ana(cast: Cast, **changes: Any) -> dict[str, Any]:
    usual = {"first_name": "Ana", "last_name": "Ruiz", "date_of_birth": "1990-01-02"}
    return {**usual, "worksite_id": str(cast.plant.pk), **changes}


def test_an_employee_is_added_found_and_changed(cast: Cast, payroll: Integration) -> None:
    added = payroll.post("/employees", ana(cast, employee_number="N-9"), Idempotency_Key="1")
    assert added.status_code == 201
    assert payroll.post(
        "/employees", ana(cast, employee_number="N-9"), Idempotency_Key="1"
    ).json() == (added.json())
    for query in ("name=rui", "employee_number=N-9", "name=ana ruiz"):
        (found,) = payroll.get(f"/employees?{query}").json()["items"]
        assert found == added.json()
    path = added["Location"].removeprefix("/api/v1")
    tag = payroll.get(path)["ETag"]
    changed = payroll.patch(path, {"job_title": "Driver"}, If_Match=tag)
    assert changed.json() == {**added.json(), "job_title": "Driver"}
    stale = payroll.patch(path, {"job_title": "Chief"}, If_Match=tag)
    assert stale.status_code == 412 and stale.json()["errors"][0]["header"] == "If-Match"
    assert payroll.patch(path, {"job_title": ""}).json()["job_title"] == ""
    (changed_event, _) = events("employee:changed")
    assert changed_event.actor_kind == "integration"


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"employee_number": "N-1"}, "#/employee_number"),
        ({"date_of_birth": "2999-01-01"}, "#/date_of_birth"),
        ({"phone": "call me"}, "#/phone"),
        ({"email": "at home"}, "#/email"),
        ({"hire_date": "1950-01-01"}, "#/hire_date"),
        ({"first_name": " "}, "#/first_name"),
        ({"language": "xx"}, "#/language"),
    ],
)
def test_what_is_wrong_with_one_is_said(
    changes: dict[str, Any], pointer: str, cast: Cast, payroll: Integration
) -> None:
    answer = payroll.post("/employees", ana(cast, **changes))
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_another_employers_worksite_is_none(cast: Cast, payroll: Integration) -> None:
    answer = payroll.post("/employees", ana(cast, worksite_id=str(cast.yard.pk)))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "#/worksite_id"


def test_a_namesake_is_asked_about(cast: Cast, payroll: Integration) -> None:
    maria = ana(cast, first_name="Maria", last_name="Garcia", date_of_birth=f"{BORN}")
    assert payroll.post("/employees", maria).status_code == 409
    assert payroll.post("/employees", {**maria, "is_namesake": True}).status_code == 201


def test_who_left_is_told_apart(cast: Cast, payroll: Integration) -> None:
    with scope.acting_as(scope.OPERATOR):
        Employee.objects.filter(pk=cast.wei.pk).update(is_active=False)
    active = payroll.get("/employees?is_active=true").json()["items"]
    assert [each["employee_number"] for each in active] == ["N-1"]


def test_results_are_searched_described_and_downloaded(
    cast: Cast, case: Case, payroll: Integration
) -> None:
    report = case.report
    (found,) = payroll.get("/results?name=gar&state=TX&center=TX-DAL&kind=non_injury").json()[
        "items"
    ]
    assert found["id"] == str(report.pk) and found["report_type"] == "mec_dot_card"
    assert payroll.get("/results?name=nobody").json()["items"] == []
    described = payroll.get(f"/results/{report.pk}").json()
    assert described["sha256"] == bytes(report.sha256).hex()
    file = payroll.get(f"/results/{report.pk}/file")
    with scope.acting_as(scope.OPERATOR):
        assert file.content == read_document(report.document)
    assert file["Content-Type"] == "application/pdf" and file["Cache-Control"] == "no-store"
    ((viewed,), (downloaded,)) = (events(f"report:{what}") for what in ("viewed", "downloaded"))
    for event in (viewed, downloaded):
        assert (event.actor_kind, event.actor_id) == ("integration", payroll.token.pk)
        assert event.subject_id == report.pk


@pytest.mark.parametrize("sort", ["received", "visited", "name"])
def test_results_are_paged_in_each_order(
    sort: str, case: Case, payroll: Integration, cast: Cast
) -> None:
    with scope.acting_as(scope.OPERATOR):
        for _ in range(6):
            copy = Report.objects.get(pk=case.report.pk)
            copy.pk = uuid7()
            copy.save(force_insert=True)
    seen: list[str] = []
    after = ""
    while True:
        with CaptureQueriesContext(connection) as asked:
            said = payroll.get(f"/results?sort={sort}&limit=3{after}").json()
        assert len(asked) <= 15
        seen += [item["id"] for item in said["items"]]
        if not said["next"]:
            break
        after = f"&after={said['next']}"
    assert len(seen) == len(set(seen)) == 7


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("received_from=2026-02-01&received_until=2026-01-01", "received_until"),
        ("received_until=9999-12-31", "received_until"),
        ("visited_from=7.4", "visited_from"),
        ("new_since=1700000000", "new_since"),
        ("center=XX", "center"),
        ("state=tx", "state"),
        ("report_type=none", "report_type"),
        ("new_since=yesterday", "new_since"),
    ],
)
def test_a_search_that_makes_no_sense_is_told_so(
    query: str, parameter: str, payroll: Integration
) -> None:
    answer = payroll.get(f"/results?{query}")
    assert answer.status_code == 422
    assert [error["query"] for error in answer.json()["errors"]] == [parameter]


@pytest.mark.parametrize("name", ["%", "_", "';--", "\\", "%00", "%F0%9F%92%A9", "*"])
def test_no_character_means_anything_special(name: str, case: Case, payroll: Integration) -> None:
    assert payroll.get(f"/results?name={name}x").json()["items"] == []


def test_the_report_page_says_that_a_system_opened_it(
    cast: Cast, case: Case, payroll: Integration, sign_in: SignIn
) -> None:
    payroll.get(f"/results/{case.report.pk}")
    page = sign_in(cast.alice).get(f"/results/{case.report.pk}/")
    assert b"One of your integrations" in page.content
    assert b"Someone of the network" not in page.content


def test_a_damaged_file_is_said_and_alerted(case: Case, payroll: Integration) -> None:
    with scope.acting_as(scope.OPERATOR):
        Report.objects.filter(pk=case.report.pk).update(document="nowhere")
    answer = payroll.get(f"/results/{case.report.pk}/file")
    assert answer.status_code == 404 and "cannot be read" in answer.json()["detail"]
    assert len(events("report:unreadable")) == 1 and not events("report:downloaded")


def test_a_withdrawn_result_has_no_file(case: Case, payroll: Integration) -> None:
    with scope.acting_as(scope.OPERATOR):
        Report.objects.filter(pk=case.report.pk).update(withdrawn_at=clock.now())
    assert payroll.get(f"/results/{case.report.pk}").json()["withdrawn_at"]
    assert payroll.get(f"/results/{case.report.pk}/file").status_code == 404


def test_visits_come_with_the_work_status_they_gave(case: Case, cast: Cast) -> None:
    report = case.report
    shared = ("employer_id", "employee_id", "center_id", "kind")
    own: dict[str, Any] = {name: getattr(report, name) for name in shared}
    with scope.acting_as(scope.OPERATOR):
        visit = Visit.objects.create(
            **own, visited_on=report.visit_date, arrived_at=report.posted_at, services=["X-ray"]
        )
        WorkStatus.objects.create(
            **own,
            visit=visit,
            duty="restricted",
            restrictions=["No lifting over 10 lb"],
            starts=report.visit_date,
            issued_at=report.posted_at,
            fingerprint="1",
        )
    payroll = integration(cast.alice, [Scope.VISITS_READ])
    (seen,) = payroll.get("/visits?name=gar").json()["items"]
    assert seen["services"] == ["X-ray"] and seen["work_status"]["duty"] == "restricted"
    (status,) = payroll.get("/work-status?duty=restricted").json()["items"]
    assert status["restrictions"] == ["No lifting over 10 lb"]
    assert status["employee"]["employee_number"] == "N-1"
    assert payroll.get("/work-status?duty=off_work").json()["items"] == []
    assert len(events("visits:listed")) == 1 and len(events("work_status:listed")) == 2
    assert status["until_then"] is None
    with scope.acting_as(scope.OPERATOR):
        WorkStatus.objects.create(
            **own,
            visit=visit,
            duty="full_duty",
            starts=clock.today() + timedelta(days=7),
            issued_at=clock.now(),
            fingerprint="2",
        )
    (status,) = payroll.get("/work-status").json()["items"]
    assert (status["duty"], status["until_then"]["duty"]) == ("full_duty", "restricted")


def test_what_was_received_in_error_is_gone_for_integrations_too(
    cast: Cast, payroll: Integration, case: Case
) -> None:
    """Also by an address known from before, which answers as one that never was."""
    before, path = payroll.get("/results").json()["items"], f"/results/{case.report.pk}"
    assert [found["id"] for found in before] == [str(case.report.pk)]
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        remove(case.report, words="Not ours.", by=cast.alice.viewer)
    assert payroll.get("/results").json()["items"] == []
    for gone in (path, f"{path}/file"):
        missing = payroll.get(gone.replace(str(case.report.pk), str(uuid7())))
        assert (payroll.get(gone).status_code, missing.status_code) == (404, 404)
