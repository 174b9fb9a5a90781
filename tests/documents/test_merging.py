"""Merging PDFs: long ones, protected ones, and what is left after a refusal."""

from __future__ import annotations

import io

import pikepdf
import pytest

from clearwork.documents.inspect import NotAPdf
from clearwork.documents.merging import Entry, Merger
from tests.exchange import wire


def blank(pages: int, **options: object) -> bytes:
    output = io.BytesIO()
    with pikepdf.new() as pdf:
        for _ in range(pages):
            pdf.add_blank_page()
        pdf.save(output, **options)  # type: ignore[arg-type]
    return output.getvalue()


@pytest.mark.parametrize("carefully", [False, True])
def test_2000_pages_and_what_comes_after_them(carefully: bool) -> None:
    with Merger(carefully=carefully) as merger:
        entries = [Entry("long", merger.add(blank(2_000))), Entry("one", merger.add(wire.pdf()))]
        output = merger.save(blank(1), entries, title="2 reports")
    with output, pikepdf.open(output) as merged:
        assert len(merged.pages) == 2_002 and str(merged.docinfo["/Title"]) == "2 reports"
    assert [entry.first for entry in entries] == [0, 2_000]


def test_a_refused_pdf_leaves_nothing_behind() -> None:
    locked = blank(3, encryption=pikepdf.Encryption(owner="owner", user="secret"))
    with Merger() as merger:
        assert merger.add(wire.pdf()) == 0
        for bad in (locked, b"", b"%PDF-1.7\n", blank(5)[:200]):
            with pytest.raises(NotAPdf):
                merger.add(bad)
        assert merger.add(blank(1)) == 1
