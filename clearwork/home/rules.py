"""The bars of a small chart. Pure: everything in the units of its picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 480, 140
_TOP, _GAP = 16, 8  # room for the highest bar's number; between bars


@dataclass(frozen=True)
class Bar:
    """One week. `words` is what stands above it, "" for nothing; `middle` its center line."""

    x: float
    y: float
    width: float
    height: float
    words: str

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 1)

    @property
    def above(self) -> float:
        return round(self.y - 4, 1)


def bars(values: Sequence[float | None], words: Sequence[str]) -> list[Bar]:
    """As wide as the picture, the highest reaching its top; None and 0 are no bar.

    >>> [bar.height for bar in bars([0, 1, 2], ["", "1", "2"])]
    [0.0, 62.0, 124.0]
    """
    step, most = WIDTH / max(len(values), 1), max([value or 0 for value in values], default=0)
    found = []
    for place, (value, said) in enumerate(zip(values, words, strict=True)):
        height = round((HEIGHT - _TOP) * (value or 0) / most, 1) if most else 0.0
        x = round(place * step + _GAP / 2, 1)
        found.append(Bar(x, round(HEIGHT - height, 1), round(step - _GAP, 1), height, said))
    return found
