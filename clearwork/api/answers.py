"""Answers as JSON: one thing, or a page of many."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from http import HTTPStatus
from uuid import UUID

from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from pydantic import BaseModel

from clearwork.api.problems import beside, invalid
from clearwork.database.paging import Ordering, Whole

_JSON = "application/json"


def answer(what: BaseModel, *, status: int = HTTPStatus.OK) -> HttpResponse:
    """Never kept by what lies between: it may be about someone's health."""
    response = HttpResponse(what.model_dump_json(), content_type=_JSON, status=status)
    response["Cache-Control"] = "no-store"
    return response


def made(what: BaseModel, path: str) -> HttpResponse:
    """201, with the new thing's address."""
    response = answer(what, status=HTTPStatus.CREATED)
    response["Location"] = path
    return response


def tagged(request: HttpRequest, what: BaseModel, tag: str = "") -> HttpResponse:
    """With an ETag, the content's digest unless one is given; 304 where it is there already."""
    response = answer(what)
    etag = f'"{tag or hashlib.sha256(response.content).hexdigest()[:32]}"'
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponse(status=HTTPStatus.NOT_MODIFIED)
        response["Cache-Control"] = "no-store"
    response["ETag"] = etag
    return response


def page[M: Model](
    visible: QuerySet[M],
    found: QuerySet[M],
    ordering: Ordering,
    after: UUID | None,
    limit: int,
    *,
    whole: Whole[M] | None = None,
) -> tuple[Sequence[M], str]:
    """The rows after the one with this id, and the id to go on after ("": there are no more).

    `visible` is what the id may be of; a row may have left `found` since. Another id is
    invalid, whoever's it is. `whole`: see Ordering.page.
    """
    place = visible.filter(pk=after).first() if after else None
    if after and place is None:
        raise invalid([beside("query", "after", "No page ends there. Begin again without it.")])
    listed = ordering.page(found, place, whole=whole, size=limit)
    return listed.rows, listed.next
