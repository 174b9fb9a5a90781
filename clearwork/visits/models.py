"""Visits to medical centers, and what they mean for someone's work."""

from __future__ import annotations

from django.db import models

from clearwork.database.models import TenantForeignKey, TenantModel
from clearwork.employers.rules import ReportKind
from clearwork.foundation import clock
from clearwork.visits.link_models import SupervisorLink
from clearwork.visits.rules import Duty, begins, is_overdue, when

__all__ = ["SupervisorLink", "Visit", "WorkStatus"]


class Visit(TenantModel):
    """One day at one center, for one authorization or, of a walk-in, for none.

    `arrived_at` is the earliest time a center spoke of; `services` are the names of what
    was done, as the center sent them.
    """

    employee = TenantForeignKey("people.Employee", related_name="+", db_index=False)
    authorization = TenantForeignKey(
        "authorizations.Authorization", related_name="+", null=True, db_index=False
    )
    center = models.ForeignKey(
        "centers.MedicalCenter", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    kind = models.CharField(max_length=12, choices=ReportKind.choices())
    visited_on = models.DateField()
    arrived_at = models.DateTimeField()
    checked_out_at = models.DateTimeField(null=True)
    services = models.JSONField(default=list)
    next_appointment = models.DateTimeField(null=True)
    # The privacy incident by which it is out of everyone's sight: received in error.
    incident_id = models.UUIDField(null=True)
    late_told_at = models.DateTimeField(null=True)  # that its report is late: see results.late

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("employer", "employee", "center", "kind", "visited_on", "authorization"),
                nulls_distinct=False,
                name="visit_once",
            ),
        )
        indexes = (
            models.Index(fields=("employer", "-arrived_at", "-id"), name="visit_newest"),
            models.Index(
                fields=("employer", "employee", "-arrived_at", "-id"), name="visit_by_employee"
            ),
            models.Index(
                fields=("employer", "center", "-arrived_at", "-id"), name="visit_by_center"
            ),
            models.Index(fields=("employer", "authorization"), name="visit_by_authorization"),
            models.Index(
                fields=("employer", "incident_id"),
                condition=models.Q(incident_id__isnull=False),
                name="visit_removed",
            ),
        )


class WorkStatus(TenantModel):
    """What a report said someone may do at work: never why. One row a report.

    The one in force is the last by `issued_at`, of each kind of visit, that its center still
    says: `is_current`, which the database keeps by itself (visits.0009). Beside it, limits after
    another injury that held when it was given (docs/adr/0023). `source_id` is the report; None
    in rows older than that column.
    """

    employee = TenantForeignKey("people.Employee", related_name="+", db_index=False)
    visit = TenantForeignKey(Visit, related_name="statuses", db_index=False)
    center = models.ForeignKey(
        "centers.MedicalCenter", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    kind = models.CharField(max_length=12, choices=ReportKind.choices())
    duty = models.CharField(max_length=12, choices=Duty.choices())
    restrictions = models.JSONField(default=list)
    starts = models.DateField()
    until = models.DateField(null=True)
    expected_return = models.DateField(null=True)
    issued_at = models.DateTimeField()
    received_at = models.DateTimeField(default=clock.now)
    fingerprint = models.CharField(max_length=32)
    source_id = models.UUIDField(null=True)
    incident_id = models.UUIDField(null=True)  # as of its visit
    # Since when its center says it no more: the report was withdrawn, or corrected.
    withdrawn_at = models.DateTimeField(null=True)
    is_current = models.BooleanField(default=True, db_default=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("employer", "source_id"), name="work_status_of_report"),
        )
        indexes = (
            models.Index(
                fields=("employer", "employee", "kind", "-issued_at", "-id"),
                name="work_status_latest",
            ),
            *(
                models.Index(
                    fields=("employer", "duty", day),
                    condition=models.Q(is_current=True),
                    name=f"work_status_{day}",
                )
                for day in ("until", "starts")
            ),
            models.Index(fields=("employer", "visit"), name="work_status_of_visit"),
        )

    until_then: WorkStatus | None = None  # of one that starts later: see queries.with_until_then

    @property
    def is_overdue(self) -> bool:
        return is_overdue(self.duty, self.until, clock.today())

    @property
    def when(self) -> str:
        """What matters today of its days, in words."""
        today = clock.today()
        return begins(self.starts, today) or when(self.duty, self.until, today)
