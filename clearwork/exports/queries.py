"""Reading one's own downloads. Another person's are not there, an Admin's of the same employer
included."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from clearwork.access.decide import Viewer
from clearwork.exports.models import Export
from clearwork.exports.rules import MOST_AT_A_TIME, MOST_REPORTS, UNFINISHED, ExportState, Reason
from clearwork.foundation import clock
from clearwork.results import queries as results
from clearwork.results.models import Report
from clearwork.results.queries import Criteria


@dataclass(frozen=True)
class Chosen:
    """The reports of a selection one may have, in order; `unavailable`: how many one may not."""

    reports: list[UUID]
    size: int
    unavailable: int = 0


@dataclass(frozen=True)
class LeftOut:
    """`report` is None where it is not the viewer's to see any more."""

    report: Report | None
    why: str


def exports(viewer: Viewer) -> QuerySet[Export]:
    """None in a preview: what somebody downloaded is theirs alone."""
    own = Export.objects.filter(employer_id=viewer.employer_id, made_by_id=viewer.user_id)
    return own.none() if viewer.seen_by else own


def living(viewer: Viewer) -> QuerySet[Export]:
    """Those whose file is there or will be."""
    states = (*UNFINISHED, ExportState.READY)
    return exports(viewer).filter(state__in=states, expires_at__gt=clock.now())


def busy(viewer: Viewer) -> str:
    """Why one has to wait before asking for more; "" where one has not."""
    if living(viewer).filter(state__in=UNFINISHED).count() < MOST_AT_A_TIME:
        return ""
    return f"{MOST_AT_A_TIME} of your downloads are still being made. Wait for one of them."


def selected(viewer: Viewer, typed: Sequence[str]) -> Chosen:
    """Of ids as a form sends them: in that order, each once."""
    ids = list(dict.fromkeys(typed))
    asked = [pk for pk in map(_id, ids) if pk]
    sizes = dict(results.readable(viewer).filter(pk__in=asked).values_list("pk", "size"))
    there = [pk for pk in asked if pk in sizes]
    return Chosen(there, sum(sizes.values()), len(ids) - len(there))


def found(viewer: Viewer, criteria: Criteria) -> Chosen:
    """All that a search finds, in its order; one more than may be where there are too many."""
    readable = results.search(viewer, criteria).filter(withdrawn_at=None, destroyed_at=None)
    listed = readable.select_related(None).order_by(*criteria.ordering.fields)
    rows = list(listed.values_list("pk", "size")[: MOST_REPORTS + 1])
    return Chosen([pk for pk, _ in rows], sum(size for _, size in rows))


def in_order(viewer: Viewer, ids: Sequence[UUID]) -> list[tuple[UUID, Report | None]]:
    """Each id with its report; None where it is none the viewer may read."""
    rows = {row.pk: row for row in results.readable(viewer).filter(pk__in=ids)}
    return [(pk, rows.get(pk)) for pk in ids]


def for_contents(viewer: Viewer, export: Export) -> list[Report]:
    """Those that can be put into a file, in order, with what a contents page says of each."""
    said = ("pages", "title", "visit_date", "employee__last_name", "employee__first_name")
    found = results.readable(viewer).filter(pk__in=export.chosen, link="")
    rows = {
        row.pk: row for row in found.select_related(None).select_related("employee").only(*said)
    }
    return [rows[pk] for pk in export.chosen if pk in rows]


def refused(viewer: Viewer, export: Export) -> int:
    """How many of the reports in its file are not the viewer's to read any more."""
    allowed = results.readable(viewer).select_related(None).filter(pk__in=export.included)
    return len(export.included) - allowed.count()


def left_out(viewer: Viewer, export: Export) -> list[LeftOut]:
    why = {UUID(pk): Reason(reason).label for pk, reason in export.left_out}
    return [LeftOut(row, why[pk]) for pk, row in in_order(viewer, list(why))]


def part_names(export: Export) -> list[str]:
    parts: Iterable[str] = export.parts.order_by("number").values_list("document", flat=True)
    return list(parts)


def _id(typed: str) -> UUID | None:
    try:
        return UUID(typed)
    except ValueError:
        return None
