"""Reports in a ZIP, byte for byte as they are stored, with an index as CSV and as a page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Self
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from django.template.loader import render_to_string
from django.utils import timezone

from clearwork.audit.export import to_csv
from clearwork.exports.contents import LeftOut, person_of
from clearwork.exports.rules import FileNames
from clearwork.results.models import Report

_HEADER = (
    "Employee", "Date of birth", "Report", "Type of visit", "Medical center", "Visit", "Received",
    "File", "Left out because",
)  # fmt: skip
_FOR_THE_OWNER_ALONE = 0o100600 << 16


class ZipOfReports:
    """Written from front to back. PDFs are stored as they are: they are compressed already."""

    def __init__(self, file: BinaryIO) -> None:
        self._zip = ZipFile(file, "w", ZIP_STORED)
        self._names = FileNames()
        self._files: list[tuple[Report, str]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def add(self, report: Report, data: bytes) -> None:
        person = report.employee
        names = (person.last_name, person.first_name)
        name = self._names.of(*names, report.title, report.visit_date)
        self._write(name, data, ZIP_STORED)
        self._files.append((report, name))

    def add_index(self, left_out: LeftOut) -> None:
        self._write("index.csv", to_csv(_HEADER, self._rows(left_out)), ZIP_DEFLATED)
        context = {"files": self._files, "left_out": left_out}
        page = render_to_string("exports/index.html", context)
        self._write("index.html", page.encode(), ZIP_DEFLATED)

    def _rows(self, left_out: LeftOut) -> Iterator[tuple[object, ...]]:
        for report, name in self._files:
            yield (*_facts(report), name, "")
        for report, reason in left_out.rows:
            yield (*_facts(report), "", reason.label)

    def _write(self, name: str, data: bytes, how: int) -> None:
        entry = ZipInfo(name, timezone.localtime().timetuple()[:6])
        entry.compress_type = how
        entry.external_attr = _FOR_THE_OWNER_ALONE
        self._zip.writestr(entry, data)


def _facts(report: Report) -> tuple[object, ...]:
    return (
        person_of(report),
        report.employee.date_of_birth,
        report.title,
        report.get_kind_display(),
        report.center.name,
        report.visit_date,
        timezone.localtime(report.posted_at).date(),
    )
