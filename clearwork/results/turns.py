"""One at a time: whoever takes in, files, corrects or removes the reports of an order.

Two transactions of the same instant do not see each other: an original and its correction would
both stand, and the correction of a report just received in error would be in sight.
"""

from __future__ import annotations

from collections.abc import Iterable

from clearwork.database import fast
from clearwork.results.models import Report

_TAKE = """
    SELECT pg_advisory_xact_lock(hashtextextended(one, 1)) FROM unnest(%s::text[]) AS one
"""


def take(orders: Iterable[str]) -> None:
    """Wait until nobody else is at these orders, and keep others waiting until the commit.

    An order is its number; of a walk-in, the employee's id. In sorted order, so that two who wait
    for each other's wait in one direction. What is asked afterwards sees what the others did.
    """
    if keys := sorted(set(orders)):
        fast.execute(_TAKE, [keys])


def take_of(reports: Iterable[Report]) -> None:
    """The turn of the orders that these reports are of."""
    take(
        each.authorization.number if each.authorization else str(each.employee_id)
        for each in reports
    )
