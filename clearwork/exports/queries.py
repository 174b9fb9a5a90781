"""Reading one's own downloads. Another person's are not there, an Admin's of the same employer
included."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from clearwork.access.decide import Viewer
from clearwork.authorizations import listing
from clearwork.bulk.models import AuthorizationBatch
from clearwork.bulk.queries import printable
from clearwork.exports.models import Export
from clearwork.exports.papers import Paper
from clearwork.exports.rules import (
    MOST_AT_A_TIME,
    MOST_PAPERS,
    UNFINISHED,
    ExportState,
    Of,
    Reason,
)
from clearwork.exports.sources import SOURCES, source_of
from clearwork.foundation import clock
from clearwork.foundation.ids import read_uuids
from clearwork.results import minimum
from clearwork.results import queries as results
from clearwork.results.queries import Criteria


@dataclass(frozen=True)
class Chosen:
    """The papers of a selection one may have, in order; `unavailable`: how many one may not."""

    papers: list[UUID]
    size: int
    unavailable: int = 0
    of: Of = Of.REPORTS


@dataclass(frozen=True)
class LeftOut:
    """`paper` is None where it is not the viewer's to see any more."""

    paper: Paper | None
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


def selected(viewer: Viewer, typed: Sequence[str], of: Of = Of.REPORTS) -> Chosen:
    """Of ids as a form sends them: in that order, each once."""
    ids = list(dict.fromkeys(typed))
    asked = read_uuids(ids)
    sizes = _sizes(SOURCES[of].visible(viewer).filter(pk__in=asked), of)
    there = [pk for pk in asked if pk in sizes]
    return Chosen(there, sum(sizes.values()), len(ids) - len(there), of)


def found(viewer: Viewer, criteria: Criteria) -> Chosen:
    """All reports that a search finds, in its order; one more than may be where there are more."""
    readable = results.search(viewer, criteria).filter(withdrawn_at=None, destroyed_at=None)
    beyond = Q(report_type__in=minimum.withheld(viewer))
    mine = readable.exclude(beyond).select_related(None)
    sizes = _sizes(mine.order_by(*criteria.ordering.fields), Of.REPORTS)
    return Chosen(list(sizes), sum(sizes.values()), readable.filter(beyond).count())


def found_authorizations(viewer: Viewer, criteria: listing.Criteria) -> Chosen:
    """All that the filters of the list let through, newest first; one too many as above."""
    newest = listing.found(viewer, criteria).order_by("-created_at", "-id")
    sizes = _sizes(newest, Of.AUTHORIZATIONS)
    return Chosen(list(sizes), sum(sizes.values()), of=Of.AUTHORIZATIONS)


def of_batch(viewer: Viewer, batch: AuthorizationBatch) -> Chosen:
    """The authorizations a list made or was about, in its order; one too many as above."""
    lines = printable(batch).order_by("line").annotate(one=Coalesce("made_id", "subject_id"))
    named = lines.values_list("one", flat=True)[: MOST_PAPERS + 1]
    return selected(viewer, [str(pk) for pk in named], Of.AUTHORIZATIONS)


def _sizes(rows: QuerySet[Any], of: Of) -> dict[UUID, int]:
    """Of what is drawn anew nobody knows its bytes before: they are few."""
    if of == Of.REPORTS:
        return dict(rows.values_list("pk", "size")[: MOST_PAPERS + 1])
    return dict.fromkeys(rows.values_list("pk", flat=True)[: MOST_PAPERS + 1], 0)


def refused(viewer: Viewer, export: Export) -> int:
    """How many of the papers its file holds or names are not the viewer's to have any more."""
    allowed = source_of(export).visible(viewer).filter(pk__in=export.named)
    return len(export.named) - allowed.count()


def left_out(viewer: Viewer, export: Export) -> list[LeftOut]:
    why = {UUID(pk): Reason(reason).label for pk, reason in export.left_out}
    papers = source_of(export).papers(viewer, list(why))
    return [LeftOut(papers.get(pk), reason) for pk, reason in why.items()]


def part_names(export: Export) -> list[str]:
    parts: Iterable[str] = export.parts.order_by("number").values_list("document", flat=True)
    return list(parts)
