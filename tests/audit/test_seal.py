"""The hash chain: complete however transactions overlap, broken by any change."""

from __future__ import annotations

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from clearwork.audit import seal
from clearwork.audit.actions import SYSTEM, Action, record
from clearwork.audit.jobs import seal_trail
from clearwork.audit.models import AuditSeal
from clearwork.database import address, embedded, scope
from clearwork.database.address import DATABASE
from tests.cast import Cast
from tests.environment import DATA


def happens(times: int = 1) -> list[UUID]:
    """Events of transactions of their own; their subjects."""
    subjects = [uuid4() for _ in range(times)]
    for subject in subjects:
        with scope.acting_as(scope.OPERATOR):
            record(Action.REPORT_VIEWED, by=SYSTEM, subject_id=subject, note="as it was")
    return subjects


def extend() -> int:
    with scope.acting_as(scope.OPERATOR):
        return seal.extend()


def first_broken() -> AuditSeal | None:
    with scope.acting_as(scope.OPERATOR):
        return seal.first_broken()


def seals() -> list[AuditSeal]:
    with scope.acting_as(scope.OPERATOR):
        return list(AuditSeal.objects.order_by("below_txid"))


@pytest.fixture
def superuser(committed_cast: Cast) -> Iterator[psycopg.Connection]:
    with embedded.connect(Path(DATA), DATABASE) as connection:
        yield connection


@pytest.fixture
def three_seals(superuser: psycopg.Connection) -> list[list[UUID]]:
    """The subjects of the events under each of three seals."""
    sealed = []
    for count in (2, 3, 1):
        sealed.append(happens(count))
        assert extend() == count
    assert first_broken() is None
    return sealed


def test_each_event_is_sealed_once(committed_cast: Cast) -> None:
    assert extend() == 0
    happens(5)
    assert [extend(), extend()] == [5, 0]
    happens(2)
    assert extend() == 2
    assert [one.events for one in seals()] == [5, 2]
    assert first_broken() is None


def test_an_event_of_a_transaction_still_open_is_sealed_later_not_skipped(
    committed_cast: Cast,
) -> None:
    happens(1)
    with psycopg.connect(address.url(Path(DATA), "clearwork_app")) as slow:
        slow.execute("SELECT set_config('clearwork.scope', 'operator', true)")
        slow.execute(
            "INSERT INTO audit_auditevent (id, at, action, actor_kind, detail)"
            " VALUES (%s, now(), 'report:viewed', 'system', '{}')",
            [uuid4()],
        )
        happens(2)  # later, yet committed before
        assert extend() == 1
        assert extend() == 0
    assert extend() == 3
    assert first_broken() is None


def test_reading_alone_holds_nothing_up(committed_cast: Cast) -> None:
    with psycopg.connect(address.url(Path(DATA), "clearwork_app")) as reader:
        reader.execute("SELECT 1")
        happens(2)
        assert extend() == 2


TAMPERINGS = {
    "another action": "UPDATE audit_auditevent SET action = 'x' WHERE subject_id = %s",
    "another time": "UPDATE audit_auditevent SET at = at + '1us' WHERE subject_id = %s",
    "another actor": "UPDATE audit_auditevent SET actor_id = id WHERE subject_id = %s",
    "no actor kind": "UPDATE audit_auditevent SET actor_kind = '' WHERE subject_id = %s",
    "another employer": "UPDATE audit_auditevent SET employer_id = id WHERE subject_id = %s",
    "another detail": """UPDATE audit_auditevent SET detail = '{"note": ""}'
                         WHERE subject_id = %s""",
    "another subject": "UPDATE audit_auditevent SET subject_id = id WHERE subject_id = %s",
    "removed": "DELETE FROM audit_auditevent WHERE subject_id = %s",
    "slipped in": """INSERT INTO audit_auditevent (id, at, action, actor_kind, detail, txid)
                     SELECT gen_random_uuid(), at, action, actor_kind, detail, txid
                     FROM audit_auditevent WHERE subject_id = %s""",
    "moved under a later seal": """UPDATE audit_auditevent SET txid =
                     (SELECT max(below_txid)::text::xid8 FROM audit_auditseal)
                     WHERE subject_id = %s""",
}


