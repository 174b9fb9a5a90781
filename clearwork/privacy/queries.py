"""Reading what was reported, and legal holds, as the operator.

The employers' people report, and see no list; that a report of theirs is held they may know.
"""

from __future__ import annotations

from uuid import UUID

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from clearwork.privacy.models import LegalHold, PrivacyConcern, PrivacyIncident
from clearwork.privacy.rules import HoldOf


def incidents() -> QuerySet[PrivacyIncident]:
    """Those to decide first, the oldest of them first; then the decided, the latest first."""
    found = PrivacyIncident.objects.select_related("employer")
    return found.order_by("-state", "-decided_at", "reported_at", "id")


def concerns() -> QuerySet[PrivacyConcern]:
    """Of people who were not signed in, in the same order."""
    return PrivacyConcern.objects.order_by("-state", "-decided_at", "reported_at", "id")


def holds() -> QuerySet[LegalHold]:
    """Those in force first, the latest of them first; then the lifted."""
    listed = LegalHold.objects.select_related("employer")
    return listed.order_by(F("lifted_at").desc(nulls_first=True), "-placed_at", "-id")


def holding_reports() -> Exists:
    """For a query of reports: whether a hold keeps each, as its own, its employee's or all."""
    keeping = Q(of=HoldOf.EMPLOYER) | Q(subject_id__in=(OuterRef("employee_id"), OuterRef("pk")))
    in_force = LegalHold.objects.filter(keeping, lifted_at=None)
    return Exists(in_force.filter(employer_id=OuterRef("employer_id")))


def is_held(*, employer_id: UUID, employee_id: UUID, report_id: UUID) -> bool:
    """Whether a hold keeps this report."""
    keeping = Q(of=HoldOf.EMPLOYER) | Q(subject_id__in=(employee_id, report_id))
    return LegalHold.objects.filter(keeping, employer_id=employer_id, lifted_at=None).exists()


def hold_still() -> None:
    """Until the transaction ends nobody places a hold or lifts one, and who is about to waits.

    Asked before what is destroyed is looked at: else it goes beside a hold that was just placed.
    """
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE privacy_legalhold IN SHARE MODE")
