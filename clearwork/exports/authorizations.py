"""Authorizations as papers of a file: drawn anew from the rows, many in one go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import batched
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from clearwork.access.decide import Viewer
from clearwork.audit.actions import Action
from clearwork.authorizations import document, queries
from clearwork.authorizations.models import Authorization
from clearwork.authorizations.rules import Reason as Why
from clearwork.authorizations.rules import State
from clearwork.database import scope
from clearwork.documents.inspect import inspect_pdf
from clearwork.exports.papers import Content, Paper
from clearwork.exports.rules import Form

_IN_ONE_GO = 100  # pages that share their fonts, and are laid out by one process
_FIELDS = (
    *("pk", "number", "state", "reason", "expires", "center__name", "worksite__name"),
    *("employee__last_name", "employee__first_name"),
)


class Authorizations:
    noun, plural, route = "authorization", "authorizations", "authorizations:detail"
    columns = ("Employee", "Authorization", "Valid until")
    header: tuple[str, ...] = (
        "Employee",
        "Authorization",
        "Status",
        "Worksite",
        "Medical center",
        "Valid until",
    )
    downloaded = Action.AUTHORIZATION_DOWNLOADED
    at_once, at_a_time = 50, _IN_ONE_GO

    def visible(self, viewer: Viewer) -> QuerySet[Authorization]:
        return queries.authorizations(viewer)

    def papers(self, viewer: Viewer, ids: Sequence[UUID]) -> dict[UUID, Paper]:
        rows = self.visible(viewer).filter(pk__in=ids).values(*_FIELDS)
        return {row["pk"]: _paper(row) for row in rows}

    def contents(self, viewer: Viewer, papers: Sequence[Paper], form: Form) -> Iterator[Content]:
        for some in batched(papers, _IN_ONE_GO):
            drawn = _in_order(viewer, some)
            if form == Form.ZIP:
                yield from zip(([paper] for paper in some), _each(drawn), strict=True)
            else:
                yield from _together(some, drawn)


def _together(papers: Sequence[Paper], drawn: Sequence[Authorization]) -> Iterator[Content]:
    """As one PDF, unless one of them needs more than its page."""
    (data,) = document.render_each([drawn])
    if inspect_pdf(data).pages == len(papers):
        yield papers, data
    else:
        yield from zip(([paper] for paper in papers), _each(drawn), strict=True)


def _each(drawn: Sequence[Authorization]) -> list[bytes]:
    return document.render_each([[one] for one in drawn])


def _in_order(viewer: Viewer, papers: Sequence[Paper]) -> list[Authorization]:
    """They are never deleted: what was there a moment ago is."""
    ids = [paper.pk for paper in papers]
    with scope.acting_as(scope.employer(viewer.employer_id)):
        found = queries.to_print(viewer).in_bulk(ids)
    return [found[pk] for pk in ids]


def _paper(row: Mapping[str, Any]) -> Paper:
    last, first = row["employee__last_name"], row["employee__first_name"]
    return Paper(
        pk=row["pk"],
        last_name=last,
        first_name=first,
        title=f"{row['number']} {Why(row['reason']).label}",
        day=row["expires"],
        facts=(
            f"{last}, {first}",
            row["number"],
            State(row["state"]).label,
            row["worksite__name"],
            row["center__name"] or "",
            row["expires"],
        ),
    )
