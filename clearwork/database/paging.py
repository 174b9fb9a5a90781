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
    ordered = listed.order_by(f"-{field}", "-id")
    if cursor := _read(after):
        at, pk = cursor
        # The first condition is implied by the second, but the index can use it.
        ordered = ordered.filter(
            Q(**{f"{field}__lte": at}),
            Q(**{f"{field}__lt": at}) | Q(**{field: at, "id__lt": pk}),
        )
    rows = list(ordered[: PAGE_SIZE + 1])
    if len(rows) <= PAGE_SIZE:
        return Page(rows, "")
    last = rows[PAGE_SIZE - 1]
    return Page(rows[:PAGE_SIZE], f"{getattr(last, field).isoformat()}_{last.pk}")


def _read(cursor: str) -> tuple[datetime, UUID] | None:
    at, _, pk = cursor.partition("_")
    try:
        moment = datetime.fromisoformat(at)
        return (moment.astimezone(UTC), UUID(pk)) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None
