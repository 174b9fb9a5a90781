"""Pages of a long list, newest first, that cost the same however deep one goes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db.models import Model, Q, QuerySet

PAGE_SIZE = 25


@dataclass(frozen=True)
class Page[M: Model]:
    """`next` continues after the last row; "" on the last page."""

    rows: list[M]
    next: str


def newest_page[M: Model](listed: QuerySet[M], field: str, after: str) -> Page[M]:
    """The page after the cursor; the first for "" or a cursor that makes no sense."""
    return _page(newest_after(listed, field, after), field)


def newest_page_by_id[M: Model](listed: QuerySet[M], field: str, after: str) -> Page[M]:
    """The same by the ids alone, which sort by when they were made (RFC 9562, version 7).

    For rows that are found through an index of another table, which knows their ids.
    """
    place, ordered = _read(after), listed.order_by("-id")
    return _page(ordered.filter(id__lt=place[1]) if place else ordered, field)


def _page[M: Model](ordered: QuerySet[M], field: str) -> Page[M]:
    rows = list(ordered[: PAGE_SIZE + 1])
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
