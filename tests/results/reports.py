"""Reports as intake would have stored them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date, datetime, timedelta

from clearwork.authorizations.models import Authorization
from clearwork.centers.models import MedicalCenter
from clearwork.database import scope
from clearwork.documents.storage import save_document
from clearwork.employers.rules import ReportType
from clearwork.foundation import clock
from clearwork.people.models import Employee
from clearwork.results.models import Report
from tests.exchange import wire


def report(
    employee: Employee,
    center: MedicalCenter,
    *,
    title: str = "MEC DOT card",
    kind: str = "mec_dot_card",
    age: timedelta = timedelta(),
    visited: date | None = None,
    authorization: Authorization | None = None,
) -> Report:
    """One report with a real PDF."""
    row = _row(employee, center, title=title, kind=kind, posted=clock.now() - age)
    row.authorization = authorization
    row.visit_date = visited or row.visit_date
    row.document = save_document(wire.pdf())
    with scope.acting_as(scope.OPERATOR):
        row.save(force_insert=True)
    return row


def reports(
    employee: Employee,
    center: MedicalCenter,
    count: int,
    *,
    posted: Callable[[int], datetime] = lambda _: clock.now(),
) -> list[Report]:
    """Many rows without a file, for lists."""
    rows = [_row(employee, center, title=f"No. {i}", posted=posted(i)) for i in range(count)]
    with scope.acting_as(scope.OPERATOR):
        return Report.objects.bulk_create(rows)


def _row(
    employee: Employee,
    center: MedicalCenter,
    *,
    title: str,
    posted: datetime,
    kind: str = "mec_dot_card",
) -> Report:
    return Report(
        employer_id=employee.employer_id,
        employee=employee,
        center=center,
        report_type=kind,
        kind=ReportType(kind).kind,
        title=title,
        visit_date=posted.date(),
        posted_at=posted,
        document="none",
        sha256=hashlib.sha256(wire.pdf()).digest(),
        size=len(wire.pdf()),
        pages=1,
    )
