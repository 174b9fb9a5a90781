"""Reading what was reported, as the operator: the employers' people report, and see no list."""

from __future__ import annotations

from django.db.models import QuerySet

from clearwork.privacy.models import PrivacyConcern, PrivacyIncident


def incidents() -> QuerySet[PrivacyIncident]:
    """Those to decide first, the oldest of them first; then the decided, the latest first."""
    found = PrivacyIncident.objects.select_related("employer")
    return found.order_by("-state", "-decided_at", "reported_at", "id")


def concerns() -> QuerySet[PrivacyConcern]:
    """Of people who were not signed in, in the same order."""
    return PrivacyConcern.objects.order_by("-state", "-decided_at", "reported_at", "id")
