"""Result documents."""

from __future__ import annotations

from django.db import models

from clearwork.database.models import TenantForeignKey, TenantModel
from clearwork.employers.rules import ReportKind, ReportType
from clearwork.foundation import clock


class Report(TenantModel):
    """One result document. Its original bytes are stored encrypted and never altered."""

    employee = TenantForeignKey("people.Employee", related_name="+")
    authorization = TenantForeignKey(
        "authorizations.Authorization", related_name="reports", null=True
    )
    center = models.ForeignKey("centers.MedicalCenter", on_delete=models.PROTECT, related_name="+")
    report_type = models.CharField(max_length=40, choices=ReportType.choices())
    kind = models.CharField(max_length=12, choices=ReportKind.choices())
    title = models.CharField(max_length=200)
    visit_date = models.DateField()
    posted_at = models.DateTimeField(default=clock.now)
    document = models.CharField(max_length=200)
    sha256 = models.BinaryField(max_length=32)
    size = models.PositiveIntegerField()
    pages = models.PositiveIntegerField()

    class Meta:
        indexes = (
            models.Index(
                fields=(
                    "employer",
                    "-posted_at",
                    "-id",
                ),
                name="report_newest",
            ),
            models.Index(
                fields=(
                    "employer",
                    "employee",
                    "-posted_at",
                ),
                name="report_employee",
            ),
            models.Index(
                fields=(
                    "employer",
                    "authorization",
                ),
                name="report_authorization",
            ),
        )

    def __str__(self) -> str:
        return self.title
