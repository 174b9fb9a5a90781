"""Pages of a long list that cost the same however deep one goes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import reduce
from typing import Any
from uuid import UUID

from django.db.models import DateTimeField, ExpressionWrapper, F, Model, Q, QuerySet
from django.db.models.expressions import OrderBy

PAGE_SIZE = 25

# Gives the rows with these ids, in any order.
type Whole[M: Model] = Callable[[Sequence[UUID]], Iterable[M]]


@dataclass(frozen=True)
class Page[M: Model]:
    """`next` continues after the last row; "" on the last page."""

    rows: list[M]
    next: str


@dataclass(frozen=True)
class Ordering:
    """What a list is sorted by: fields, a "-" before those that fall, the last one unique.

    `few`: all that fit are found and then sorted by the first field, a moment, rather than
    walked through in this order until enough fit.
    """

    fields: tuple[str, ...]
    few: bool = False

    def page[M: Model](
        self,
        listed: QuerySet[M],
        place: M | None,
        *,
        whole: Whole[M] | None = None,
        size: int = PAGE_SIZE,
    ) -> Page[M]:
        """The page after the row `place`, whose id is the page before's `next`; else the first.

        With `whole`, `listed` finds their ids alone: where an index holds all that is asked
        of a row, no other row is fetched.
        """
        found = self.after(listed, place) if place else listed.order_by(*self.fields)
        if self.few:
            found = found.order_by(*self._by_no_index())
        if whole is None:
            rows = list(found[: size + 1])
            return Page(rows[:size], str(rows[size - 1].pk) if len(rows) > size else "")
        ids = _ids(found, size)
        return Page(_rows(ids[:size], whole), str(ids[size - 1]) if ids[size:] else "")

    def _by_no_index(self) -> Iterator[OrderBy | str]:
        """The same order, the first field's moment in words that no index knows."""
        first, *rest = self.fields
        moment = ExpressionWrapper(F(_name(first)) + timedelta(0), output_field=DateTimeField())
        yield OrderBy(moment, descending=first.startswith("-"))
        yield from rest

    def after[M: Model](self, listed: QuerySet[M], place: M) -> QuerySet[M]:
        """The rows that come after this one, in order."""
        first, *_ = self.fields
        # The first condition is implied by the second, but the index can use it.
        bound = Q(**{f"{_name(first)}__{_past(first)}e": _value(place, first)})
        return listed.filter(bound, self._beyond(place)).order_by(*self.fields)

    def before[M: Model](self, listed: QuerySet[M], place: M) -> QuerySet[M]:
        """The rows that come before this one, the nearest first."""
        return Ordering(tuple(_turned(field) for field in self.fields)).after(listed, place)

    def _beyond(self, place: Model) -> Q:
        return reduce(Q.__or__, self._steps(place))

    def _steps(self, place: Model) -> Iterator[Q]:
        """Past the first field; or equal in it and past the second; and so on."""
        equal: dict[str, Any] = {}
        for field in self.fields:
            yield Q(**equal, **{f"{_name(field)}__{_past(field)}": _value(place, field)})
            equal[_name(field)] = _value(place, field)


def _ids(found: QuerySet[Any], size: int) -> list[UUID]:
    """Of one page, and of the next one's first row."""
    return list(found.values_list("pk", flat=True)[: size + 1])


def _rows[M: Model](ids: Sequence[UUID], whole: Whole[M]) -> list[M]:
    """In the order of their ids, without one that is gone since."""
    by_id = {row.pk: row for row in whole(ids)} if ids else {}
    return [by_id[pk] for pk in ids if pk in by_id]


def _name(field: str) -> str:
    return field.removeprefix("-")


def _past(field: str) -> str:
    return "lt" if field.startswith("-") else "gt"


def _turned(field: str) -> str:
    return field[1:] if field.startswith("-") else f"-{field}"


def _value(row: Model, field: str) -> Any:
    found: Any = row
    for part in _name(field).split("__"):
        found = getattr(found, part)
    return found


def newest_page[M: Model](
    listed: QuerySet[M], field: str, after: str, *, whole: Whole[M] | None = None
) -> Page[M]:
    """The page after the cursor; the first for "" or a cursor that makes no sense.

    `whole`: see Ordering.page.
    """
    return _page(newest_after(listed, field, after), field, whole)


def newest_page_by_id[M: Model](
    listed: QuerySet[M], field: str, after: str, *, whole: Whole[M] | None = None
) -> Page[M]:
    """The same by the ids alone, which sort by when they were made (RFC 9562, version 7).

    For rows that are found through an index of another table, which knows their ids.
    """
    place, ordered = _read(after), listed.order_by("-id")
    return _page(ordered.filter(id__lt=place[1]) if place else ordered, field, whole)


def _page[M: Model](ordered: QuerySet[M], field: str, whole: Whole[M] | None) -> Page[M]:
    rows = _rows(_ids(ordered, PAGE_SIZE), whole) if whole else list(ordered[: PAGE_SIZE + 1])
    if len(rows) <= PAGE_SIZE:
        return Page(rows, "")
    last = rows[PAGE_SIZE - 1]
    return Page(rows[:PAGE_SIZE], cursor(getattr(last, field), last.pk))


def newest_after[M: Model](listed: QuerySet[M], field: str, after: str) -> QuerySet[M]:
    """All rows after the cursor, newest first."""
    ordered = listed.order_by(f"-{field}", "-id")
    if (place := _read(after)) is None:
        return ordered
    at, pk = place
    # The first condition is implied by the second, but the index can use it.
    return ordered.filter(
        Q(**{f"{field}__lte": at}), Q(**{f"{field}__lt": at}) | Q(**{field: at, "id__lt": pk})
    )


def cursor(at: datetime, pk: UUID) -> str:
    """The place after the row of this time and id."""
    return f"{at.isoformat()}_{pk}"


def _read(after: str) -> tuple[datetime, UUID] | None:
    at, _, pk = after.partition("_")
    try:
        moment = datetime.fromisoformat(at)
        return (moment.astimezone(UTC), UUID(pk)) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None
