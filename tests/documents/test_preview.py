"""Pages as pictures, within bounds whatever the file claims."""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from clearwork.documents import preview
from clearwork.documents.drawing import MAX_PIXELS, MAX_WIDTH
from clearwork.documents.inspect import NotAPdf
from clearwork.documents.preview import render_page


def pdf(width: float = 612, height: float = 792, *, fill: str = "1 1 1") -> bytes:
    output = BytesIO()
    with pikepdf.new() as document:
        page = document.add_blank_page()
        page.MediaBox = pikepdf.Array([0, 0, width, height])
        page.Contents = document.make_stream(f"{fill} rg 0 0 {width} {height} re f".encode())
        document.save(output)
    return output.getvalue()


def picture(png: bytes) -> Image.Image:
    assert png.startswith(b"\x89PNG")
    return Image.open(BytesIO(png))


def test_a_letter_page_is_drawn_at_the_width_asked_for() -> None:
    drawn = picture(render_page(pdf(fill="1 0 0"), 0, width=850))
    assert drawn.size == (850, 1100)
    assert drawn.getpixel((425, 550)) == (255, 0, 0)


def test_a_page_that_is_not_there_is_an_index_error() -> None:
    for page in (1, -1, 10**9):
        with pytest.raises(IndexError, match="No page"):
            render_page(pdf(), page)


@pytest.mark.parametrize("data", [b"", b"no pdf", b"%PDF-1.7\n", pdf()[:50]])
def test_what_is_no_pdf_is_refused(data: bytes) -> None:
    with pytest.raises(NotAPdf):
        render_page(data, 0)


@pytest.mark.parametrize(
    ("width", "height"),
    [(1e6, 1e6), (1e6, 1), (1, 1e6), (3, 1e5), (1e-3, 1e-3), (1e30, 1e30), (200, 14400)],
)
def test_a_hostile_page_size_stays_within_bounds(width: float, height: float) -> None:
    try:
        drawn = picture(render_page(pdf(width, height), 0, width=10**7))
    except NotAPdf:
        return
    assert drawn.width * drawn.height <= MAX_PIXELS * 1.01
    assert drawn.width <= MAX_WIDTH


@settings(deadline=None)
@given(st.integers(0, 900), st.integers(0, 900), st.binary(max_size=30))
def test_a_damaged_pdf_is_drawn_or_refused(start: int, end: int, noise: bytes) -> None:
    whole = pdf()
    with contextlib.suppress(NotAPdf, IndexError):
        assert picture(render_page(whole[:start] + noise + whole[end:], 0, width=50)).width <= 50


def test_threads_draw_at_once_and_get_their_own_page() -> None:
    colours = [(n % 2 * 255, n // 2 % 2 * 255, n // 4 % 2 * 255) for n in range(8)]

    def drawn(colour: tuple[int, ...]) -> object:
        fill = " ".join(str(part // 255) for part in colour)
        return picture(render_page(pdf(fill=fill), 0, width=60)).getpixel((30, 30))

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(drawn, colours * 5)) == colours * 5


def nested(times: int) -> bytes:
    """A page of forms in forms, each of which draws the next ten times: 2 KB, 10**times squares."""
    output = BytesIO()
    with pikepdf.new() as document:
        box = {"/Type": pikepdf.Name.XObject, "/Subtype": pikepdf.Name.Form, "/BBox": [0, 0, 9, 9]}
        form = document.make_stream(b"0 0 9 9 re f", box)
        for _ in range(times):
            inner = pikepdf.Dictionary(XObject=pikepdf.Dictionary(F=form))
            form = document.make_stream(b"/F Do " * 10, {**box, "/Resources": inner})
        page = document.add_blank_page(page_size=(9, 9))
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(F=form))
        page.Contents = document.make_stream(b"/F Do")
        document.save(output)
    return output.getvalue()


def test_a_page_that_takes_too_much_ends_the_process_that_draws_it_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bomb = nested(12)
    assert len(bomb) < 8_000 and picture(render_page(nested(2), 0, width=9)).size == (9, 9)
    monkeypatch.setattr(preview, "MOST_SECONDS", 0.5)
    with pytest.raises(NotAPdf, match="too much"):
        render_page(bomb, 0)
    monkeypatch.undo()
    assert picture(render_page(pdf(), 0, width=30)).width == 30
