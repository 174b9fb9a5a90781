"""What a PDF is, before it is accepted. The bytes are read, never altered."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

import pikepdf
from pikepdf.settings import set_qpdf_limits

# A few megabytes may unpack to gigabytes. Only what lists a PDF's objects is ever unpacked here.
MOST_UNPACKED = 128 * 1024 * 1024
set_qpdf_limits(flate_max_memory=MOST_UNPACKED, run_length_max_memory=MOST_UNPACKED)
_HEADER_WITHIN = 1024  # readers accept "%PDF-" after this much leading rubbish


class NotAPdf(ValueError):
    """The bytes are not a PDF a person could read; the message says why, for that person."""


@dataclass(frozen=True)
class PdfFacts:
    """What is worth knowing of a PDF that opens."""

    pages: int
    encrypted: bool
    tagged: bool
    title: str


def inspect_pdf(data: bytes) -> PdfFacts:
    """The facts of the PDF in `data`. Raises NotAPdf, and nothing else, where it is none."""
    if not data:
        raise NotAPdf("The file is empty.")
    if b"%PDF-" not in data[:_HEADER_WITHIN]:
        raise NotAPdf("The file is not a PDF.")
    try:
        facts = _facts(data)
    except pikepdf.PasswordError:
        raise NotAPdf("The PDF is protected by a password. Save it without one.") from None
    except Exception as error:  # a hostile file reaches any corner of the parser
        raise NotAPdf("The PDF is damaged and cannot be opened.") from error
    if facts.pages < 1:
        raise NotAPdf("The PDF is damaged: it has no pages.")
    return facts


def _facts(data: bytes) -> PdfFacts:
    with pikepdf.open(BytesIO(data), suppress_warnings=True) as pdf:
        pages = len(pdf.pages)
        return PdfFacts(pages, bool(pdf.is_encrypted), _is_tagged(pdf), _title(pdf))


def _is_tagged(pdf: pikepdf.Pdf) -> bool:
    mark_info = pdf.Root.get("/MarkInfo")
    marked: object = mark_info.get("/Marked") if isinstance(mark_info, pikepdf.Dictionary) else None
    return marked is True


def _title(pdf: pikepdf.Pdf) -> str:
    information = pdf.trailer.get("/Info")
    title = information.get("/Title") if isinstance(information, pikepdf.Dictionary) else None
    return str(title).strip() if isinstance(title, pikepdf.String) else ""
