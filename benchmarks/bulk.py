"""One file of 10,000 people: the dry run beside the bare library, making beside a plain COPY.

The dry run and the making are what the page and the worker call (bulk.actions), each in the
real transaction under row-level security as clearwork_app. Memory is that of a process of its
own which does both and nothing else.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

import psycopg
from openpyxl import Workbook, load_workbook

from benchmarks import network, stage
from benchmarks.table import Row
from clearwork.access.decide import Viewer
from clearwork.access.load import viewer_of
from clearwork.accounts.models import PortalAccess
from clearwork.authorizations.rules import Modality, Reason
from clearwork.bulk import actions
from clearwork.bulk.models import AuthorizationBatch
from clearwork.bulk.rules import ORDER_FIELDS, RowState, What
from clearwork.bulk.terms import Terms, to_json
from clearwork.centers.models import MedicalCenter, Service
from clearwork.database import address, embedded, scope
from clearwork.employers.models import Worksite
from clearwork.foundation import clock
from clearwork.sheets.headers import match
from clearwork.sheets.reading import read_file

HEAD = ("Employee number", "Last name", "First name", "DOB", "Worksite", "Phone", "Email", "Job")
# What a batch writes, in an order in which each row's targets come first.
_TABLES = (
    "people_employee",
    "authorizations_authorization",
    "authorizations_authorizedservice",
    "authorizations_authorizationevent",
    "authorizations_delivery",
    "audit_auditevent",
    "procrastinate_jobs",
)


@dataclass(frozen=True)
class Size:
    rows: int
    rounds: int


FULL, SMOKE = Size(10_000, 3), Size(200, 1)


@dataclass(frozen=True)
class Stage:
    """An employer with a center, and whoever uploads."""

    worksite: Worksite
    viewer: Viewer
    order: dict[str, Any]


def measure(data: Path, *, smoke: bool) -> list[Row]:
    """The table's rows."""
    size = SMOKE if smoke else FULL
    _in_use(size)
    reading, checking, making, copying = [], [], [], []
    for number in range(size.rounds):
        set_up = set_the_stage(f"5001{number:02}")
        file = workbook(size.rows, f"R{number}")
        reading.append(_timed(lambda file=file: _bare(file)))
        started = time.perf_counter()
        batch = dry_run(set_up, file)
        checking.append(time.perf_counter() - started)
        stage.analyze(data)
        making.append(_timed(lambda s=set_up, b=batch: make(s, b)))
        _prove(batch, size.rows)
        copying.append(_plain_copy(data, set_up))
    medians = map(median, (reading, checking, making, copying))
    return [*_rows(size, *medians), _memory(data, size)]


def _in_use(size: Size) -> None:
    """A portal in use has other employers' authorizations: PostgreSQL plans for tables of size."""
    (center,) = network.centers("BUSE", 1)
    network.authorizations(network.employer("500000"), center, size.rows)


def _rows(size: Size, read: float, check: float, make: float, copy: float) -> list[Row]:
    count = f"{size.rows:,} rows"
    return [
        Row(f"Bulk: {count} read by openpyxl alone", f"{read * 1000:.0f} ms"),
        Row("Bulk: the dry run", f"{check * 1000:.0f} ms", "openpyxl alone", check / read, "≤5"),
        Row("Bulk: plain COPY of what is made", f"{size.rows / copy:,.0f} rows/s"),
        Row(
            "Bulk: making (≥3,000 rows/s)",
            f"{size.rows / make:,.0f} rows/s",
            "plain COPY",
            make / copy,
            "≤10",
        ),
    ]


def set_the_stage(account_number: str) -> Stage:
    worksite = network.employer(account_number)
    network.admin(worksite, f"bulk{account_number}")
    (center,) = network.centers(f"BU{account_number}", 1)
    with scope.acting_as(scope.OPERATOR):
        access = PortalAccess.objects.select_related("user", "employer").get(
            employer_id=worksite.employer_id
        )
        service, _ = Service.objects.get_or_create(
            code="DOT-PHYS", name="DOT physical", kind="non_injury"
        )
    viewer = viewer_of(access, access.user, access.employer)
    return Stage(worksite, viewer, to_json(_terms(worksite, center, service)))


