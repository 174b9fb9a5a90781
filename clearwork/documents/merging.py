"""Many PDFs as one: their pages as they are, behind a contents page, with bookmarks.

No stream is decompressed or compressed again. Whatever is plain lies in memory alone, in files
that have no name (memfd_create(2)): qpdf reads and writes these by itself, several times faster
than through Python. What is merged is a copy for reading: a signature holds for the original
alone, and so do the tags that tell a screen reader how a page is built.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import BinaryIO

import pikepdf
from pikepdf import (
    AccessMode,
    Array,
    Dictionary,
    Name,
    ObjectStreamMode,
    Pdf,
    StreamDecodeLevel,
    String,
)

from clearwork.documents.inspect import NotAPdf

LINK = "entry:"
"""A link of the contents page to `entry:3` is made to lead to the fourth entry."""
_DAMAGED = "The PDF is damaged or protected by a password."


@dataclass(frozen=True)
class Entry:
    """`first` counts from 0, among the merged pages behind the contents."""

    title: str
    first: int


class Merger:
    """Add PDFs one by one, then save() once. Use as a context."""

    def __init__(self, *, carefully: bool = False) -> None:
        """`carefully`: write each once by itself, which finds damage that only writing shows."""
        self._pdf = Pdf.new()
        self._carefully = carefully
        self._version = "1.7"
        self.pages = 0  # counted here: qpdf counts all of them anew

    def __enter__(self) -> Merger:
        return self

    def __exit__(self, *_: object) -> None:
        """Give back what it took."""
        self._pdf.close()
        del self._pdf

    def add(self, data: bytes) -> int:
        """The number of the first page of `data` here. NotAPdf: then nothing was added."""
        first = self.pages
        try:
            with _opened(data) as pdf:
                self._append(pdf)
        except Exception as error:  # a hostile file reaches any corner of the parser
            del self._pdf.pages[first:]
            raise NotAPdf(_DAMAGED) from error
        return first

    def save(self, contents: bytes, entries: Sequence[Entry], *, title: str) -> BinaryIO:
        """All, with at least one entry, behind `contents`: a file in memory. Raises CannotMerge."""
        with _opened(contents) as pdf:
            before = len(pdf.pages)
            for number, page in enumerate(pdf.pages):
                self._pdf.pages.insert(number, page)
        self._mark(before, entries, title)
        try:
            return self._written(self._pdf)
        except pikepdf.PdfError as error:
            raise CannotMerge("A PDF that opened cannot be written.") from error

    def _append(self, pdf: Pdf) -> None:
        if self._carefully:
            with Pdf.new() as alone:
                alone.pages.extend(pdf.pages)
                self._written(alone).close()
        if not (count := len(pdf.pages)):
            raise NotAPdf(_DAMAGED)
        self._pdf.pages.extend(pdf.pages)
        self.pages += count
        self._version = max(self._version, pdf.pdf_version)

    def _mark(self, before: int, entries: Sequence[Entry], title: str) -> None:
        pages = list(self._pdf.pages)
        targets = [Array([pages[before + entry.first].obj, Name.Fit]) for entry in entries]
        for page in pages[:before]:
            _link(page, targets)
        for page in pages:
            _untag(page)
        root = self._pdf.Root
        root.Outlines = self._outline(entries, targets)
        root.Lang = "en-US"
        root.PageMode = Name.UseOutlines
        root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
        self._pdf.docinfo["/Title"] = title

    def _outline(self, entries: Sequence[Entry], targets: Sequence[Array]) -> pikepdf.Object:
        """One level of bookmarks (ISO 32000-1, 12.3.3)."""
        outline = self._pdf.make_indirect(Dictionary(Type=Name.Outlines, Count=len(entries)))
        marks = [
            self._pdf.make_indirect(
                Dictionary(Title=String(entry.title), Dest=target, Parent=outline)
            )
            for entry, target in zip(entries, targets, strict=True)
        ]
        for one, following in pairwise(marks):
            one.Next, following.Prev = following, one
        outline.First, outline.Last = marks[0], marks[-1]
        return outline

    def _written(self, pdf: Pdf) -> BinaryIO:
        output = os.fdopen(_memory(), "w+b")
        try:
            pdf.save(
                output,
                min_version=self._version,
                compress_streams=False,
                stream_decode_level=StreamDecodeLevel.none,
                object_stream_mode=ObjectStreamMode.preserve,
            )
        except BaseException:
            output.close()
            raise
        output.seek(0)
        return output


class CannotMerge(Exception):
    """One of the PDFs is damaged in a way that only writing shows: merge carefully."""


@contextmanager
def _opened(data: bytes) -> Iterator[Pdf]:
    """qpdf maps the file while it is open, and copies what is taken from it."""
    with os.fdopen(_memory(), "w+b", buffering=0) as file:
        file.write(data)
        with pikepdf.open(file, access_mode=AccessMode.mmap, suppress_warnings=True) as pdf:
            yield pdf


def _memory() -> int:
    """The descriptor of a file that has no name and is on no disk."""
    return os.memfd_create("clearwork", os.MFD_CLOEXEC)


def _link(page: pikepdf.Page, targets: Sequence[Array]) -> None:
    """Lead what points at LINK to the entry it names."""
    for note in _notes(page):
        address = str(note.get("/A", Dictionary()).get("/URI", ""))
        if address.startswith(LINK):
            note.Dest = targets[int(address.removeprefix(LINK))]
            del note["/A"]


def _notes(page: pikepdf.Page) -> list[pikepdf.Object]:
    found = page.obj.get("/Annots")
    return list(found) if isinstance(found, Array) else []


def _untag(page: pikepdf.Page) -> None:
    """Its number in a structure tree that is not here would be read as another's."""
    if "/StructParents" in page.obj:
        del page.obj["/StructParents"]
    for note in _notes(page):
        if isinstance(note, Dictionary) and "/StructParent" in note:
            del note["/StructParent"]
