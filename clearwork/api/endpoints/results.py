"""Results: searched as the page searches them, described, and downloaded."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Query, Router
from pydantic import BaseModel, Field

from clearwork.access.decide import Viewer
from clearwork.api.answers import answer, page
from clearwork.api.entry import asks, viewer_of
from clearwork.api.problems import Problem, beside, invalid
from clearwork.api.rules import Scope
from clearwork.api.schemas import NO_NUL, Center, Day, Moment, Paged, Person
from clearwork.centers.models import MedicalCenter
from clearwork.documents.crypto import SealBroken
from clearwork.documents.storage import read_document
from clearwork.employers.rules import ReportKind, ReportType
from clearwork.results import actions, minimum, queries
from clearwork.results.models import Report
from clearwork.results.outcomes import Outcome
from clearwork.results.queries import Criteria
from clearwork.results.rules import Shelf, Sort

router = Router(tags=["Results"])


class Where(StrEnum):
    """On which shelf: results are archived 90 days after they were posted."""

    CURRENT = "current"
    ARCHIVED = "archived"
    ALL = "all"


class By(StrEnum):
    """What comes first: the newest, the last visit, or the name from A to Z."""

    RECEIVED = "received"
    VISITED = "visited"
    NAME = "name"


class ResultOut(BaseModel):
    id: UUID
    report_type: ReportType
    kind: ReportKind
    title: str
    visit_date: date
    posted_at: datetime
    employee: Person
    center: Center
    authorization_id: UUID | None
    pages: int
    size: int
    is_link: bool
    outcome: Outcome | None = Field(
        description="What it comes to, where the type of report has a word for it; of the version "
        "in force only."
    )
    outcome_until: date | None = Field(description="Of a certificate: its last day.")
    withdrawn_at: datetime | None

    @classmethod
    def of(cls, one: Report) -> ResultOut:
        return cls(**_facts(one))


class ResultInFull(ResultOut):
    link: str = Field(description="Of a drug screen result: its address at the laboratory.")
    sha256: str
    superseded_by: UUID | None


class ResultPage(BaseModel):
    items: list[ResultOut]
    next: str


class ResultQuery(Paged):
    name: str = Field("", max_length=200, description="How the first or last name begins.")
    date_of_birth: Day | None = None
    state: str = Field("", pattern=r"^([A-Z]{2})?$", description="Of the medical center.")
    center: str = Field("", max_length=40, pattern=NO_NUL, description="Its code.")
    worksite: UUID | None = None
    kind: ReportKind | None = None
    report_type: ReportType | None = None
    received_from: Day | None = None
    received_until: Day | None = None
    visited_from: Day | None = None
    visited_until: Day | None = None
    new_since: Moment | None = Field(None, description="Posted after this moment.")
    shelf: Where = Where.CURRENT
    sort: By = By.RECEIVED


_SHELVES = {Where.CURRENT: Shelf.CURRENT, Where.ARCHIVED: Shelf.ARCHIVED, Where.ALL: Shelf.ALL}
_SORTS = {By.RECEIVED: Sort.RECEIVED, By.VISITED: Sort.VISITED, By.NAME: Sort.NAME}
_WITHHELD = (
    "More than the minimum necessary: it takes a documented request that support approves, for the"
    " Admin User who answers for this token."
)
_AS_IT_IS = ("name", "date_of_birth", "state", "worksite", "new_since")
_DAYS = ("received_from", "received_until", "visited_from", "visited_until")


@router.get("/results", response=ResultPage, **asks(Scope.RESULTS_READ))
def search_results(request: HttpRequest, asked: Query[ResultQuery]) -> HttpResponse:
    """The latest version of each, as the page finds them."""
    viewer = viewer_of(request)
    criteria = _criteria(asked)
    rows, after = page(
        queries.in_full(viewer),
        queries.search(viewer, criteria, first_few=True),
        criteria.ordering,
        asked.after,
        asked.limit,
        whole=queries.in_list,
    )
    return answer(ResultPage(items=[ResultOut.of(row) for row in rows], next=after))


@router.get("/results/{uuid:pk}", response=ResultInFull, **asks(Scope.RESULTS_READ))
def get_result(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What is known of it; reading this counts as a view."""
    viewer = viewer_of(request)
    found = get_object_or_404(queries.in_full(viewer), pk=pk)
    actions.note_view(found, by=viewer)
    return answer(
        ResultInFull(
            **_facts(found),
            link=found.link if found.is_readable else "",
            sha256=bytes(found.sha256).hex(),
            superseded_by=found.superseded_by_id,
        )
    )


@router.get("/results/{uuid:pk}/file", url_name="get_result_file", **asks(Scope.RESULTS_READ))
def get_result_file(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The PDF, as the medical center sent it. 403: more than the minimum necessary, for which the
    Admin User who answers for the token has no approved request."""
    viewer = viewer_of(request)
    found = get_object_or_404(queries.readable(viewer), pk=pk)
    if minimum.is_withheld(viewer, found):
        raise Problem(HTTPStatus.FORBIDDEN, _WITHHELD)
    if found.link:
        raise Problem(HTTPStatus.NOT_FOUND, "This result is a link: it has no file.")
    response = HttpResponse(_document(found, viewer), content_type="application/pdf")
    actions.note_download(found, by=viewer)
    response["Content-Disposition"] = f'attachment; filename="{found.pk}.pdf"'
    response["Cache-Control"] = "no-store"
    return response


def _document(found: Report, viewer: Viewer) -> bytes:
    try:
        return read_document(found.document)
    except (OSError, SealBroken) as error:
        actions.note_unreadable(found, by=viewer)
        text = "This result's file cannot be read. The network has been told."
        raise Problem(HTTPStatus.NOT_FOUND, text) from error


def _criteria(asked: ResultQuery) -> Criteria:
    for start, end in (("received_from", "received_until"), ("visited_from", "visited_until")):
        first, last = getattr(asked, start), getattr(asked, end)
        if first and last and last < first:
            raise invalid([beside("query", end, f"This is before {start}.")])
    return Criteria(
        **{name: getattr(asked, name) for name in (*_AS_IT_IS, *_DAYS)},
        center=_center(asked.center) if asked.center else None,
        kind=asked.kind or "",
        report_type=asked.report_type or "",
        shelf=_SHELVES[asked.shelf],
        sort=_SORTS[asked.sort],
    )


def _center(code: str) -> UUID:
    found = MedicalCenter.objects.filter(code=code).values_list("pk", flat=True).first()
    if found is None:
        raise invalid([beside("query", "center", "No medical center has this code.")])
    return found


def _facts(one: Report) -> dict[str, Any]:
    own = ("report_type", "kind", "title", "visit_date", "posted_at", "authorization_id")
    facts = {name: getattr(one, name) for name in (*own, "pages", "size", "withdrawn_at")}
    in_force = bool(one.outcome_now)
    return {
        "id": one.pk,
        **facts,
        "outcome": one.outcome if in_force else None,
        "outcome_until": one.outcome_until if in_force else None,
        "employee": Person.of(one.employee),
        "center": Center.of(one.center),
        "is_link": bool(one.link),
    }
