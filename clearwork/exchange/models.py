"""What centers sent us: every message once, and results no one could file yet."""

from __future__ import annotations

from django.db import models

from clearwork.foundation import clock
from clearwork.foundation.choices import LabelledEnum
from clearwork.foundation.ids import uuid7


class Outcome(LabelledEnum):
    """How a person settled what no one could file."""

    FILED = "filed", "Filed"
    RETURNED = "returned", "Returned to the center"
    DUPLICATE = "duplicate", "There already"


class InboundMessage(models.Model):
    """A message that was acknowledged. The same sender and control id is stored once."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    center = models.ForeignKey("centers.MedicalCenter", on_delete=models.PROTECT, related_name="+")
    control_id = models.CharField(max_length=199)
    message_type = models.CharField(max_length=7)
    received_at = models.DateTimeField(default=clock.now)
    ack_code = models.CharField(max_length=2)
    ack_text = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("center", "control_id"), name="inbound_once"),
        )


class HeldResult(models.Model):
    """A result document that fits no one person for certain: a person decides."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    center = models.ForeignKey("centers.MedicalCenter", on_delete=models.PROTECT, related_name="+")
    inbound = models.ForeignKey(InboundMessage, on_delete=models.PROTECT, related_name="held")
    why = models.CharField(max_length=200)
    number = models.CharField(max_length=199, blank=True)
    account_number = models.CharField(max_length=199, blank=True)
    family = models.CharField(max_length=200)
    given = models.CharField(max_length=200)
    date_of_birth = models.DateField(null=True)
    report_type = models.CharField(max_length=199)
    title = models.CharField(max_length=200)
    visit_date = models.DateField()
    document = models.CharField(max_length=200)
    sha256 = models.BinaryField(max_length=32)
    size = models.PositiveIntegerField()
    pages = models.PositiveIntegerField()
    link = models.CharField(max_length=500, blank=True, default="", db_default="")
    filler_number = models.CharField(max_length=199, blank=True, default="", db_default="")
    coded = models.JSONField(default=dict)  # hl7.coded.pack: what else it said
    corrects = models.BooleanField(default=False, db_default=False)
    sent_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(default=clock.now)
    filed_at = models.DateTimeField(null=True)  # or settled another way: see outcome
    outcome = models.CharField(
        max_length=12, choices=Outcome.choices(), blank=True, default="", db_default=""
    )
    decided_by_id = models.UUIDField(null=True)
    reason = models.CharField(max_length=500, blank=True, default="", db_default="")

    class Meta:
        indexes = (
            models.Index(
                fields=("received_at",),
                name="held_waiting",
                condition=models.Q(filed_at__isnull=True),
            ),
        )
