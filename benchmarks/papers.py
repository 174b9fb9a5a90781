"""The PDFs that are sent: real, about 50 kB, each distinct."""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass
from functools import cache
from io import BytesIO

import pikepdf

from clearwork.demo.clinic import documents

SIZE = 50_000
_MARK = "\n% copy {:032x}\n"
_FACTS = {"number": "CW-BENCH", "given": "Maria", "family": "Garcia", "visit_date": "2026-06-01"}


@dataclass(frozen=True)
class Paper:
    """A document in its two halves: what all share, and the comment that makes it distinct.

    The shared half's length is a multiple of 3, so that the halves' base64 joins too.
    """

    shared: bytes
    mark: bytes

    @property
    def data(self) -> bytes:
        return self.shared + self.mark

    @property
    def mark_base64(self) -> bytes:
        return base64.b64encode(self.mark)


@cache
def shared() -> bytes:
    """A clinic's certificate with an attachment that makes it SIZE bytes, more or less."""
    pdf = pikepdf.open(BytesIO(documents.make("mec_dot_card", _FACTS)))
    output = BytesIO()
    pdf.save(output)
    filler = os.urandom(max(SIZE - output.tell() - 700, 16))
    pdf.attachments["readings.bin"] = pikepdf.AttachedFileSpec(pdf, filler, filename="readings.bin")
    output = BytesIO()
    pdf.save(output)
    data = output.getvalue()
    return data + b" " * (-len(data) % 3)


@cache
def shared_base64() -> bytes:
    return base64.b64encode(shared())


def paper(number: int) -> Paper:
    return Paper(shared(), _MARK.format(number).encode())
