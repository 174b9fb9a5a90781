"""A page of a PDF as a picture."""

from __future__ import annotations

import math
from io import BytesIO
from threading import Lock

import pypdfium2  # type: ignore[import-untyped]
from PIL import Image

from clearwork.documents.inspect import NotAPdf

MAX_WIDTH = 3000
MAX_PIXELS = 12_000_000  # 36 MB as RGB, whatever size the page claims to have
MAX_SIDE = 12_000
_pdfium = Lock()  # PDFium is not thread-safe, not even between documents


def render_page(data: bytes, page: int, *, width: int = 1100) -> bytes:
    """Page `page` (the first is 0) as PNG, `width` pixels wide, less where it is very long.

    Raises NotAPdf where `data` cannot be opened or drawn, IndexError where it has no
    such page.
    """
    with _pdfium:
        picture = _draw(data, page, min(max(width, 1), MAX_WIDTH))
    output = BytesIO()
    picture.save(output, "PNG", compress_level=3)
    return output.getvalue()


def _draw(data: bytes, page: int, width: int) -> Image.Image:
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise NotAPdf("The PDF is damaged or protected and cannot be shown.") from error
    try:
        return _draw_page(document, page, width)
    except pypdfium2.PdfiumError as error:
        raise NotAPdf("This page is damaged and cannot be shown.") from error
    finally:
        document.close()


def _draw_page(document: pypdfium2.PdfDocument, page: int, width: int) -> Image.Image:
    if not 0 <= page < len(document):
        raise IndexError(f"No page {page} among {len(document)}.")
    opened = document[page]
    try:
        page_width, page_height = opened.get_size()
        bitmap = opened.render(scale=_scale(page_width, page_height, width), rev_byteorder=True)
        try:
            picture: Image.Image = bitmap.to_pil().convert("RGB").copy()  # outlives the bitmap
        finally:
            bitmap.close()
    finally:
        opened.close()
    return picture


def _scale(page_width: float, page_height: float, width: int) -> float:
    """Pixels a point, so that the page is `width` wide and never above MAX_PIXELS."""
    if not (page_width > 0 and page_height > 0 and math.isfinite(page_width * page_height)):
        raise NotAPdf("This page has no size and cannot be shown.")
    scale = min(width / page_width, math.sqrt(MAX_PIXELS / (page_width * page_height)))
    # A thread-thin page rounds up to whole pixels across: bound its length by itself.
    return min(scale, MAX_SIDE / max(page_width, page_height))
