"""Downloads of many reports: asked for, made, fetched, destroyed after a day."""

from __future__ import annotations

from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from clearwork.database.models import TenantForeignKey, TenantModel
from clearwork.exports.rules import ExportState, Form, Of, Reason, What
from clearwork.foundation import clock


class Export(TenantModel):
    """One download of many reports or authorizations, by one person, for that person alone.

    `chosen` are the ids of those asked for, in order; `included` those in the file;
    `left_out` pairs of an id and why (rules.Reason). `unavailable`: how many ids were asked
    for that are none of theirs. `attempt` counts how often a worker took it up.
    """

    made_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    of = models.CharField(max_length=20, choices=Of.choices(), default=Of.REPORTS)
    form = models.CharField(max_length=3, choices=Form.choices())
    what = models.CharField(max_length=8, choices=What.choices())
    state = models.CharField(max_length=10, choices=ExportState.choices())
    chosen = ArrayField(models.UUIDField())
    included = ArrayField(models.UUIDField(), default=list)
    left_out = models.JSONField(default=list)
    unavailable = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    attempt = models.PositiveIntegerField(default=0)
    size = models.PositiveBigIntegerField(default=0)
    note = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    finished_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    downloaded_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(
                fields=("employer", "made_by", "-created_at", "-id"), name="export_newest_own"
            ),
            models.Index(
                fields=("expires_at",),
                condition=~models.Q(state=ExportState.EXPIRED),
                name="export_expires",
            ),
        )

    @property
    def total(self) -> int:
        return len(self.chosen)

    @property
    def percent(self) -> int:
        return 100 * self.done // max(self.total, 1)

    @property
    def named(self) -> list[UUID]:
        """The papers in its file, and those it says were left out and whose; not the others it
        only counts."""
        told = [UUID(pk) for pk, reason in self.left_out if reason != Reason.GONE]
        return [*self.included, *told]

    @property
    def file_name(self) -> str:
        """Without a person's name: it stands in the browser's list of downloads."""
        day = timezone.localdate(self.created_at)
        return f"{self.of}-{day}-{len(self.included)}.{self.form}"


class ExportPart(TenantModel):
    """A stretch of an export's file, sealed: so neither writing nor reading holds all of it.

    The row is there before the document is: whatever was stored is found and destroyed.
    """

    export = TenantForeignKey(Export, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    document = models.CharField(max_length=200)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("employer", "export", "number"), name="export_part_once"
            ),
        )
