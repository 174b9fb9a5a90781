"""Papers in a ZIP, byte for byte, with an index as CSV and as a page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Self
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from django.template.loader import render_to_string
from django.utils import timezone

from clearwork.audit.export import to_csv
from clearwork.exports.contents import LeftOut
from clearwork.exports.papers import Paper, Source
from clearwork.exports.rules import FileNames

_FOR_THE_OWNER_ALONE = 0o100600 << 16


class ZipOfPapers:
    """Written from front to back. PDFs are stored as they are: they are compressed already."""

    def __init__(self, file: BinaryIO, source: Source) -> None:
        self._zip = ZipFile(file, "w", ZIP_STORED)
        self._source = source
        self._names = FileNames()
        self._files: list[tuple[Paper, str]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def add(self, paper: Paper, data: bytes) -> None:
        name = self._names.of(paper.last_name, paper.first_name, paper.title, paper.day)
        self._write(name, data, ZIP_STORED)
        self._files.append((paper, name))

    def add_index(self, left_out: LeftOut) -> None:
        header = (*self._source.header, "File", "Left out because")
        self._write("index.csv", to_csv(header, self._rows(left_out)), ZIP_DEFLATED)
        context = {"source": self._source, "files": self._files, "left_out": left_out}
        page = render_to_string("exports/index.html", context)
        self._write("index.html", page.encode(), ZIP_DEFLATED)

    def _rows(self, left_out: LeftOut) -> Iterator[tuple[object, ...]]:
        for paper, name in self._files:
            yield (*paper.facts, name, "")
        for paper, reason in left_out.rows:
            yield (*paper.facts, "", reason.label)

    def _write(self, name: str, data: bytes, how: int) -> None:
        entry = ZipInfo(name, timezone.localtime().timetuple()[:6])
        entry.compress_type = how
        entry.external_attr = _FOR_THE_OWNER_ALONE
        self._zip.writestr(entry, data)
