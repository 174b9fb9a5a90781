"""500 reports of 50 kB as one PDF, beside pikepdf alone; a report of 20 MB to its first byte.

The PDF is made as the worker makes it: each report asked for under row-level security as
clearwork_app, opened, merged behind a contents page with bookmarks, and stored in sealed parts.
Beside it pikepdf merges the same plain files from disk to disk and keeps their streams.
Memory is that of a process of its own which makes one and nothing else.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from statistics import median
from uuid import UUID

import pikepdf
from django.test import Client
from pikepdf import Dictionary, Name, ObjectStreamMode, Stream, StreamDecodeLevel

from benchmarks import bulk
from benchmarks.table import Row
from clearwork.access.decide import Viewer
from clearwork.accounts.models import User
from clearwork.centers.models import MedicalCenter
from clearwork.database import scope
from clearwork.demo.clinic import documents
from clearwork.documents.storage import read_document, save_documents
from clearwork.employers.models import Worksite
from clearwork.employers.rules import ReportType
from clearwork.exports import actions, making, queries
from clearwork.exports.models import Export
from clearwork.exports.rules import ExportState, Form, What
from clearwork.foundation import clock
from clearwork.people.models import Employee
from clearwork.people.rules import name_keys
from clearwork.results.models import Report

REPORT_BYTES = 50_000
LARGE_BYTES = 20_000_000
_PEOPLE = 50


@dataclass(frozen=True)
class Size:
    reports: int
    rounds: int
    authorizations: int


FULL, SMOKE = Size(500, 9, 2_000), Size(5, 1, 60)


@dataclass(frozen=True)
class Stage:
    viewer: Viewer
    user: User
    reports: list[UUID]
    large: Report


def measure(data: Path, *, smoke: bool) -> list[Row]:
    """The table's rows."""
    size = SMOKE if smoke else FULL
    on = _set_the_stage(size.reports)
    plain = _plain_files(data / "plain", on.reports)
    _combine(on), _bare(plain)  # fonts, connections and the disk's cache
    ours, bare = [], []
    for _ in range(size.rounds):
        bare.append(_timed(lambda: _bare(plain)))
        ours.append(_timed(lambda: _combine(on)))
    what = f"Download: {size.reports} × 50 kB as one PDF"
    ratio = median(ours) / median(bare)
    peak, together = _memory(on)
    beside = f"peak of the process; {together:.0f} with its child"
    return [
        Row(what, f"{median(ours):.2f} s", "pikepdf alone, streams kept", ratio, "≤ 1.3"),
        Row("Download: memory", f"{peak:.0f} MB", beside, None, "≤ 200 MB"),
        _first_byte(on, size.rounds),
        _authorizations(size.authorizations),
    ]


def _set_the_stage(count: int) -> Stage:
    begun = bulk.set_the_stage("500300")
    names = save_documents([_pdf(REPORT_BYTES) for _ in range(count)])
    large = _pdf(LARGE_BYTES)
    with scope.acting_as(scope.OPERATOR):
        people = [_employee(begun.worksite, number) for number in range(_PEOPLE)]
        center = MedicalCenter.objects.all()[:1].get()
        rows = [_report(people[n % _PEOPLE], center, names[n], REPORT_BYTES) for n in range(count)]
        Report.objects.bulk_create(rows)
        (name,) = save_documents([large])
        one = _report(people[0], center, name, len(large))
        one.save(force_insert=True)
        user = User.objects.get(pk=begun.viewer.user_id)
    return Stage(begun.viewer, user, [row.pk for row in rows], one)


def _employee(worksite: Worksite, number: int) -> Employee:
    return Employee.objects.create(
        employer_id=worksite.employer_id,
        worksite=worksite,
        first_name=f"Maria {number}",
        last_name="Garcia",
        date_of_birth=clock.today().replace(year=1988),
        **name_keys(f"Maria {number}", "Garcia"),
    )


def _report(employee: Employee, center: MedicalCenter, name: str, size: int) -> Report:
    kind = ReportType.MEC_DOT_CARD
    return Report(
        employer_id=employee.employer_id,
        employee=employee,
        center=center,
        report_type=kind,
        kind=kind.kind,
        title=kind.label,
        visit_date=clock.today(),
        document=name,
        sha256=hashlib.sha256(name.encode()).digest(),
        size=size,
        pages=1,
    )


