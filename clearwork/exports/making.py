"""Making an export's file: report by report, each asked for anew by what its maker may read now."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import batched
from typing import BinaryIO
from uuid import UUID

from clearwork.access.decide import Viewer
from clearwork.access.load import viewer_of
from clearwork.accounts.models import PortalAccess
from clearwork.database import scope
from clearwork.documents.crypto import SealBroken
from clearwork.documents.inspect import NotAPdf
from clearwork.documents.merging import CannotMerge, Entry, Merger
from clearwork.documents.storage import read_document
from clearwork.exports import actions, contents, parts, queries
from clearwork.exports.actions import Stopped
from clearwork.exports.models import Export
from clearwork.exports.rules import Form, Reason
from clearwork.exports.zipping import ZipOfReports
from clearwork.results.actions import note_unreadable
from clearwork.results.models import Report

_AT_A_TIME = 200  # each costs a commit, and so an fsync
log = logging.getLogger(__name__)


class AccessEnded(Exception):
    """Whose file it would be may not sign in for this employer any more."""


def make(employer_id: UUID, export_id: UUID, *, tell: bool) -> None:
    """From the start, whatever a killed worker left; nothing where there is nothing to do.

    `tell`: mail its maker that it is ready.
    """
    with scope.acting_as(scope.employer(employer_id)):
        export = actions.take_up(Export.objects.get(employer_id=employer_id, pk=export_id))
    if export is None:
        return
    try:
        _make(export, tell=tell)
    except Stopped:
        log.info("export %s: stopped", export.pk)
    except AccessEnded:
        with scope.acting_as(scope.employer(employer_id)):
            actions.end_with_access(export)


def viewer_who_made(export: Export) -> Viewer | None:
    """With the grants of today; None once their access has ended."""
    accesses = PortalAccess.objects.select_related("user", "employer")
    access = accesses.filter(
        employer_id=export.employer_id,
        user_id=export.made_by_id,
        is_active=True,
        user__is_active=True,
    ).first()
    return viewer_of(access, access.user, access.employer) if access else None


def _make(export: Export, *, tell: bool) -> None:
    try:
        filling = _filled(export, carefully=False)
    except CannotMerge:
        with scope.acting_as(scope.employer(export.employer_id)):
            actions.start_over(export)
        filling = _filled(export, carefully=True)
    filling.finish(tell=tell)


def _filled(export: Export, *, carefully: bool) -> Filling:
    filling = Filling(export)
    with parts.written(export) as (file, written):
        if export.form == Form.PDF:
            with Merger(carefully=carefully) as merger, ThreadPoolExecutor(1) as beside:
                _combine(filling, merger, file, beside)
        else:
            with ZipOfReports(file) as archive:
                for report, data in filling.documents():
                    archive.add(report, data)
                    filling.included.append(report.pk)
                archive.add_index(filling.facts)
    filling.size = written.size
    return filling


def _combine(filling: Filling, merger: Merger, file: BinaryIO, beside: ThreadPoolExecutor) -> None:
    """The contents page takes as long as the merging: it is set meanwhile, as it will likely be."""
    likely = filling.likely_contents()
    begun = beside.submit(contents.page, likely)
    if entries := _merged(filling, merger):
        said = contents.facts(filling.viewer, entries, filling.facts)
        page = begun.result() if said == likely else contents.page(said)
        merger.save(file, page, [entry for _, entry in entries], title=str(said["title"]))


def _merged(filling: Filling, merger: Merger) -> list[tuple[Report, Entry]]:
    entries = []
    for report, data in filling.documents():
        try:
            entry = Entry(contents.title_of(report), merger.add(data))
        except NotAPdf:
            filling.leave_out(report.pk, Reason.DAMAGED, report)
            continue
        entries.append((report, entry))
        filling.included.append(report.pk)
    return entries


class Filling:
    """What goes into the file, and what does not."""

    viewer: Viewer

    def __init__(self, export: Export) -> None:
        self.included: list[UUID] = []
        self.size = 0
        self.facts = contents.LeftOut([], export.unavailable)
        self._export = export
        self._reasons: list[tuple[UUID, Reason]] = []

    def leave_out(self, pk: UUID, reason: Reason, report: Report | None = None) -> None:
        self._reasons.append((pk, reason))
        if report is None:
            self.facts.unavailable += 1
        else:
            self.facts.rows.append((report, reason))

    def documents(self) -> Iterator[tuple[Report, bytes]]:
        """Those that can be read. Stopped, or AccessEnded: asked anew every _AT_A_TIME reports."""
        for at, some in enumerate(batched(self._export.chosen, _AT_A_TIME)):
            for pk, report in self._asked(at * _AT_A_TIME, some):
                if report is None:
                    self.leave_out(pk, Reason.GONE)
                elif report.link:
                    self.leave_out(pk, Reason.LINK, report)
                elif (data := self._read(report)) is not None:
                    yield report, data

    def likely_contents(self) -> dict[str, object]:
        """What the contents page says where no report has to be left out."""
        with scope.acting_as(scope.employer(self._export.employer_id)):
            viewer = self._maker()
            entries = contents.expected(queries.for_contents(viewer, self._export))
            return contents.facts(viewer, entries, self.facts)

    def finish(self, *, tell: bool) -> None:
        with scope.acting_as(scope.employer(self._export.employer_id)):
            actions.finish(
                self._export,
                included=self.included,
                left_out=self._reasons,
                size=self.size if self.included else 0,
                by=self.viewer,
                tell=tell,
            )

    def _asked(self, done: int, ids: tuple[UUID, ...]) -> list[tuple[UUID, Report | None]]:
        with scope.acting_as(scope.employer(self._export.employer_id)):
            self.viewer = self._maker()
            actions.note_progress(self._export, done)
            return queries.in_order(self.viewer, ids)

    def _maker(self) -> Viewer:
        if viewer := viewer_who_made(self._export):
            return viewer
        raise AccessEnded

    def _read(self, report: Report) -> bytes | None:
        try:
            return read_document(report.document)
        except (OSError, SealBroken):
            with scope.acting_as(scope.employer(self._export.employer_id)):
                note_unreadable(report, by=self.viewer)
            self.leave_out(report.pk, Reason.UNREADABLE, report)
            return None
