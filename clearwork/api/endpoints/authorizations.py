"""Authorizations: made one by one or many at once, followed, cancelled."""

from __future__ import annotations

from datetime import date, datetime
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from ninja import Header, Query, Router
from pydantic import BaseModel, Field

from clearwork.access.decide import Viewer
from clearwork.api import orders
from clearwork.api.answers import answer, made, page, tagged
from clearwork.api.entry import asks, viewer_of
from clearwork.api.orders import OrderIn
from clearwork.api.problems import Problem
from clearwork.api.repeats import HEADER, once
from clearwork.api.rules import MOST_ORDERS, Scope
from clearwork.api.schemas import NO_NUL, Center, In, Moment, Named, Paged, Person
from clearwork.audit.actions import Action, record
from clearwork.authorizations import changes, queries
from clearwork.authorizations.many import authorize_many
from clearwork.authorizations.models import Authorization
from clearwork.authorizations.rules import CancelReason, Kind, Modality, Reason, State
from clearwork.database.paging import Ordering

router = Router(tags=["Authorizations"])
_NEWEST = Ordering(("-created_at", "-id"))
_CHANGED = Ordering(("state_since", "id"))
Key = Annotated[
    str | None, Header(None, alias=HEADER, min_length=1, max_length=200, pattern=r"^[!-~]+$")
]


class AuthorizationOut(BaseModel):
    id: UUID
    number: str
    state: State
    state_since: datetime
    created_at: datetime
    employee: Person
    worksite: Named
    center: Center | None
    modality: Modality
    kind: Kind
    reason: Reason
    valid_from: date
    expires: date

    @classmethod
    def of(cls, one: Authorization) -> AuthorizationOut:
        return cls(**_facts(one))


class AuthorizationInFull(AuthorizationOut):
    services: list[str]
    created_by: str
    center_note: str
    billing_note: str


class AuthorizationPage(BaseModel):
    items: list[AuthorizationOut]
    next: str


class AuthorizationQuery(Paged):
    state: State | None = None
    employee: UUID | None = None
    changed_since: Moment | None = Field(
        None, description="Those whose state changed since, the earliest change first."
    )


class OrdersIn(In):
    orders: list[OrderIn] = Field(min_length=1, max_length=MOST_ORDERS)


class Made(BaseModel):
    id: UUID
    number: str


class ManyMade(BaseModel):
    authorizations: list[Made]


class CancelIn(In):
    reason: CancelReason
    note: str = Field("", max_length=200, pattern=NO_NUL)


@router.get("/authorizations", response=AuthorizationPage, **asks(Scope.AUTHORIZATIONS_READ))
def list_authorizations(request: HttpRequest, asked: Query[AuthorizationQuery]) -> HttpResponse:
    """The newest first; with `changed_since`, the earliest change first."""
    viewer = viewer_of(request)
    visible = queries.authorizations(viewer)
    exact: dict[str, Any] = {
        "state": asked.state,
        "employee_id": asked.employee,
        "state_since__gte": asked.changed_since,
    }
    found = visible.filter(**{name: value for name, value in exact.items() if value})
    ordering = _CHANGED if asked.changed_since else _NEWEST
    with_all = found.select_related("employee", "center", "worksite")
    rows, after = page(visible, with_all, ordering, asked.after, asked.limit)
    items = [AuthorizationOut.of(row) for row in rows]
    return answer(AuthorizationPage(items=items, next=after))


@router.post(
    "/authorizations",
    response={201: AuthorizationInFull},
    **asks(Scope.AUTHORIZATIONS_WRITE),
)
def create_authorization(request: HttpRequest, order: OrderIn, key: Key = None) -> HttpResponse:
    """Authorize care: it is saved, and on its way to the medical center."""
    viewer = viewer_of(request)

    def make() -> HttpResponse:
        (pk,) = authorize_many(orders.read(viewer, [order]), by=viewer)
        path = reverse("api:get_authorization", args=[pk])
        return made(_in_full(queries.in_full(viewer).get(pk=pk)), path)

    return once(request, viewer, key, make)


@router.post("/authorizations/bulk", response={201: ManyMade}, **asks(Scope.AUTHORIZATIONS_WRITE))
def create_many_authorizations(
    request: HttpRequest, sent: OrdersIn, key: Key = None
) -> HttpResponse:
    """Up to 1,000 at once: all of them, or none and what is wrong with each."""
    viewer = viewer_of(request)

    def make() -> HttpResponse:
        ids = authorize_many(orders.read(viewer, sent.orders, ["orders"]), by=viewer)
        return answer(_many(viewer, ids), status=HTTPStatus.CREATED)

    return once(request, viewer, key, make)


@router.get(
    "/authorizations/{uuid:pk}", response=AuthorizationInFull, **asks(Scope.AUTHORIZATIONS_READ)
)
def get_authorization(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer = viewer_of(request)
    found = get_object_or_404(queries.in_full(viewer), pk=pk)
    record(
        Action.AUTHORIZATION_VIEWED,
        by=viewer.actor,
        employer_id=viewer.employer_id,
        subject_id=found.pk,
    )
    return tagged(request, _in_full(found))


@router.post(
    "/authorizations/{uuid:pk}/cancel",
    response=AuthorizationInFull,
    **asks(Scope.AUTHORIZATIONS_WRITE),
)
def cancel_authorization(request: HttpRequest, pk: UUID, sent: CancelIn) -> HttpResponse:
    """Until the employee is at the medical center; later: 409, and why."""
    viewer = viewer_of(request)
    found = get_object_or_404(queries.authorizations(viewer), pk=pk)
    reason = ". ".join(filter(None, [sent.reason.label, sent.note]))
    if problem := changes.cancel(found, by=viewer, reason=reason):
        raise Problem(HTTPStatus.CONFLICT, problem)
    return answer(_in_full(queries.in_full(viewer).get(pk=pk)))


def _facts(one: Authorization) -> dict[str, Any]:
    own = ("number", "state", "state_since", "created_at", "modality", "kind", "reason")
    facts = {name: getattr(one, name) for name in (*own, "valid_from", "expires")}
    return {
        "id": one.pk,
        **facts,
        "employee": Person.of(one.employee),
        "worksite": Named.of(one.worksite),
        "center": Center.of(one.center) if one.center else None,
    }


def _in_full(one: Authorization) -> AuthorizationInFull:
    return AuthorizationInFull(
        **_facts(one),
        services=sorted(service.code for service in one.services.all()),
        created_by=str(one.created_by),
        center_note=one.center_note,
        billing_note=one.billing_note,
    )


def _many(viewer: Viewer, ids: list[UUID]) -> ManyMade:
    """In the order of the orders."""
    numbers = dict(queries.authorizations(viewer).filter(pk__in=ids).values_list("pk", "number"))
    return ManyMade(authorizations=[Made(id=pk, number=numbers[pk]) for pk in ids])