@pytest.mark.parametrize("tampering", TAMPERINGS.values(), ids=TAMPERINGS.keys())
def test_whatever_is_done_to_a_sealed_event_shows_at_its_seal(
    three_seals: list[list[UUID]], superuser: psycopg.Connection, tampering: str
) -> None:
    assert superuser.execute(tampering, [three_seals[1][1]]).rowcount == 1
    assert first_broken() == seals()[1]


def test_two_events_exchanged_show(
    three_seals: list[list[UUID]], superuser: psycopg.Connection
) -> None:
    first, second = three_seals[1][:2]
    superuser.execute(
        """UPDATE audit_auditevent one SET txid = other.txid FROM audit_auditevent other
           WHERE (one.subject_id, other.subject_id) IN ((%s, %s), (%s, %s))""",
        [first, second, second, first],
    )
    assert first_broken() == seals()[1]


def test_a_forged_or_removed_seal_shows(
    three_seals: list[list[UUID]], superuser: psycopg.Connection
) -> None:
    _, middle, last = seals()
    superuser.execute("DELETE FROM audit_auditseal WHERE id = %s", [middle.pk])
    assert first_broken() == last
    superuser.execute("UPDATE audit_auditseal SET digest = sha256('') WHERE id = %s", [last.pk])
    assert first_broken() == last


def test_an_operator_is_told_whether_the_trail_is_whole(
    three_seals: list[list[UUID]], superuser: psycopg.Connection
) -> None:
    logged = f"--digest={bytes(seals()[-1].digest).hex()}"
    said = io.StringIO()
    call_command("verify_audit", logged, stdout=said)
    assert said.getvalue().startswith("Whole: 3 seals, the last at ")
    superuser.execute("DELETE FROM audit_auditseal WHERE id = %s", [seals()[-1].pk])
    superuser.execute("DELETE FROM audit_auditevent WHERE subject_id = %s", [three_seals[2][0]])
    call_command("verify_audit", stdout=said)
    with pytest.raises(CommandError, match="Cut off"):
        call_command("verify_audit", logged)
    superuser.execute("DELETE FROM audit_auditevent WHERE subject_id = %s", [three_seals[0][0]])
    with pytest.raises(CommandError, match="Broken"):
        call_command("verify_audit")


def test_many_sealing_at_once_make_one_chain(committed_cast: Cast) -> None:
    def work(turn: int) -> int:
        try:
            happens(3)
            return extend()
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as threads:
        sealed = sum(threads.map(work, range(24)))
    assert sealed + extend() == 24 * 3
    assert first_broken() is None


def test_the_job_seals(committed_cast: Cast) -> None:
    happens(4)
    seal_trail(timestamp=0)
    assert [one.events for one in seals()] == [4]


def test_a_server_that_counts_transactions_anew_is_noticed(
    three_seals: list[list[UUID]], superuser: psycopg.Connection
) -> None:
    """Else what follows a restore would never be sealed, and nobody would know."""
    superuser.execute("UPDATE audit_auditseal SET below_txid = below_txid + 1000000")
    happens(1)
    with pytest.raises(seal.CounterBehind):
        extend()


def test_transaction_ids_beyond_32_bits_are_read_whole(
    three_seals: list[list[UUID]], superuser: psycopg.Connection
) -> None:
    """xid8 counts epochs too: an event of epoch 5 stands after all sealed ones, in no seal."""
    far = str(5 * 2**32 + 7)
    superuser.execute(
        "UPDATE audit_auditevent SET txid = %s::xid8 WHERE subject_id = %s",
        [far, three_seals[2][0]],
    )
    superuser.execute(
        "UPDATE audit_auditseal SET below_txid = %s WHERE id = %s", [5 * 2**32 + 8, seals()[2].pk]
    )
    assert first_broken() == seals()[2], "its transaction is part of what is sealed"
    with scope.acting_as(scope.OPERATOR), pytest.raises(seal.CounterBehind):
        seal.extend()
