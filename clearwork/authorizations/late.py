"""Open authorizations that need a person: late by their stage clock, not delivered, or of a
center that has closed."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from clearwork.access.decide import Viewer
from clearwork.authorizations import queries
from clearwork.authorizations.models import Authorization, Delivery
from clearwork.authorizations.rules import OPEN, WAITING, DeliveryState, Kind, State, target


def in_need(viewer: Viewer, now: datetime) -> QuerySet[Authorization]:
    """Those waiting longest first; `failed` says that the center could not be told."""
    told = Delivery.objects.filter(employer_id=viewer.employer_id)
    since = told.filter(
        authorization=OuterRef("authorization"), center=OuterRef("center"), id__gt=OuterRef("pk")
    )
    failed = told.filter(authorization=OuterRef("pk"), state=DeliveryState.FAILED)
    failed = failed.exclude(Exists(since.exclude(state=DeliveryState.WITHDRAWN)))
    on_the_way = Q(state__in=(State.SUBMITTED, State.DELIVERED))
    found = queries.authorizations(viewer).annotate(failed=Exists(failed))
    # All of them are open: said once more, an index that holds no other rows is read.
    lost = on_the_way & Q(failed=True) | Q(state__in=sorted(WAITING), center__is_active=False)
    needing = found.filter(late(now) | lost, state__in=sorted(OPEN))
    own = Authorization.objects.filter(employer_id=viewer.employer_id, pk=OuterRef("pk"))
    answered = Exists(queries.with_results(own))
    needing = needing.exclude(Q(state=State.CHECKED_IN) & answered)
    return needing.select_related("employee", "center").order_by("state_since", "id")


def late(now: datetime) -> Q:
    """As rules.stage says of one; centralized care waits for the employee alone."""
    found = Q(pk__in=())
    for state in State:
        for kind in Kind:
            if limit := target(state, kind):
                found |= Q(state=state, kind=kind, state_since__lt=now - limit)
    return found & (Q(center__isnull=False) | Q(state=State.CHECKED_IN))
