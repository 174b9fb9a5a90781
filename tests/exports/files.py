"""Reports of Northwind to be downloaded, and looking into the files one gets."""

from __future__ import annotations

import io
from datetime import date
from typing import Any
from uuid import UUID

import pikepdf
from django.test import Client

from clearwork.audit.models import AuditEvent
from clearwork.database import scope
from clearwork.documents.storage import save_document
from clearwork.exports.models import Export
from clearwork.people.models import Employee
from clearwork.results.models import Report
from tests.cast import Cast
from tests.exchange import wire
from tests.results.reports import report

VISITED = date(2026, 11, 2)
NEW = "/downloads/new/"


def cards(cast: Cast, count: int, *, employee: Employee | None = None) -> list[Report]:
    who = employee or cast.maria
    return [report(who, cast.dallas, visited=VISITED) for _ in range(count)]


def many(cast: Cast, count: int) -> list[Report]:
    """Rows of the same sealed document: quick to make, each read by itself."""
    name, pdf = save_document(wire.pdf()), wire.pdf()
    first = report(cast.maria, cast.dallas, visited=VISITED)
    rows = [
        Report(
            **{
                field.attname: getattr(first, field.attname)
                for field in Report._meta.concrete_fields
                if field.name not in ("id", "document", "size")
            },
            document=name,
            size=len(pdf),
        )
        for _ in range(count - 1)
    ]
    with scope.acting_as(scope.OPERATOR):
        return [first, *Report.objects.bulk_create(rows)]


def ask(client: Client, reports: list[Report], form: str = "pdf", **more: Any) -> Any:
    ids = [str(row.pk) for row in reports]
    return client.post(NEW, {"ids": ids, "form": form, **more})


def content(answer: Any) -> bytes:
    assert answer.status_code == 200 and answer.streaming, answer
    return b"".join(answer.streaming_content)


def bookmarks(pdf: bytes) -> list[tuple[str, int]]:
    """Each bookmark's words, and the page it leads to, from 1."""
    with pikepdf.open(io.BytesIO(pdf)) as opened, opened.open_outline() as outline:
        pages = {page.objgen: number for number, page in enumerate(opened.pages, start=1)}
        return [
            (str(item.title), pages[item.destination[0].objgen])  # type: ignore[index]
            for item in outline.root
        ]


def noted(action: str) -> list[UUID | None]:
    with scope.acting_as(scope.OPERATOR):
        events = AuditEvent.objects.filter(action=action).order_by("id")
        return list(events.values_list("subject_id", flat=True))


def latest() -> Export:
    with scope.acting_as(scope.OPERATOR):
        return Export.objects.latest("created_at")


def damage(row: Report, data: bytes) -> None:
    with scope.acting_as(scope.OPERATOR):
        Report.objects.filter(pk=row.pk).update(document=save_document(data) if data else "gone")
