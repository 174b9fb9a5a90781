"""What a file is made of, whatever it holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Protocol
from uuid import UUID

from django.db.models import QuerySet

from clearwork.access.decide import Viewer
from clearwork.audit.actions import Action
from clearwork.exports.rules import Form, Reason


@dataclass(frozen=True)
class Paper:
    """One document of a file, and what is said of it.

    `facts` are its cells in a ZIP's index. Of a report: `document` is its stored file's name,
    or `link` where the laboratory keeps it.
    """

    pk: UUID
    last_name: str
    first_name: str
    title: str
    day: date
    facts: tuple[object, ...]
    pages: int = 1
    document: str = ""
    link: str = ""

    @property
    def person(self) -> str:
        return f"{self.last_name}, {self.first_name}"

    @cached_property
    def said(self) -> tuple[str, str, str]:
        """A line of the contents: whose, what, of which day."""
        return self.person, self.title, f"{self.day:%b} {self.day.day}, {self.day.year}"


type Content = tuple[Sequence[Paper], bytes | Reason]
"""A PDF of these papers, in order; or why it is not to be had."""


class Source(Protocol):
    """Where papers of one sort come from.

    `noun` and `plural` are what a page calls them, `route` leads to one's own page; `columns`
    head Paper.said, `header` heads Paper.facts; `downloaded` is on record of each when its file
    is fetched. Up to `at_once` are made while one waits; so many are asked for `at_a_time`,
    between two looks at what their maker may have.
    """

    noun: str
    plural: str
    route: str
    columns: tuple[str, str, str]
    header: tuple[str, ...]
    downloaded: Action
    at_once: int
    at_a_time: int

    def visible(self, viewer: Viewer) -> QuerySet[Any]:
        """Those this viewer may have in a file."""

    def papers(self, viewer: Viewer, ids: Sequence[UUID]) -> dict[UUID, Paper]:
        """Of those the viewer may have."""

    def contents(self, viewer: Viewer, papers: Sequence[Paper], form: Form) -> Iterator[Content]:
        """Each paper once, in order; outside any transaction. In a ZIP each has its own."""
