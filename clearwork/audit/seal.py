"""The hash chain over the audit trail, extended behind the writers' backs.

An event is sealed once every transaction that could still add one before it has
ended: `txid` below pg_snapshot_xmin. So writers take no lock, and a changed,
removed or slipped-in event breaks the chain. Each new digest is logged: kept
elsewhere, the log shows a chain cut off at its end, too.
"""

from __future__ import annotations

import hashlib
import logging
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from clearwork.audit.models import AuditSeal

log = logging.getLogger(__name__)
_GENESIS = bytes(32)
_LOCK = 0x5EA1
_EVENTS = """
    SELECT id::text, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), action,
           employer_id::text, center_id::text, actor_id::text, actor_kind,
           subject_id::text, detail::text, txid::text
    FROM audit_auditevent
    WHERE txid >= %s::text::xid8 AND txid < %s::text::xid8 ORDER BY txid, id
"""


class CounterBehind(RuntimeError):
    """The server counts transactions anew, as after a restore into another cluster."""


@transaction.atomic
def extend() -> int:
    """Seal what is ready; how many events. Runs as the operator.

    Raises CounterBehind rather than leave events out of the chain for good.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        below = cursor.fetchone()[0]
    last = seals().last()
    start, digest = (last.below_txid, bytes(last.digest)) if last else (0, _GENESIS)
    if below < start:
        raise CounterBehind(f"transaction {below} comes before the last seal's {start}")
    count, digest = _chain(start, below, digest)
    if count:
        log.info("sealed %d audit events below %d: %s", count, below, digest.hex())
        AuditSeal.objects.create(below_txid=below, events=count, digest=digest)
    return count


def seals() -> QuerySet[AuditSeal]:
    """The chain's, in order."""
    return AuditSeal.objects.order_by("below_txid")


def first_broken() -> AuditSeal | None:
    """The first seal that does not fit its events; None while the trail is whole."""
    start, digest = 0, _GENESIS
    for seal in seals().iterator():
        count, digest = _chain(start, seal.below_txid, digest)
        if count != seal.events or digest != bytes(seal.digest):
            return seal
        start = seal.below_txid
    return None


def _chain(start: int, below: int, digest: bytes) -> tuple[int, bytes]:
    """The number of events of transactions from `start` to before `below`, and their digest."""
    count = 0
    with connection.cursor() as cursor:
        cursor.execute(_EVENTS, [start, below])
        for row in cursor:
            digest = hashlib.sha256(digest + _canonical(row)).digest()
            count += 1
    return count, digest


def _canonical(row: tuple[Any, ...]) -> bytes:
    return "\x1f".join("\x00" if value is None else value for value in row).encode()
