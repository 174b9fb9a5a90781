"""Reading batches: one's own, and for an Admin User the employer's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, QuerySet

from clearwork.access.decide import Viewer
from clearwork.access.permissions import Permission
from clearwork.accounts.models import PortalAccess
from clearwork.authorizations import queries as authorizations
from clearwork.authorizations.models import Authorization
from clearwork.bulk.models import AuthorizationBatch, BatchRow
from clearwork.bulk.people import Listed, Person, Reader
from clearwork.bulk.rules import DOUBTS, ROWS_SHOWN, RowState
from clearwork.database import fast
from clearwork.foundation import clock
from clearwork.people.many import Known, known

_DOUBTFUL = """
    SELECT id, problems @> '[["duplicate"]]', problems @> '[["open"]]' FROM bulk_batchrow
    WHERE employer_id = %s AND batch_id = %s AND state = %s AND NOT EXISTS (
        SELECT FROM jsonb_array_elements(problems) AS problem WHERE problem ->> 0 <> ALL (%s)
    )
"""


def batches(viewer: Viewer) -> QuerySet[AuthorizationBatch]:
    own = AuthorizationBatch.objects.filter(employer_id=viewer.employer_id)
    if viewer.may(Permission.AUTHORIZATION_READ_ALL):
        return own
    return own.filter(created_by=viewer.user_id)


def begun_by(batch: AuthorizationBatch) -> PortalAccess | None:
    """The access of whoever began it, on or off: it is done in their name."""
    accesses = PortalAccess.objects.select_related("user", "employer")
    return accesses.filter(employer_id=batch.employer_id, user_id=batch.created_by_id).first()


def rows(viewer: Viewer) -> QuerySet[BatchRow]:
    """Those of the batches this viewer may see."""
    return BatchRow.objects.filter(
        employer_id=viewer.employer_id, batch__in=batches(viewer)
    ).select_related("batch")


@dataclass(frozen=True)
class Counts:
    """How many rows of a batch are in each state."""

    good: int = 0
    wrong: int = 0
    left_out: int = 0
    made: int = 0
    skipped: int = 0

    @property
    def total(self) -> int:
        return self.good + self.wrong + self.left_out + self.made + self.skipped

    @property
    def rest(self) -> int:
        """Not done, once the list is over."""
        return self.total - self.made

    @property
    def submitted(self) -> int:
        return self.good + self.made + self.skipped

    @property
    def percent(self) -> int:
        done = self.made + self.skipped
        return done * 100 // self.submitted if self.submitted else 100


def counts(batch: AuthorizationBatch) -> Counts:
    found = batch.rows.values_list("state").annotate(rows=Count("id")).order_by()
    return Counts(**dict(found))


@dataclass(frozen=True)
class Doubts:
    """Rows with nothing but doubts about them (see rules.DOUBTS), and how many have which."""

    rows: Sequence[UUID]
    duplicate: int
    open: int


def doubts(batch: AuthorizationBatch) -> Doubts:
    asked = [batch.employer_id, batch.pk, RowState.WRONG.value, list(DOUBTS)]
    found = fast.execute(_DOUBTFUL, asked).fetchall()
    return Doubts(
        rows=[pk for pk, _, _ in found],
        duplicate=sum(duplicate for _, duplicate, _ in found),
        open=sum(there for _, _, there in found),
    )


@dataclass(frozen=True)
class Shown:
    """A row as a page shows it: its texts as they are read, and who of the list could be meant."""

    row: BatchRow
    texts: dict[str, str]
    candidates: Sequence[Known] = ()
    # What the row made, or is about, where the viewer may see it today.
    about: Authorization | None = None

    @property
    def gets_no_pass(self) -> bool:
        """Of an authorization made: there is no address on the employee's record."""
        made = self.about if self.row.made_id else None
        return bool(made and not made.employee.email and not made.employee.phone)

    @property
    def name(self) -> str:
        texts = self.texts
        whole = f"{texts.get('first_name', '')} {texts.get('last_name', '')}".strip()
        if self.row.subject_id:
            return "No longer yours to see"
        return whole or texts.get("employee_number", "") or "No name"


def page(
    batch: AuthorizationBatch, state: str, after: int, viewer: Viewer
) -> tuple[list[Shown], int]:
    """The next rows in this state, and the line to go on after (0: there are no more)."""
    wanted = batch.rows.filter(state=state, line__gt=after).order_by("line")
    found = list(wanted[: ROWS_SHOWN + 1])
    more = found[ROWS_SHOWN - 1].line if len(found) > ROWS_SHOWN else 0
    return shown(batch, found[:ROWS_SHOWN], viewer), more


def shown(batch: AuthorizationBatch, found: Sequence[BatchRow], viewer: Viewer) -> list[Shown]:
    about = _about(found, viewer)
    if not batch.columns:
        return [Shown(row, {}, about=about.get(row.subject_id)) for row in found]
    reader = Reader.of(batch.columns, batch.order.get("dates") or "unknown", (), clock.today())
    people = [reader.read(row.cells, row.fixes) for row in found]
    listed = _namesakes([p for p, row in zip(people, found, strict=True) if _asks(row)], viewer)
    return [
        Shown(
            row,
            dict(person.texts),
            listed.seen_namesakes(person) if _asks(row) else (),
            about.get(row.made_id),
        )
        for person, row in zip(people, found, strict=True)
    ]


def _about(found: Sequence[BatchRow], viewer: Viewer) -> dict[UUID | None, Authorization]:
    """Of all that the rows made or are about, what the viewer may see: less, since a demotion."""
    ids = {pk for row in found for pk in (row.made_id, row.subject_id) if pk}
    if not ids:
        return {}
    visible = authorizations.authorizations(viewer).select_related("employee", "worksite")
    return {one.pk: one for one in visible.filter(pk__in=ids)}


def _asks(row: BatchRow) -> bool:
    return any(field == "answer" for field, _ in row.problems) or bool(row.answer)


def _namesakes(people: Sequence[Person], viewer: Viewer) -> Listed:
    names = {(key, person.born) for person in people if person.born for key in person.keys}
    found = known(viewer.employer_id, set(), names) if names else ()
    return Listed.of(found, viewer.grants.worksites)


def without_address(batch: AuthorizationBatch) -> int:
    """How many of those the batch authorized have neither email nor phone on record."""
    return batch.rows.filter(made__employee__email="", made__employee__phone="").count()


def printable(batch: AuthorizationBatch) -> QuerySet[BatchRow]:
    """The rows that made, or were about, an authorization; unordered."""
    return batch.rows.filter(state=RowState.MADE).exclude(made=None, subject=None)
