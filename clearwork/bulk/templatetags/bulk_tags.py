"""What the row editor shows of a row."""

from __future__ import annotations

from collections.abc import Mapping

from django import template

from clearwork.bulk.models import BatchRow
from clearwork.bulk.queries import Shown
from clearwork.bulk.rules import DOUBTS
from clearwork.sheets.headers import Field

register = template.Library()
_WHO = ("employee_number", "last_name", "first_name", "date_of_birth", "worksite")


@register.filter
def is_edited(field: Field, shown: Shown) -> bool:
    """Whether the editor has a box for it: who it is, and whatever is wrong."""
    return field.key in _WHO or bool(problem_of(field, shown.row))


@register.filter
def problem_of(field: Field, row: BatchRow) -> str:
    return next((text for key, text in row.problems if key == field.key), "")


@register.filter
def text_of(texts: Mapping[str, str], field: Field) -> str:
    return texts.get(field.key, "")


@register.filter
def is_doubtful(row: BatchRow) -> bool:
    """Something about it may be left as it is, once it was seen."""
    return row.accepted or any(key in DOUBTS for key, _ in row.problems)
