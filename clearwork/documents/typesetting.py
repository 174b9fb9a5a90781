"""Documents set by typst: tagged PDF/UA-1, from a template and data.

Data reaches the template as JSON in `sys.inputs.data`, never as markup, so that a
name holding `#` or `*` is printed as it is. A template starts with:

    #import "/documents/templates/house.typ": faces, flowing
    #let data = json(bytes(sys.inputs.data))
    #set text(font: faces)
"""

from __future__ import annotations

import json
import logging
import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from io import BytesIO
from pathlib import Path

import segno
import typst

logger = logging.getLogger(__name__)

_APPS = Path(__file__).resolve().parents[1]  # what a template may import from
# Typst reads TrueType and OpenType files, which web font packages seldom carry.
_PACKAGES = _APPS.parent / "node_modules"
_FONT_FOLDERS = (
    *(_PACKAGES / "@expo-google-fonts/inter" / w for w in ("400Regular", "600SemiBold", "700Bold")),
    _PACKAGES / "@embedpdf/fonts-sc/fonts",
)
_NO_GLYPH = re.compile(r'the text `"((?:\\.|[^"\\])+)"` could not be displayed')
_ESCAPE = re.compile(r"\\u\{([0-9a-f]+)\}|\\(.)")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_ATTEMPTS = 8  # typst names the characters no font has, at times not all at once


class TypesettingFailure(RuntimeError):
    """The template does not compile; the message is typst's and quotes the template alone."""


def typeset(
    template: Path, data: Mapping[str, object], *, timestamp: datetime | None = None
) -> bytes:
    """The PDF of `template` filled with `data` (anything JSON can hold).

    With `timestamp` as its time of creation the same data gives the same bytes.
    Characters no font on this machine has are set as □, since PDF/UA allows none missing.
    Raises TypesettingFailure, or FileNotFoundError without the template.
    """
    text = json.dumps(_printable(data), ensure_ascii=False)
    for _ in range(_ATTEMPTS):
        try:
            return _compile(template, text, timestamp)
        except typst.TypstError as error:
            if not (missing := _without_glyph(error)):
                raise TypesettingFailure(f"{template.name}: {error.message}") from None
        logger.warning("%s: no font for %d characters", template.name, len(missing))
        text = text.translate({ord(character): _stand_in(character) for character in missing})
    raise TypesettingFailure(f"{template.name}: too many characters without a font")


def qr_svg(text: str) -> str:
    """A QR code of `text` as an SVG image, titled for screen readers, error correction M."""
    output = BytesIO()
    segno.make_qr(text, error="m").save(
        output, kind="svg", title=f"QR code of {text}", border=2, xmldecl=False, omitsize=True
    )
    return output.getvalue().decode("utf-8").strip()


def _compile(template: Path, text: str, timestamp: datetime | None) -> bytes:
    return typst.compile(
        template,
        root=_APPS if template.is_relative_to(_APPS) else None,
        font_paths=_fonts(),
        sys_inputs={"data": text},
        pdf_standards="ua-1",
        timestamp=timestamp,
    )


@cache
def _fonts() -> typst.Fonts:
    """Every font at hand, read once: installed by npm, the system's, and typst's own."""
    return typst.Fonts(font_paths=[folder for folder in _FONT_FOLDERS if folder.is_dir()])


def _printable(value: object) -> object:
    """The same value without control characters and lone surrogates in its strings."""
    if isinstance(value, str):
        return _UNPRINTABLE.sub("", value)
    if isinstance(value, Mapping):
        return {key: _printable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_printable(item) for item in value]
    return value


def _without_glyph(error: typst.TypstError) -> set[str]:
    """The characters typst found no font for, read from its diagnostics.

    It names whole clusters; the ASCII letter under a rare accent is not what is missing.
    """
    found = _NO_GLYPH.findall(error.diagnostic) + _NO_GLYPH.findall(error.message)
    clusters = "".join(_ESCAPE.sub(_unescaped, escaped) for escaped in found)
    return {character for character in clusters if not character.isascii()}


def _unescaped(escape: re.Match[str]) -> str:
    code, plain = escape.groups()
    return chr(int(code, 16)) if code else str(plain)


def _stand_in(character: str) -> str:
    return "" if unicodedata.category(character)[0] in "CM" else "\u25a1"
