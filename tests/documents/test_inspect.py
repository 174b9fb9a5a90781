"""Whatever arrives as a PDF gets its facts told or a sentence why it is none."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clearwork.documents.inspect import MOST_UNPACKED, NotAPdf, PdfFacts, inspect_pdf


def pdf(
    pages: int = 1, *, title: bytes = b"", encryption: pikepdf.Encryption | None = None
) -> bytes:
    output = BytesIO()
    with pikepdf.new() as document:
        for _ in range(pages):
            document.add_blank_page()
        if title:
            document.docinfo["/Title"] = pikepdf.String(title.decode("latin-1"))
        document.save(output, encryption=encryption or False, static_id=True)
    return output.getvalue()


PLAIN = pdf(2, title=b"Audiogram")


def test_the_facts_of_a_plain_pdf() -> None:
    assert inspect_pdf(PLAIN) == PdfFacts(2, encrypted=False, tagged=False, title="Audiogram")


def test_a_tagged_pdf_is_seen_as_one() -> None:
    output = BytesIO()
    with pikepdf.open(BytesIO(PLAIN)) as document:
        document.Root.MarkInfo = pikepdf.Dictionary(Marked=True)
        document.save(output)
    assert inspect_pdf(output.getvalue()).tagged


def test_one_encrypted_without_a_password_to_open_is_accepted() -> None:
    data = pdf(encryption=pikepdf.Encryption(owner="owner", user=""))
    assert inspect_pdf(data) == PdfFacts(1, encrypted=True, tagged=False, title="")


def test_one_that_asks_for_a_password_is_refused() -> None:
    data = pdf(encryption=pikepdf.Encryption(owner="owner", user="secret"))
    with pytest.raises(NotAPdf, match="password"):
        inspect_pdf(data)


def packed(blanks: int) -> bytes:
    """A sound PDF whose objects lie in a stream (ISO 32000-1, 7.5.7), behind so many blanks."""
    objects = (b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>")
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"
    places = b"1 0 2 %d 3 %d " % (len(objects[0]), len(objects[0] + objects[1]))
    inside = zlib.compress(places + b"".join(objects) + page + b" " * blanks, 1)
    data = b"%%PDF-1.7\n4 0 obj<</Type/ObjStm/N 3/First %d/Length %d/Filter/FlateDecode>>stream\n"
    data = data % (len(places), len(inside)) + inside + b"\nendstream endobj\n"
    rows = [(0, 0, 0), (2, 4, 0), (2, 4, 1), (2, 4, 2), (1, 9, 0), (1, len(data), 0)]
    table = b"".join(struct.pack(">BIB", *row) for row in rows)
    head = b"5 0 obj<</Type/XRef/Size 6/W[1 4 1]/Root 1 0 R/Length %d>>stream\n" % len(table)
    tail = b"\nendstream endobj\nstartxref\n%d\n%%%%EOF" % len(data)
    return data + head + table + tail


def test_what_unpacks_to_far_more_than_it_is_is_refused() -> None:
    assert inspect_pdf(packed(1_000)).pages == 1
    with pytest.raises(NotAPdf, match="damaged"):
        inspect_pdf(packed(MOST_UNPACKED))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n" + b"0" * 5000, "not a PDF"),
        (b"MSH|^~\\&|", "not a PDF"),
        (b"%PDF-1.7\n", "damaged"),
        (PLAIN[:60], "damaged"),
        (pdf(0), "no pages"),
    ],
)
def test_what_is_no_pdf_is_refused_with_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(NotAPdf, match=reason):
        inspect_pdf(data)


def test_a_page_tree_that_holds_itself_is_refused() -> None:
    loop = (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[2 0 R]/Count 1>>endobj\ntrailer<</Root 1 0 R>>"
    )
    with pytest.raises(NotAPdf):
        inspect_pdf(loop)


def test_a_catalog_nested_ten_thousand_deep_is_refused_or_read() -> None:
    deep = b"%PDF-1.4\n1 0 obj" + b"[" * 10_000 + b"]" * 10_000 + b"endobj\ntrailer<</Root 1 0 R>>"
    assert told(deep)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.binary(max_size=600))
def test_noise_is_refused_and_never_crashes(noise: bytes) -> None:
    assert told(noise)
    assert told(b"%PDF-1.7\n" + noise)


@settings(deadline=None)
@given(st.integers(0, len(PLAIN)), st.integers(0, len(PLAIN)), st.binary(max_size=30))
def test_a_pdf_with_a_piece_replaced_is_read_or_refused(start: int, end: int, noise: bytes) -> None:
    assert told(PLAIN[:start] + noise + PLAIN[end:])


@settings(deadline=None)
@given(st.binary(min_size=1, max_size=60))
def test_no_title_makes_a_pdf_unreadable(title: bytes) -> None:
    assert inspect_pdf(pdf(title=title)).pages == 1


def told(data: bytes) -> bool:
    """True where inspection ends in facts or in a sentence for a person."""
    before = bytes(data)
    try:
        facts = inspect_pdf(data)
    except NotAPdf as refusal:
        return str(refusal).endswith(".") and data == before
    return facts.pages >= 1 and data == before
