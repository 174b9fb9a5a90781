"""Drivers' medical certificates, as a MEC DOT card's coded values give them."""

from __future__ import annotations

from django.db import models

from clearwork.database.models import TenantForeignKey, TenantModel
from clearwork.foundation import clock
from clearwork.results.dot_rules import REGISTRY_LENGTH, Due, due


class DotCertificate(TenantModel):
    """A driver's certificate (form MCSA-5876; 49 CFR 391.43(h)), both days included.

    `registry_number` is the examiner's in the National Registry (49 CFR 390.107), where the
    center sent it; `limitations` such as "Wearing corrective lenses". `reminded` is the
    nearest notice given of it, in days: each is given once. `is_current`: the driver's last
    one that is in force, which the database keeps by itself (results.0012).
    """

    employee = TenantForeignKey("people.Employee", related_name="+", db_index=False)
    report = TenantForeignKey("results.Report", related_name="dot_certificates", db_index=False)
    center = models.ForeignKey(
        "centers.MedicalCenter", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    certified_from = models.DateField()
    expires = models.DateField()
    registry_number = models.CharField(max_length=REGISTRY_LENGTH, blank=True)
    limitations = models.JSONField(default=list)
    reminded = models.PositiveSmallIntegerField(null=True)
    is_current = models.BooleanField(default=True, db_default=True)

    class Meta:
        app_label = "results"
        constraints = (
            models.UniqueConstraint(fields=("employer", "report"), name="dot_certificate_once"),
        )
        indexes = (
            models.Index(
                fields=("employer", "expires", "id"),
                include=("employee", "center"),
                condition=models.Q(is_current=True),
                name="dot_expiring",
            ),
            models.Index(
                fields=("employer", "employee", "-certified_from", "-id"), name="dot_of_driver"
            ),
            models.Index(fields=("expires",), name="dot_reminder"),
        )

    @property
    def due(self) -> Due:
        return due(self.expires, clock.today())
