"""Visits, and what they mean for someone's work."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import BaseModel, Field

from clearwork.api.answers import answer, page
from clearwork.api.entry import asks, viewer_of
from clearwork.api.rules import Scope
from clearwork.api.schemas import Center, Day, Paged, Person
from clearwork.audit.actions import Action
from clearwork.database.paging import Ordering
from clearwork.employers.rules import ReportKind
from clearwork.visits import queries, viewing
from clearwork.visits.models import Visit, WorkStatus
from clearwork.visits.rules import Duty

router = Router(tags=["Visits and work status"])
_NEWEST = Ordering(("-arrived_at", "-id"))
_LATEST = Ordering(("-issued_at", "-id"))


class Status(BaseModel):
    """What someone may do at work: never why.

    `unknown`: the medical center corrected its report, and only the report (`report_id`)
    says what holds now. What it said before no longer counts.
    """

    id: UUID
    kind: ReportKind
    duty: Duty
    restrictions: list[str]
    starts: date
    until: date | None
    expected_return: date | None
    issued_at: datetime
    report_id: UUID | None

    @classmethod
    def of(cls, one: WorkStatus) -> Status:
        return cls(**_facts(one))


class WorkStatusOut(Status):
    """Where it `starts` on a later day, `until_then` is what limits the person's work before."""

    employee: Person
    until_then: Status | None


class WorkStatusPage(BaseModel):
    items: list[WorkStatusOut]
    next: str


class VisitOut(BaseModel):
    id: UUID
    kind: ReportKind
    visited_on: date
    arrived_at: datetime
    checked_out_at: datetime | None
    next_appointment: datetime | None
    employee: Person
    center: Center
    authorization_id: UUID | None
    services: list[str]
    work_status: Status | None


class VisitPage(BaseModel):
    items: list[VisitOut]
    next: str


class VisitQuery(Paged):
    name: str = Field("", max_length=200, description="How the first or last name begins.")
    employee: UUID | None = None
    worksite: UUID | None = None
    kind: ReportKind | None = None
    first: Day | None = None
    last: Day | None = None


class WorkStatusQuery(Paged):
    employee: UUID | None = None
    duty: Duty | None = None


@router.get("/visits", response=VisitPage, **asks(Scope.VISITS_READ))
def list_visits(request: HttpRequest, asked: Query[VisitQuery]) -> HttpResponse:
    """The newest first, each with the last work status it gave."""
    viewer = viewer_of(request)
    wanted = queries.Criteria(
        name=asked.name,
        employee=asked.employee,
        worksite=asked.worksite,
        kind=asked.kind or "",
        first=asked.first,
        last=asked.last,
    )
    found, visible = queries.found(viewer, wanted), queries.visits(viewer)
    rows, after = page(visible, found, _NEWEST, asked.after, asked.limit)
    viewing.note(Action.VISITS_LISTED, by=viewer)
    return answer(VisitPage(items=[_visit(row) for row in rows], next=after))


@router.get("/work-status", response=WorkStatusPage, **asks(Scope.VISITS_READ))
def list_work_status(request: HttpRequest, asked: Query[WorkStatusQuery]) -> HttpResponse:
    """What is in force of everyone who has a status, the latest first: of each kind of visit the
    last one, and limits after another injury that nothing has ended."""
    viewer = viewer_of(request)
    exact: dict[str, Any] = {"employee_id": asked.employee, "duty": asked.duty}
    found = queries.current(viewer).select_related("employee")
    found = found.filter(**{name: value for name, value in exact.items() if value})
    rows, after = page(queries.statuses(viewer), found, _LATEST, asked.after, asked.limit)
    viewing.note(Action.WORK_STATUS_LISTED, by=viewer)
    items = [_work_status(row) for row in queries.with_until_then(viewer, rows)]
    return answer(WorkStatusPage(items=items, next=after))


def _work_status(one: WorkStatus) -> WorkStatusOut:
    before = Status.of(one.until_then) if one.until_then else None
    return WorkStatusOut(**_facts(one), employee=Person.of(one.employee), until_then=before)


def _visit(one: Visit) -> VisitOut:
    own = ("kind", "visited_on", "arrived_at", "checked_out_at", "next_appointment", "services")
    facts = {name: getattr(one, name) for name in (*own, "authorization_id")}
    given: list[WorkStatus] = one.given  # type: ignore[attr-defined]
    return VisitOut(
        id=one.pk,
        **facts,
        employee=Person.of(one.employee),
        center=Center.of(one.center),
        work_status=Status.of(given[0]) if given else None,
    )


def _facts(one: WorkStatus) -> dict[str, Any]:
    own = ("kind", "duty", "restrictions", "starts", "until", "expected_return", "issued_at")
    return {"id": one.pk, "report_id": one.source_id, **{name: getattr(one, name) for name in own}}
