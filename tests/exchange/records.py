"""What is kept, counted: to show that something was stored once, or not at all."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from functools import cache
from mmap import ACCESS_READ, mmap
from pathlib import Path

from django.conf import settings
from procrastinate.contrib.django.models import ProcrastinateJob

from clearwork.audit.actions import Action
from clearwork.audit.models import AuditEvent
from clearwork.authorizations.models import Authorization, AuthorizationEvent, Delivery
from clearwork.database import scope
from clearwork.documents.crypto import MAGIC
from clearwork.documents.packs import BLOCK
from clearwork.exchange.models import HeldResult, InboundMessage
from clearwork.people.models import Employee
from clearwork.results.models import Report


@dataclass(frozen=True)
class Kept:
    """Rows by table, and sealed documents on disk."""

    messages: int = 0
    reports: int = 0
    held: int = 0
    authorizations: int = 0
    changes: int = 0
    deliveries: int = 0
    employees: int = 0
    events: int = 0
    jobs: int = 0
    documents: int = 0

    def __sub__(self, other: Kept) -> dict[str, int]:
        """What there is more of, by name."""
        mine, others = asdict(self), asdict(other)
        return {name: mine[name] - others[name] for name in mine if mine[name] != others[name]}


def kept() -> Kept:
    with scope.acting_as(scope.OPERATOR):
        return Kept(
            messages=InboundMessage.objects.count(),
            reports=Report.objects.count(),
            held=HeldResult.objects.count(),
            authorizations=Authorization.objects.count(),
            changes=AuthorizationEvent.objects.count(),
            deliveries=Delivery.objects.count(),
            employees=Employee.objects.count(),
            events=AuditEvent.objects.count(),
            jobs=ProcrastinateJob.objects.count(),
            documents=sum(map(_sealed, Path(settings.MEDIA_ROOT).rglob("*.pack"))),
        )


_SETTLED = 1_000_000_000  # ns: longer than a file system's clock stands still


def _sealed(pack: Path) -> int:
    """How many documents lie in the pack. Other tests' packs are counted once."""
    written = pack.stat().st_mtime_ns
    is_settled = time.time_ns() - written > _SETTLED
    return _counted(pack, written) if is_settled else _count(pack)


@cache
def _counted(pack: Path, written: int) -> int:
    return _count(pack)


def _count(pack: Path) -> int:
    if not pack.stat().st_size:
        return 0
    with pack.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
        starts = (content[block : block + len(MAGIC)] for block in range(0, len(content), BLOCK))
        return sum(start == MAGIC for start in starts)


def events(action: Action) -> list[AuditEvent]:
    with scope.acting_as(scope.OPERATOR):
        return list(AuditEvent.objects.filter(action=action).order_by("id"))


def jobs(task: str) -> list[ProcrastinateJob]:
    with scope.acting_as(scope.OPERATOR):
        return list(ProcrastinateJob.objects.filter(task_name=task).order_by("id"))