def _terms(worksite: Worksite, center: MedicalCenter, service: Service) -> Terms:
    return Terms(
        modality=Modality.IN_CENTER,
        reason=Reason.PRE_PLACEMENT,
        services=[service],
        center=center,
        valid_from=clock.today(),
        expires=clock.today() + timedelta(days=30),
        worksite=worksite.pk,
    )


def workbook(rows: int, prefix: str) -> bytes:
    """An XLSX file of so many people nobody knows yet."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(HEAD)
    for n in range(rows):
        born = f"{1 + n % 12:02}/{1 + n % 28:02}/{1960 + n % 40}"
        name, first = f"Family{n}", f"Given{n % 97}"
        mail = f"{first}.{name}@example.com"
        sheet.append(
            [f"{prefix}-{n}", name, first, born, "Plant 1", "214-555-0100", mail, "Driver"]
        )
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _bare(file: bytes) -> list[tuple[Any, ...]]:
    book = load_workbook(io.BytesIO(file), read_only=True, data_only=True)
    return list(book.worksheets[0].iter_rows(values_only=True))


def dry_run(on: Stage, file: bytes) -> AuthorizationBatch:
    """What uploading does: read, match, check, keep."""
    table = read_file(file)
    columns = [key or "" for key in match(table.headers, ORDER_FIELDS).keys]
    with scope.acting_as(scope.employer(on.viewer.employer_id)):
        return actions.begin(
            by=on.viewer,
            what=What.AUTHORIZE,
            title="bench.xlsx",
            order=on.order,
            table=table,
            columns=columns,
        )


def make(on: Stage, batch: AuthorizationBatch) -> None:
    """What the worker does, chunk by chunk."""
    employer = scope.employer(on.viewer.employer_id)
    with scope.acting_as(employer):
        actions.submit(batch, by=on.viewer)
    more = True
    while more:
        with scope.acting_as(employer):
            more = actions.run_chunk(batch.pk, by=on.viewer)


def _prove(batch: AuthorizationBatch, rows: int) -> None:
    """Every row became one authorization, else there is no table."""
    with scope.acting_as(scope.OPERATOR):
        made = batch.rows.filter(state=RowState.MADE, made__isnull=False)
        if made.count() != rows or made.values("made").distinct().count() != rows:
            raise RuntimeError("Not every row became one authorization.")


def _plain_copy(data: Path, on: Stage) -> float:
    """Seconds to COPY the same rows into tables with the same columns and indexes.

    As the owner: no policy, no trigger, no foreign key.
    """
    with embedded.connect(data, address.DATABASE) as owner, owner.transaction():
        copies = [_copied_out(owner, table, on) for table in _TABLES]
        for table in _TABLES:
            owner.execute(f"CREATE TABLE bench_{table} (LIKE {table} INCLUDING ALL)")  # type: ignore[arg-type]
        started = time.perf_counter()
        for table, rows in zip(_TABLES, copies, strict=True):
            with owner.cursor().copy(f"COPY bench_{table} FROM STDIN") as target:  # type: ignore[arg-type]
                target.write(rows)
        took = time.perf_counter() - started
        for table in _TABLES:
            owner.execute(f"DROP TABLE bench_{table}")  # type: ignore[arg-type]
    return took


def _copied_out(owner: psycopg.Connection[Any], table: str, on: Stage) -> bytes:
    employer = on.viewer.employer_id
    own = f"employer_id = '{employer}'"
    if table == "procrastinate_jobs":
        own = f"args->>'employer_id' = '{employer}'"
    with owner.cursor().copy(f"COPY (SELECT * FROM {table} WHERE {own}) TO STDOUT") as rows:  # type: ignore[arg-type]
        return b"".join(bytes(piece) for piece in rows)


def _memory(data: Path, size: Size) -> Row:
    """The peak of a process that reads, checks and makes all rows."""
    file = data / "bulk.xlsx"
    file.write_bytes(workbook(size.rows, "M"))
    command = [sys.executable, "-m", "benchmarks.bulk_memory", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    peak = json.loads(done.stdout.splitlines()[-1])["peak"]
    return Row("Bulk: memory, all in one process", f"{peak / 1024:.0f} MB", target="≤300 MB")


def _timed(act: Any) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started
