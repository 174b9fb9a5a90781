"""The life of a download: asked for, taken up, filled part by part, ready, fetched, destroyed."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from itertools import batched
from typing import Any
from uuid import UUID

from django.db import transaction
from procrastinate.contrib.django import app as jobs

from clearwork.access.decide import Viewer
from clearwork.audit.actions import SYSTEM, Action, Actor, event, record
from clearwork.audit.models import AuditEvent
from clearwork.documents.storage import delete_document
from clearwork.exports.models import Export, ExportPart
from clearwork.exports.queries import Chosen, part_names
from clearwork.exports.rules import LIVES, UNFINISHED, ExportState, Form, Reason, What
from clearwork.exports.sources import source_of
from clearwork.foundation import clock
from clearwork.messaging.mail import QUEUE as MAIL_QUEUE
from clearwork.privacy import actions as privacy

MAKE_JOB = "exports.make"
MAIL_JOB = "exports.mail_ready"
QUEUE = "exports"
ONE_PDF_AT_A_TIME = "exports.pdf"
_ZIPS_AT_A_TIME = 2  # of a worker's six jobs
_BEFORE_OTHERS = 1
_EVENTS_AT_ONCE = 1_000
log = logging.getLogger(__name__)


class Stopped(Exception):
    """Nothing is to be done on it any more: it was stopped, or another worker has it."""


@transaction.atomic
def begin(chosen: Chosen, *, form: Form, what: What, by: Viewer) -> Export:
    """One to be made at once; for the background, queue() it."""
    export = Export(
        employer_id=by.employer_id,
        made_by_id=by.user_id,
        of=chosen.of,
        form=form,
        what=what,
        state=ExportState.QUEUED,
        chosen=chosen.papers,
        unavailable=chosen.unavailable,
        expires_at=clock.now() + LIVES,
    )
    export.save(force_insert=True)
    _audit(Action.EXPORT_ASKED, export, by.actor, papers=export.total, of=export.of)
    return export


def queue(export: Export) -> None:
    """Have it made in the background: one PDF at a time, since each is held in memory.

    Somebody waits: it goes before a list's thousand deliveries, and leaves workers to those.
    """
    lane = f"exports.zip.{export.pk.int % _ZIPS_AT_A_TIME}"
    lock = ONE_PDF_AT_A_TIME if export.form == Form.PDF else lane
    jobs.configure_task(MAKE_JOB, queue=QUEUE, lock=lock, priority=_BEFORE_OTHERS).defer(
        employer_id=str(export.employer_id), export_id=str(export.pk)
    )


@transaction.atomic
def remake(export: Export, *, by: Viewer) -> bool:
    """Once more of what its maker may read today; False where there is no file to remake.

    The file goes when the new one is begun: destroyed here, a rollback would miss it.
    """
    fresh = _locked(export)
    if fresh.state not in (ExportState.READY, ExportState.FAILED):
        return False
    _change(fresh, state=ExportState.QUEUED, note="", expires_at=clock.now() + LIVES)
    _audit(Action.EXPORT_ASKED, fresh, by.actor, papers=fresh.total, of=fresh.of)
    queue(fresh)
    return True


@transaction.atomic
def take_up(export: Export) -> Export | None:
    """Begin to make it, from the start where a worker was killed; None where nothing is to do."""
    fresh = _locked(export)
    if fresh.state not in UNFINISHED:
        return None
    _empty(fresh)
    _change(
        fresh,
        state=ExportState.RUNNING,
        attempt=fresh.attempt + 1,
        included=[],
        left_out=[],
        done=0,
        size=0,
    )
    return fresh


@transaction.atomic
def note_progress(export: Export, done: int) -> None:
    """Stopped where it is not this worker's any more."""
    _change(_own(export), done=done)


@transaction.atomic
def add_parts(export: Export, first: int, documents: Sequence[str]) -> None:
    """Note parts before they are stored; Stopped where it is not this worker's any more."""
    own = _own(export)
    ExportPart.objects.bulk_create(
        ExportPart(employer_id=own.employer_id, export_id=own.pk, number=number, document=document)
        for number, document in enumerate(documents, start=first)
    )


@transaction.atomic
def start_over(export: Export) -> None:
    """Destroy what was written so far; Stopped where it is not this worker's any more."""
    _empty(_own(export))