def _pdf(size: int) -> bytes:
    """A clinic's certificate with a picture that makes it `size` bytes, more or less."""
    facts = {"number": "CW-BENCH", "given": "Maria", "family": "Garcia", "visit_date": "2026-06-01"}
    with pikepdf.open(BytesIO(documents.make("mec_dot_card", facts))) as pdf:
        output = BytesIO()
        pdf.save(output)
        noise = os.urandom(max(size - output.tell(), 16))
        picture = Stream(
            pdf,
            noise,
            Dictionary(
                Type=Name.XObject,
                Subtype=Name.Image,
                Width=len(noise),
                Height=1,
                ColorSpace=Name.DeviceGray,
                BitsPerComponent=8,
            ),
        )
        pdf.pages[0].add_resource(picture, Name.XObject, Name.Scan)
        output = BytesIO()
        pdf.save(output)
    return output.getvalue()


def _plain_files(folder: Path, reports: list[UUID]) -> list[Path]:
    folder.mkdir()
    found = []
    with scope.acting_as(scope.OPERATOR):
        names = Report.objects.filter(pk__in=reports).values_list("document", flat=True)
        for number, name in enumerate(names):
            found.append(folder / f"{number}.pdf")
            found[-1].write_bytes(read_document(name))
    return found


def _bare(files: list[Path]) -> None:
    merged, opened = pikepdf.new(), []
    for path in files:
        opened.append(pikepdf.open(path))
        merged.pages.extend(opened[-1].pages)
    merged.save(
        files[0].parent / "merged.pdf",
        compress_streams=False,
        stream_decode_level=StreamDecodeLevel.none,
        object_stream_mode=ObjectStreamMode.preserve,
    )
    for pdf in (merged, *opened):
        pdf.close()


def _combine(on: Stage) -> None:
    """In another order each time: typst remembers what it has set once."""
    random.shuffle(on.reports)
    with scope.acting_as(scope.employer(on.viewer.employer_id)):
        chosen = queries.selected(on.viewer, [str(pk) for pk in on.reports])
    _make(on.viewer, chosen)


def _make(viewer: Viewer, chosen: queries.Chosen) -> None:
    with scope.acting_as(scope.employer(viewer.employer_id)):
        asked = actions.begin(chosen, form=Form.PDF, what=What.SELECTED, by=viewer)
    making.make(viewer.employer_id, asked.pk, tell=False)
    with scope.acting_as(scope.employer(viewer.employer_id)):
        made = Export.objects.get(pk=asked.pk)
    if made.state != ExportState.READY or made.left_out:
        raise RuntimeError(f"The file was not made whole: {made.state}, {made.left_out[:3]}")


def _memory(on: Stage) -> tuple[float, float]:
    """Megabytes at the most, of a process that makes one; and of it and its child."""
    with scope.acting_as(scope.employer(on.viewer.employer_id)):
        chosen = queries.selected(on.viewer, [str(pk) for pk in on.reports])
        asked = actions.begin(chosen, form=Form.PDF, what=What.SELECTED, by=on.viewer)
    command = [sys.executable, "-m", "benchmarks.downloads_memory"]
    done = subprocess.run(
        [*command, str(asked.employer_id), str(asked.pk)],
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    return found["peak"] / 1024, found["together"] / 1024


def _authorizations(count: int) -> Row:
    """As many as one list made, each drawn from its rows: from the order to the last part."""
    begun = bulk.set_the_stage("500301")
    batch = bulk.dry_run(begun, bulk.workbook(count, "P"))
    bulk.make(begun, batch)
    with scope.acting_as(scope.employer(begun.viewer.employer_id)):
        chosen = queries.of_batch(begun.viewer, batch)
    seconds = _timed(lambda: _make(begun.viewer, chosen))
    each = f"{1000 * seconds / count:.0f} ms each"
    what = f"Download: {count:,} authorizations as one PDF"
    return Row(what, f"{seconds:.0f} s", each, None, "≤ 120 s")


def _first_byte(on: Stage, rounds: int) -> Row:
    """Of the page that sends one report, beside opening its sealed document and nothing else."""
    client = Client(SERVER_NAME="127.0.0.1")
    with scope.acting_as(scope.ANONYMOUS):
        client.force_login(on.user)
    _fetch(client, on.large)
    fetching, opening = [], []
    for _ in range(rounds):
        opening.append(_timed(lambda: read_document(on.large.document)))
        fetching.append(_timed(lambda: _fetch(client, on.large)))
    over = 1000 * (median(fetching) - median(opening))
    figure = f"{1000 * median(fetching):.0f} ms"
    beside = f"{over:+.0f} ms over opening its seal"
    return Row("Download: first byte of 20 MB", figure, beside, None, "≤ 50 ms over")


def _fetch(client: Client, report: Report) -> None:
    answer = client.get(f"/results/{report.pk}/download.pdf")
    if answer.status_code != 200 or not next(iter(answer)):
        raise RuntimeError(f"The report was not sent: {answer.status_code}")


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
