"""What a file says of its own contents: the first pages of a combined PDF."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from clearwork.access.decide import Viewer
from clearwork.documents.apart import typeset_apart
from clearwork.documents.merging import Entry
from clearwork.documents.typesetting import typeset
from clearwork.exports.papers import Paper, Source
from clearwork.exports.rules import Reason
from clearwork.foundation import clock

_FEW = 50  # lines are set sooner than another process is there
_TEMPLATE = Path(__file__).parent / "templates" / "contents.typ"


@dataclass
class LeftOut:
    """`unavailable`: of how many not even the names may be told."""

    rows: list[tuple[Paper, Reason]]
    unavailable: int


def facts(
    viewer: Viewer, source: Source, entries: Sequence[tuple[Paper, Entry]], left_out: LeftOut
) -> dict[str, object]:
    """All that the page says."""
    environment, today = settings.ENVIRONMENT, clock.today()
    noun = source.noun if len(entries) == 1 else source.plural
    return {
        "title": f"{len(entries)} {noun}",
        "network": environment.network_name,
        "employer": viewer.employer_name,
        "made": f"{today:%b} {today.day}, {today.year}",
        "columns": source.columns,
        "entries": [{"said": paper.said, "first": entry.first} for paper, entry in entries],
        "left_out": [{"said": paper.said, "why": reason.label} for paper, reason in left_out.rows],
        "unavailable": left_out.unavailable,
        "support_phone": environment.support_phone,
    }


def page(said: Mapping[str, object], lines: int) -> bytes:
    """The contents as PDF, of about so many lines; see merging.LINK."""
    if lines <= _FEW:
        return typeset(_TEMPLATE, said)
    (made,) = typeset_apart(_TEMPLATE, [said])
    return made


def expected(papers: Iterable[Paper]) -> list[tuple[Paper, Entry]]:
    """The entries where every paper is sound and as long as it was said to be."""
    first, found = 0, []
    for paper in papers:
        if not paper.link:
            found.append((paper, Entry(title_of(paper), first)))
            first += paper.pages
    return found


def title_of(paper: Paper) -> str:
    """A bookmark: whose, what, and of which day."""
    return " · ".join(paper.said)