@transaction.atomic
def finish(
    export: Export,
    *,
    included: Sequence[UUID],
    left_out: Iterable[tuple[UUID, Reason]],
    size: int,
    by: Viewer,
    tell: bool,
) -> None:
    """Its file is whole; with `tell` its maker is told by mail. Stopped: not this worker's."""
    own = _own(export)
    if not included:
        _empty(own)
    _change(
        own,
        state=ExportState.READY if included else ExportState.FAILED,
        note="" if included else f"None of the {source_of(own).plural} could be put into the file.",
        included=list(included),
        left_out=[(str(pk), reason.value) for pk, reason in left_out],
        done=own.total,
        size=size,
        finished_at=clock.now(),
    )
    _audit(Action.EXPORT_MADE, own, by.actor, papers=len(included), of=own.of)
    if tell:
        jobs.configure_task(MAIL_JOB, queue=MAIL_QUEUE).defer(
            employer_id=str(own.employer_id), export_id=str(own.pk)
        )


@transaction.atomic
def fail(export: Export) -> None:
    """Something is wrong with us; the log says what."""
    fresh = _locked(export)
    if fresh.state in UNFINISHED:
        log.error("export %s: it could not be made", fresh.pk)
        _empty(fresh)
        note = "Something went wrong here. Try it again; if it keeps failing, call support."
        _change(fresh, state=ExportState.FAILED, note=note, finished_at=clock.now())


@transaction.atomic
def stop(export: Export, *, by: Viewer) -> bool:
    """False where it is over. What was made so far is destroyed."""
    fresh = _locked(export)
    if fresh.state not in UNFINISHED:
        return False
    _end(fresh, ExportState.CANCELLED, "")
    _audit(Action.EXPORT_STOPPED, fresh, by.actor)
    return True


@transaction.atomic
def end_with_access(export: Export) -> None:
    """Its maker's access to the employer has ended, and so does the file."""
    fresh = _locked(export)
    if fresh.state != ExportState.EXPIRED:
        _end(fresh, ExportState.EXPIRED, "The access of who asked for it has ended.")
        _audit(Action.EXPORT_STOPPED, fresh, SYSTEM)


@transaction.atomic
def expire(export: Export) -> None:
    """Its day is over, unless it was asked for anew since."""
    fresh = _locked(export)
    if fresh.expires_at <= clock.now():
        _end(fresh, ExportState.EXPIRED, "")


@transaction.atomic
def note_fetched(export: Export, *, by: Viewer) -> None:
    """One event for the file, and one for each paper in it."""
    fresh = _locked(export)
    _change(fresh, downloaded_at=clock.now())
    _audit(Action.EXPORT_DOWNLOADED, fresh, by.actor, papers=len(fresh.included), of=fresh.of)
    employer, inside, action = fresh.employer_id, str(fresh.pk), source_of(fresh).downloaded
    for some in batched(fresh.included, _EVENTS_AT_ONCE):
        AuditEvent.objects.bulk_create(
            event(
                action,
                by=by.actor,
                employer_id=employer,
                subject_id=pk,
                export=inside,
            )
            for pk in some
        )


@transaction.atomic
def note_unreadable(export: Export, part: str, *, by: Viewer) -> None:
    """A part of its file is missing or damaged, not destroyed: support is told, once a file."""
    fresh = _locked(export)
    if part in part_names(fresh):
        log.error("export %s: its file cannot be read", fresh.pk)
        privacy.report_unreadable(by=by.actor, employer_id=fresh.employer_id, export_id=fresh.pk)


def _audit(action: Action, export: Export, by: Actor, **detail: Any) -> None:
    record(action, by=by, employer_id=export.employer_id, subject_id=export.pk, **detail)


def _own(export: Export) -> Export:
    fresh = _locked(export)
    if fresh.state != ExportState.RUNNING or fresh.attempt != export.attempt:
        raise Stopped
    return fresh


def _locked(export: Export) -> Export:
    return Export.objects.select_for_update().get(employer_id=export.employer_id, pk=export.pk)


def _end(export: Export, state: ExportState, note: str) -> None:
    _empty(export)
    _change(export, state=state, note=note, finished_at=export.finished_at or clock.now())


def _empty(export: Export) -> None:
    """Destroy its file. What cannot be destroyed now keeps its row, to be tried again."""
    for name in part_names(export):
        delete_document(name)
    export.parts.all().delete()


def _change(export: Export, **changes: object) -> None:
    for name, value in changes.items():
        setattr(export, name, value)
    export.save(update_fields=tuple(changes))
