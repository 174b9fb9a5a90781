"""Drawing a page of a PDF, in a process of its own: see preview.py.

PDFium decodes whatever a page says. Two kilobytes can ask for more memory than there is, and
PDFium then aborts the process it runs in: so it runs in none that anybody else needs.
"""

from __future__ import annotations

import math
import resource
import signal
import struct
import sys
from enum import IntEnum
from io import BytesIO

import pypdfium2  # type: ignore[import-untyped]
from PIL import Image

MAX_WIDTH = 3000
MAX_PIXELS = 12_000_000  # 36 MB as RGB, whatever size the page claims to have
MAX_SIDE = 12_000
MOST_MEMORY = 1536 * 1024 * 1024  # a page scanned in color at 600 dpi takes some 500 MB
ASKED = struct.Struct(">QqI")  # how long the PDF after it is, the page from 0, the width
ANSWERED = struct.Struct(">BQ")  # a Kind, and how long what it says is


class Kind(IntEnum):
    """What an answer is: a PNG, or why there is none."""

    PICTURE = 0
    NOT_DRAWN = 1
    NO_PAGE = 2


class Undrawable(ValueError):
    """The PDF or its page cannot be drawn; the message says so to a person."""


def draw(data: bytes, page: int, width: int) -> bytes:
    """As PNG. Raises Undrawable, or IndexError where there is no such page."""
    output = BytesIO()
    _draw(data, page, width).save(output, "PNG", compress_level=3)
    return output.getvalue()


def _draw(data: bytes, page: int, width: int) -> Image.Image:
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise Undrawable("The PDF is damaged or protected and cannot be shown.") from error
    try:
        return _draw_page(document, page, width)
    except pypdfium2.PdfiumError as error:
        raise Undrawable("This page is damaged and cannot be shown.") from error
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
        raise Undrawable("This page has no size and cannot be shown.")
    scale = min(width / page_width, math.sqrt(MAX_PIXELS / (page_width * page_height)))
    # A thread-thin page rounds up to whole pixels across: bound its length by itself.
    return min(scale, MAX_SIDE / max(page_width, page_height))


def _answer(data: bytes, page: int, width: int) -> tuple[Kind, bytes]:
    try:
        return Kind.PICTURE, draw(data, page, width)
    except IndexError as error:
        return Kind.NO_PAGE, str(error).encode()
    except Undrawable as error:
        return Kind.NOT_DRAWN, str(error).encode()


def _main() -> None:
    """Draw what is asked for on standard input until it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who asks
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    asks, answers = sys.stdin.buffer, sys.stdout.buffer
    while head := asks.read(ASKED.size):
        size, page, width = ASKED.unpack(head)
        kind, said = _answer(asks.read(size), page, width)
        answers.write(ANSWERED.pack(kind, len(said)) + said)
        answers.flush()


if __name__ == "__main__":
    _main()
