"""The table of settings in docs/operations.md: `python -m clearwork.config.reference` writes it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from clearwork.config.env import ROOT, Environment, variable

PAGE = ROOT / "docs/operations.md"
_TABLE = re.compile(r"(?<=<!-- settings -->\n).*?(?=<!-- /settings -->)", re.DOTALL)


def table() -> str:
    """Markdown: each setting, what it is, its default."""
    rows = ["| Setting | What it is | Default |", "|---|---|---|"]
    for name, field in Environment.model_fields.items():
        rows.append(f"| `{variable(name)}` | {field.description} | {_shown(field.default)} |")
    return "\n".join(rows) + "\n"


def with_table(page: str) -> str:
    return _TABLE.sub(lambda _: table(), page)


def _shown(default: Any) -> str:
    if default in ("", None, []):
        return "none"
    if isinstance(default, list):
        return ", ".join(_shown(item).strip("`") for item in default)
    if isinstance(default, Path):
        return f"`{default.relative_to(ROOT)}` beside the code"
    name = getattr(default, "name", None)  # a drug screen portal
    return str(name) if name else f"`{default}`"


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
