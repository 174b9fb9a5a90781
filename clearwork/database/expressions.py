"""Conditions that Django has no words for, or only slow ones."""

from __future__ import annotations

from django.db.models import BooleanField, F, Func, Value


class IsOneOf(Func):
    """Whether a column of ids is among these, written as PostgreSQL writes an array.

    One parameter however many they are; see fast.array_of().
    """

    arg_joiner = " = ANY ("
    template = "(%(expressions)s::uuid[]))"
    output_field = BooleanField()

    def __init__(self, column: str, ids: str) -> None:
        super().__init__(F(column), Value(ids))


class IsOneOfOnTheWay(IsOneOf):
    """The same, asked of each row that an index for something else comes by.

    For the first few of very many: PostgreSQL cannot know how soon enough of them come by,
    and would look for each id by itself, then sort what it found.
    """

    template = "(%(expressions)s::uuid[])) IS TRUE"
