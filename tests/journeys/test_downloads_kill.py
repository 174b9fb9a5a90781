"""A worker that is killed while it makes a file of 300 reports leaves no half of it."""

from __future__ import annotations

import io
import os
import time
import zipfile
from collections.abc import Callable

import pytest

from clearwork.database import scope
from clearwork.documents.storage import read_document, save_document
from clearwork.exports import actions, parts, queries
from clearwork.exports.models import Export, ExportPart
from clearwork.exports.rules import ExportState, Form, What
from clearwork.results.models import Report
from tests.cast import Cast
from tests.exchange import wire
from tests.exports.files import many, noted
from tests.journeys.processes import Portal, wait_for

pytestmark = [pytest.mark.journey, pytest.mark.patient]
REPORTS = 300
FILLER = 400_000  # so that the file has many parts, and making it takes a while
PATIENCE = 120.0


def test_a_file_of_300_reports_survives_a_worker_that_is_killed(
    committed_cast: Cast, open_portal: Callable[..., Portal]
) -> None:
    rows = many(committed_cast, REPORTS)
    document = save_document(wire.pdf() + os.urandom(FILLER))
    with scope.acting_as(scope.OPERATOR):
        Report.objects.filter(pk__in=[row.pk for row in rows]).update(document=document)
    by = committed_cast.alice.viewer
    with scope.acting_as(scope.employer(by.employer_id)):
        chosen = queries.selected(by, [str(row.pk) for row in rows])
        asked = actions.begin(chosen, form=Form.ZIP, what=What.SELECTED, by=by)
        actions.queue(asked)
    portal = open_portal("worker")
    worker = portal.processes["worker"]
    wait_for(lambda: bool(_parts(asked)), PATIENCE, portal.said, every=0.005)
    worker.kill()
    assert _state(asked) == ExportState.RUNNING, "killed half-way"
    lost = _parts(asked)
    print(f"killed after {len(lost)} parts")
    worker.start()
    began = time.monotonic()
    wait_for(lambda: _state(asked) == ExportState.READY, PATIENCE, portal.said)
    print(f"finished {time.monotonic() - began:.0f} s later")
    with scope.acting_as(scope.employer(by.employer_id)):
        data = b"".join(parts.read(asked, by=by))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None and len(archive.namelist()) == REPORTS + 2
    assert lost and not lost & _parts(asked)
    for name in lost:
        with pytest.raises(FileNotFoundError):
            read_document(name)
    assert noted("export:made") == [asked.pk] and noted("report:downloaded") == []


def _parts(export: Export) -> set[str]:
    with scope.acting_as(scope.OPERATOR):
        return set(ExportPart.objects.filter(export=export).values_list("document", flat=True))


def _state(export: Export) -> str:
    with scope.acting_as(scope.OPERATOR):
        return Export.objects.values_list("state", flat=True).get(pk=export.pk)
