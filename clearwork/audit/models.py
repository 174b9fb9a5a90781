"""Who saw and did what. Append-only for the application's role; sealed by a hash chain."""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from clearwork.foundation import clock
from clearwork.foundation.ids import uuid7


class AuditEvent(models.Model):
    """One thing one actor did to one subject. Ids only: never a name or a date of birth.

    The table also has `txid xid8`, the writing transaction, which orders the chain.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = models.DateTimeField(default=clock.now)
    action = models.CharField(max_length=60)
    employer_id = models.UUIDField(null=True)
    center_id = models.UUIDField(null=True)
    actor_id = models.UUIDField(null=True)
    actor_kind = models.CharField(max_length=20)
    subject_id = models.UUIDField(null=True)
    detail = models.JSONField(default=dict)

    class Meta:
        indexes = (
            models.Index(
                fields=(
                    "employer_id",
                    "subject_id",
                ),
                name="audit_subject",
            ),
            BrinIndex(fields=("at",), name="audit_at"),
        )


class AuditSeal(models.Model):
    """The chain's digest over all events of transactions before `below_txid`."""

    at = models.DateTimeField(default=clock.now)
    below_txid = models.BigIntegerField(unique=True)
    events = models.IntegerField()
    digest = models.BinaryField(max_length=32)
