"""Orders whose results came, and whose center never says that the visit is over.

Not every center's system sends a check-out. Such an order would stand as late for ever, though
nobody holds it any more: some days after its last report it is completed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import batched
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from clearwork.authorizations import ending
from clearwork.authorizations.models import Authorization
from clearwork.authorizations.rules import OPEN, State
from clearwork.database import scope
from clearwork.foundation import clock
from clearwork.results.models import Report

JOB = "results.finish"
QUIET = timedelta(days=7)
_A_RUN = 20_000
_NOTE = "Its results are there; the medical center sent no check-out."


def finish() -> int:
    """Complete what has been quiet since its last report; how many."""
    with scope.acting_as(scope.OPERATOR):
        found = list(_quiet(clock.now()).values_list("pk", flat=True)[:_A_RUN])
    return sum(_complete(ids) for ids in batched(found, ending.AT_ONCE))


def _complete(ids: Sequence[UUID]) -> int:
    with scope.acting_as(scope.OPERATOR):
        return ending.complete(_quiet(clock.now()).filter(pk__in=ids), note=_NOTE)


def _quiet(now: datetime) -> QuerySet[Authorization]:
    """Checked in, with a report that stands, and none in the last days."""
    came = Report.objects.filter(
        employer_id=OuterRef("employer_id"), authorization_id=OuterRef("pk"), incident_id=None
    )
    found = Authorization.objects.filter(
        Exists(came.filter(withdrawn_at=None)),
        ~Exists(came.filter(posted_at__gt=now - QUIET)),
        state=State.CHECKED_IN,
        state_since__lt=now - QUIET,
    )
    # Said once more, an index that holds open ones alone is read.
    return found.filter(state__in=sorted(OPEN)).order_by("state_since", "id")
