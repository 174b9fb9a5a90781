"""Code 128 (ISO/IEC 15417), code set B, as SVG: what a hand scanner at a front desk reads."""

from __future__ import annotations

from html import escape

_WIDTHS = (
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 "
    "122132 122231 113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 "
    "321221 312212 322112 322211 212123 212321 232121 111323 131123 131321 112313 132113 132311 "
    "211313 231113 231311 112133 112331 132131 113123 113321 133121 313121 211331 231131 213113 "
    "213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 111422 "
    "121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 "
    "241112 134111 111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 "
    "412121 111143 111341 131141 114113 114311 411113 411311 113141 114131 311141 411131 211412 "
    "211214 211232 2331112"
)
"""Of bar, space, bar, … of each symbol character, in modules (table 1)."""
_PATTERNS = _WIDTHS.split()
_START_B, _STOP, _CHECK_MODULUS = 104, 106, 103
_QUIET = 10  # modules of white before and after (4.3.2)
_FIRST, _LAST = " ", "~"  # what code set B has, lower-case letters included


def symbol_characters(text: str) -> list[int]:
    """Start, data, check and stop as values. ValueError for what code set B has not."""
    if not text or not all(_FIRST <= character <= _LAST for character in text):
        raise ValueError("Code 128 B takes printable ASCII, at least one character")
    data = [_START_B, *(ord(character) - ord(_FIRST) for character in text)]
    check = data[0] + sum(position * value for position, value in enumerate(data))
    return [*data, check % _CHECK_MODULUS, _STOP]


def code128_svg(text: str, *, height: int = 36) -> str:
    """The bar code as an SVG image, one module a unit wide, titled for screen readers."""
    widths = "".join(_PATTERNS[value] for value in symbol_characters(text))
    bars, at = [], _QUIET
    for index, width in enumerate(map(int, widths)):
        if index % 2 == 0:
            bars.append(f"M{at} 0h{width}v{height}h-{width}z")
        at += width
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {at + _QUIET} {height}"'
        f' shape-rendering="crispEdges"><title>Bar code of {escape(text)}</title>'
        f'<path d="{"".join(bars)}"/></svg>'
    )
