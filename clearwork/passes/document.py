"""The employee's pass as a PDF: one page to print, or to have where there is no connection."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from clearwork.documents.barcode import code128_svg
from clearwork.documents.typesetting import qr_svg, typeset
from clearwork.passes.content import Shown
from clearwork.passes.words import words

_TEMPLATE = Path(__file__).parent / "templates" / "pass.typ"


def render(seen: Shown, language: str) -> bytes:
    """Tagged (PDF/UA-1), in the reader's language."""
    own = words(language)
    environment = settings.ENVIRONMENT
    return typeset(
        _TEMPLATE,
        {
            "language": language,
            "words": own,
            "network": environment.network_name,
            "number": seen.number,
            "qr_svg": qr_svg(seen.number),
            "code128_svg": code128_svg(seen.number),
            "person": seen.person,
            "employer": f"{seen.employer} {seen.employer_phone}".strip(),
            "starts": seen.starts,
            "expires": seen.expires,
            "center": _center(seen),
            "steps": seen.steps,
            "services": seen.services,
            "bring": seen.bring,
            "prepare": seen.prepare,
        },
    )


def _center(seen: Shown) -> dict[str, str] | None:
    if seen.center is None:
        return None
    return {
        "name": seen.center.name,
        "address": seen.center.address,
        "phone": seen.center.phone,
        "hours": seen.hours,
    }
