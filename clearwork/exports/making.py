"""Making an export's file: paper by paper, each asked for anew by what its maker may have now."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from itertools import batched
from typing import BinaryIO
from uuid import UUID

from clearwork.access.decide import Viewer
from clearwork.access.load import viewer_of
from clearwork.accounts.models import PortalAccess
from clearwork.database import scope
from clearwork.documents.inspect import NotAPdf
from clearwork.documents.merging import CannotMerge, Entry, Merger
from clearwork.exports import actions, contents, parts
from clearwork.exports.actions import Stopped
from clearwork.exports.contents import LeftOut
from clearwork.exports.models import Export
from clearwork.exports.papers import Paper
from clearwork.exports.rules import Form, Reason
from clearwork.exports.sources import source_of
from clearwork.exports.zipping import ZipOfPapers

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
    if export.form == Form.PDF:
        _combine(filling, carefully=carefully)
    else:
        _zip(filling)
    return filling


def _zip(filling: Filling) -> None:
    whole = parts.written(filling.export)
    with whole as (file, written), ZipOfPapers(file, filling.source) as archive:
        for (paper,), data in filling.documents():
            archive.add(paper, data)
            filling.included.append(paper.pk)
        archive.add_index(filling.facts)
    filling.size = written.size


def _combine(filling: Filling, *, carefully: bool) -> None:
    """The contents page takes as long as the merging: it is set meanwhile, as it will likely be.

    And the file is stored while the memory of what was merged is given back.
    """
    with ThreadPoolExecutor(1) as beside:
        with Merger(carefully=carefully) as merger:
            file = _merged(filling, merger, beside)
            if file is None:
                return
            noted = parts.note(filling.export, file)
            storing = beside.submit(parts.store, file, noted)
        filling.size = storing.result()


def _merged(filling: Filling, merger: Merger, beside: ThreadPoolExecutor) -> BinaryIO | None:
    """None where nothing could be put in."""
    likely, lines = filling.likely_contents(), filling.export.total
    begun = beside.submit(contents.page, likely, lines)
    if not (entries := _entries(filling, merger)):
        return None
    said = filling.contents(entries)
    page = begun.result() if said == likely else contents.page(said, lines)
    return merger.save(page, [entry for _, entry in entries], title=str(said["title"]))


def _entries(filling: Filling, merger: Merger) -> list[tuple[Paper, Entry]]:
    entries = []
    for papers, data in filling.documents():
        try:
            first = merger.add(data)
        except NotAPdf:
            for paper in papers:
                filling.leave_out(paper.pk, Reason.DAMAGED, paper)
            continue
        for at, paper in enumerate(papers):
            entries.append((paper, Entry(contents.title_of(paper), first + at)))
            filling.included.append(paper.pk)
    return entries


class Filling:
    """What goes into the file, and what does not."""

    viewer: Viewer

    def __init__(self, export: Export) -> None:
        self.export = export
        self.source = source_of(export)
        self.included: list[UUID] = []
        self.size = 0
        self.facts = LeftOut([], export.unavailable)
        self._reasons: list[tuple[UUID, Reason]] = []
        self._found: dict[UUID, Paper] = {}

    def leave_out(self, pk: UUID, reason: Reason, paper: Paper | None = None) -> None:
        self._reasons.append((pk, reason))
        if paper is None:
            self.facts.unavailable += 1
        else:
            self.facts.rows.append((paper, reason))

    def documents(self) -> Iterator[tuple[Sequence[Paper], bytes]]:
        """A PDF each of some papers. Stopped, or AccessEnded: asked anew time and again."""
        for some in batched(enumerate(self.export.chosen), self.source.at_a_time):
            papers = self._asked(some[0][0], [pk for _, pk in some])
            for group, data in self.source.contents(self.viewer, papers, Form(self.export.form)):
                if not isinstance(data, Reason):
                    yield group, data
                    continue
                for paper in group:
                    self.leave_out(paper.pk, data, paper)

    def likely_contents(self) -> dict[str, object]:
        """What the contents page says where nothing has to be left out."""
        with self._scope():
            self.viewer = self._maker()
            found = self._found = self.source.papers(self.viewer, self.export.chosen)
        there = [found[pk] for pk in self.export.chosen if pk in found]
        return self.contents(contents.expected(there))

    def contents(self, entries: Sequence[tuple[Paper, Entry]]) -> dict[str, object]:
        return contents.facts(self.viewer, self.source, entries, self.facts)

    def finish(self, *, tell: bool) -> None:
        with self._scope():
            actions.finish(
                self.export,
                included=self.included,
                left_out=self._reasons,
                size=self.size if self.included else 0,
                by=self.viewer,
                tell=tell,
            )

    def _asked(self, done: int, ids: Sequence[UUID]) -> list[Paper]:
        """Those of `ids` that their maker may have now; the others are left out."""
        found, self._found = self._found, {}
        if done or not found:  # else it was asked a moment ago
            with self._scope():
                self.viewer = self._maker()
                actions.note_progress(self.export, done)
                found = self.source.papers(self.viewer, ids)
        for pk in ids:
            if pk not in found:
                self.leave_out(pk, Reason.GONE)
        return [found[pk] for pk in ids if pk in found]

    def _scope(self) -> AbstractContextManager[None]:
        return scope.acting_as(scope.employer(self.export.employer_id))

    def _maker(self) -> Viewer:
        if viewer := viewer_who_made(self.export):
            return viewer
        raise AccessEnded
