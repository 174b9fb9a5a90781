"""Result documents."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from clearwork.database.models import TenantForeignKey, TenantModel
from clearwork.employers.rules import ReportKind, ReportType
from clearwork.foundation import clock
from clearwork.results.dot_models import DotCertificate
from clearwork.results.outcomes import Outcome

__all__ = ["DotCertificate", "Report"]

_ASKED = ("center", "superseded_by", "incident_id")


class Report(TenantModel):
    """One result document. Its original bytes are stored encrypted and never altered.

    A `link` is a drug screen result's address at the laboratory: such a report has no
    document. `filler_number` is the center's own number of the order (ORC-3), by which a
    correction or a withdrawal finds the report it speaks of; `sent_at` is when the center
    sent it (MSH-7), which tells a correction from what it corrects, whichever came first.
    What is destroyed is a row without content.
    """

    # Without an index of their own: those below begin with the employer.
    employee = TenantForeignKey("people.Employee", related_name="+", db_index=False)
    authorization = TenantForeignKey(
        "authorizations.Authorization", related_name="reports", null=True, db_index=False
    )
    center = models.ForeignKey(
        "centers.MedicalCenter", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    report_type = models.CharField(max_length=40, choices=ReportType.choices())
    kind = models.CharField(max_length=12, choices=ReportKind.choices())
    title = models.CharField(max_length=200)
    visit_date = models.DateField()
    posted_at = models.DateTimeField(default=clock.now)
    document = models.CharField(max_length=200)
    sha256 = models.BinaryField(max_length=32)
    size = models.PositiveIntegerField()
    pages = models.PositiveIntegerField()
    link = models.CharField(max_length=500, blank=True, default="", db_default="")
    filler_number = models.CharField(max_length=199, blank=True, default="", db_default="")
    corrects = models.BooleanField(default=False, db_default=False)
    sent_at = models.DateTimeField(null=True)
    outcome = models.CharField(
        max_length=20, choices=Outcome.choices(), blank=True, default="", db_default=""
    )
    outcome_until = models.DateField(null=True)
    superseded_by = TenantForeignKey(
        "self", null=True, related_name="earlier_versions", db_index=False
    )
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_why = models.CharField(max_length=300, blank=True, default="", db_default="")
    restored_until = models.DateTimeField(null=True)
    restored_why = models.CharField(max_length=500, blank=True, default="", db_default="")
    held_at = models.DateTimeField(null=True)
    held_why = models.CharField(max_length=500, blank=True, default="", db_default="")
    destroyed_at = models.DateTimeField(null=True)
    # The privacy incident by which it is out of everyone's sight: received in error.
    incident_id = models.UUIDField(null=True)

    class Meta:
        # A search finds its page's ids in these alone: they hold what row-level security and
        # every list ask of a row, so that only the rows shown are fetched.
        indexes = (
            models.Index(
                fields=("employer", "-posted_at", "-id"),
                include=("employee", "kind", "visit_date", *_ASKED),
                name="report_newest",
            ),
            models.Index(
                fields=("employer", "-visit_date", "-id", "posted_at"),
                include=_ASKED,
                name="report_visited",
            ),
            models.Index(
                fields=("employer", "employee", "-posted_at", "-id"),
                include=_ASKED,
                name="report_employee",
            ),
            *(
                models.Index(
                    fields=("employer", filtered, "-posted_at", "-id"), name=f"report_by_{filtered}"
                )
                for filtered in ("center", "report_type")
            ),
            models.Index(fields=("employer", "authorization"), name="report_authorization"),
            models.Index(
                fields=("employer", "authorization"),
                condition=models.Q(corrects=True),
                name="report_corrections",
            ),
            models.Index(
                fields=("employer", "superseded_by"),
                condition=models.Q(superseded_by__isnull=False),
                name="report_versions",
            ),
            models.Index(
                fields=("employer", "restored_until"),
                condition=models.Q(restored_until__isnull=False),
                name="report_restored",
            ),
            models.Index(
                fields=("employer", "incident_id"),
                condition=models.Q(incident_id__isnull=False),
                name="report_removed",
            ),
            BrinIndex(fields=("visit_date",), name="report_age"),
        )

    is_opened = False  # by the viewer, see queries.mark_opened()

    def __str__(self) -> str:
        return self.title

    @property
    def standing(self) -> str:
        """What is to be known of it before one reads it, as a status; "" for most."""
        if self.destroyed_at:
            return "report_destroyed"
        if self.withdrawn_at:
            return "report_withdrawn"
        if self.superseded_by_id:
            return "report_superseded"
        return "report_held" if self.held_at else ""

    @property
    def outcome_now(self) -> str:
        """What it comes to, while it is the version in force: an Outcome, or "".

        Of a certificate that is over by now: `dot_expired`.
        """
        if not self.outcome or self.superseded_by_id or not self.is_readable:
            return ""
        is_over = self.outcome_until is not None and self.outcome_until < clock.today()
        return "dot_expired" if is_over else self.outcome

    @property
    def link_host(self) -> str:
        """Where the link leads, such as results.lab.example."""
        return urlsplit(self.link).hostname or ""

    @property
    def is_readable(self) -> bool:
        """Whether its content may be shown at all: not withdrawn, not destroyed."""
        return self.withdrawn_at is None and self.destroyed_at is None
